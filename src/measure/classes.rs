//! Which class of a beat time and shape bear out: an ectopic beat that is neither early nor strange is an ordinary one, and
//! one that noise may have made is unclassifiable.

use super::rhythm::median;
use crate::detect::{BeatClass, Detection};
use crate::signal::Ms;

/// Part of the basic RR below which a beat is premature …
const PREMATURE: f64 = 0.92;
/// … in a lead or three, where noise alone changes shapes (chosen on `CinC` 2017: mean F1 77.1 %, with 0.80 and 0.75
/// 76.0 and 75.9 %).
const CLEARLY_PREMATURE: f64 = 0.85;
/// Leads up to which a recording is a monitor's or handheld's.
const FEW_LEADS: usize = 3;
/// An ordinary beat that comes before this part of the basic RR, after one that came in time, is a premature supraventricular one
/// where so many of the intervals are within this part of the basic RR: the classifier knows few junctional beats.
const SURELY_PREMATURE: f64 = 0.8;
const EVEN: f64 = 0.06;
const MOSTLY_EVEN: f64 = 0.6;
/// The neighbours of a complex that is none lie one basic RR apart within this part of it.
const UNDISTURBED: f64 = 0.12;
/// Part of the basic RR that follows an early beat at least.
const MAKES_A_PAUSE: f64 = 0.95;
/// Part of the basic RR that lies between the neighbours of an interpolated beat at most.
const INTERPOLATED: f64 = 1.25;
/// Residue between the complexes of a single lead from which odd shapes are noise, mV. Chosen on `CinC` 2017: ectopy was
/// seen in eight of its normal strips above this, and in two of the others.
const NOISE_MV: f64 = 0.2;

/// The shape group of most beats of ordinary class.
fn main_group(detection: &Detection) -> Option<usize> {
    let mut sizes = vec![0_usize; detection.beats.iter().map(|b| b.group + 1).max()?];
    for beat in detection.beats.iter().filter(|b| b.class == BeatClass::N) {
        sizes[beat.group] += 1;
    }
    (0..sizes.len()).filter(|&g| sizes[g] > 0).max_by(|&a, &b| sizes[a].cmp(&sizes[b]).then(b.cmp(&a)))
}

/// The classes that time and shape bear out: a supraventricular ectopic beat comes early; a ventricular one comes early,
/// differs from the dominant shape, or follows another. A strip's first beat has nothing to be early against: it must make
/// the pause of an early one. In a lead or three an early beat must be clearly so, after an ordinary beat or another of its
/// kind; a ventricular one must make a pause, a supraventricular one look like the others and disturb the rhythm: what the
/// basic beats pass by in time is an artefact.
pub(super) fn credible(detection: &Detection, rr: &[Option<Ms>]) -> Vec<BeatClass> {
    let beats = &detection.beats;
    let above = |i: usize| matches!(beats[i].class, BeatClass::N | BeatClass::S);
    let usual = (1..beats.len()).filter(|&i| above(i) && above(i - 1)).filter_map(|i| rr[i]).map(|m| m.0);
    let usual: Vec<f64> = usual.collect();
    let base = median(&usual);
    let even = base.is_some_and(|b| {
        let near = usual.iter().filter(|v| (*v / b - 1.0).abs() <= EVEN).count();
        // An early beat takes two intervals: its own and the pause.
        let early = usual.iter().filter(|v| *v / b < SURELY_PREMATURE).count();
        near as f64 >= MOSTLY_EVEN * usual.len().saturating_sub(2 * early) as f64 && near > early
    });
    let main = main_group(detection);
    let few = (1..=FEW_LEADS).contains(&detection.quality.len());
    let noise = detection.quality.len() == 1 && detection.atrial.residual_mv > NOISE_MV;
    let part = |i: usize| rr.get(i).copied().flatten().zip(base).map(|(m, b)| m.0 / b);
    let mut out: Vec<BeatClass> = Vec::with_capacity(beats.len());
    for (i, beat) in beats.iter().enumerate() {
        let before = i.checked_sub(1);
        let follows = before.is_some_and(|k| out[k] == beat.class);
        let after = |r: f64| r + before.filter(|k| out[*k] == BeatClass::V).and_then(part).unwrap_or(0.0);
        // A beat one basic RR after the last before an interpolated ventricular one comes in its own time.
        let timely = part(i).is_some_and(|r| after(r) > r && (PREMATURE..INTERPOLATED).contains(&after(r)));
        let early = part(i).is_some_and(|r| r < if few { CLEARLY_PREMATURE } else { PREMATURE }) && !timely;
        let strange = Some(beat.group) != main;
        let ordinary = before.is_some_and(|k| out[k] == BeatClass::N && Some(beats[k].group) == main);
        let pauses = part(i).zip(part(i + 1)).is_none_or(|(a, b)| a + b >= INTERPOLATED);
        let next = beats.get(i + 1).is_some_and(|n| n.class == beat.class);
        let bare = before.and_then(part).zip(part(i)).is_none_or(|(a, b)| b < CLEARLY_PREMATURE * a);
        let passed = part(i).zip(part(i + 1)).is_some_and(|(a, b)| (a + b - 1.0).abs() <= UNDISTURBED)
            && part(i + 2).is_none_or(|c| c >= CLEARLY_PREMATURE);
        let first = before.is_none() && !next && part(1).is_some_and(|r| r < MAKES_A_PAUSE);
        // A run of ventricular beats is one run: what follows at its pace in a strange shape is not supraventricular.
        let run = beat.class == BeatClass::S && strange && before.is_some_and(|k| out[k] == BeatClass::V);
        if run && part(i).is_some_and(|r| r < CLEARLY_PREMATURE) && !few {
            out.push(BeatClass::V);
            continue;
        }
        let after_timely = ordinary && before.and_then(part).is_some_and(|r| r >= PREMATURE);
        let surely = part(i).is_some_and(|r| r < SURELY_PREMATURE) && after_timely;
        if beat.class == BeatClass::N && surely && even && !strange && !few {
            out.push(BeatClass::S);
            continue;
        }
        let kept = match beat.class {
            BeatClass::S if few => early && !noise && !strange && (ordinary && bare && !passed || follows),
            BeatClass::S => early && (ordinary || follows || i > 1) || follows,
            BeatClass::V if few => early && strange && !noise && (ordinary && (pauses || next) || follows),
            BeatClass::V => !first && (early || follows || strange),
            _ => true,
        };
        // What noise may have made is no beat of the basic rhythm either: its intervals would look irregular.
        let doubtful =
            few && matches!(beat.class, BeatClass::V | BeatClass::S) && (noise || passed || strange && early);
        out.push(match (kept, doubtful) {
            (true, _) => beat.class,
            (false, true) => BeatClass::Q,
            (false, false) => BeatClass::N,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::detect::BeatClass;
    use crate::measure::rhythm::rhythm;
    use crate::measure::rhythm::tests::detection;

    #[test]
    fn ectopic_classes_need_time_or_shape() {
        use BeatClass::{N, S, V};
        let classes = [(400, N), (800, N), (1200, S), (1600, N), (1850, S), (2400, N), (2800, V), (3200, N)];
        let beats: Vec<_> = classes.iter().map(|&(at, class)| (at, class, true)).collect();
        let mut d = detection(&beats);
        assert_eq!(rhythm(&d).classes, [N, N, N, N, S, N, N, N]);
        d.beats[6].group = 1;
        assert_eq!(rhythm(&d).classes[6], V);
        // In one lead noise makes strange shapes: they must be early too.
        d.quality = vec![crate::detect::LeadQuality::default()];
        assert_eq!(rhythm(&d).classes[6], N);
    }

    #[test]
    fn after_an_interpolated_beat_the_next_comes_in_its_own_time() {
        use BeatClass::{N, S, V};
        let of = |next: usize| {
            let beats = [(400, N), (800, N), (1200, N), (1400, V), (next, S), (next + 400, N), (next + 800, N)];
            rhythm(&detection(&beats.map(|(at, class)| (at, class, true)))).classes[4]
        };
        assert_eq!((of(1620), of(1540)), (N, S));
    }

    #[test]
    fn in_one_lead_what_the_rhythm_passes_by_is_no_beat() {
        use BeatClass::{N, Q, S, V};
        let of = |beats: &[(usize, BeatClass, usize)], leads: usize| {
            let plain: Vec<_> = beats.iter().map(|&(at, class, _)| (at, class, true)).collect();
            let mut d = detection(&plain);
            d.beats.iter_mut().zip(beats).for_each(|(b, own)| b.group = own.2);
            d.quality = vec![crate::detect::LeadQuality::default(); leads];
            rhythm(&d).classes
        };
        let passed = [(400, N, 0), (800, N, 0), (1200, N, 0), (1420, S, 0), (1600, N, 0), (2000, N, 0), (2400, N, 0)];
        assert_eq!(of(&passed, 1)[3], Q);
        let premature = [(400, N, 0), (800, N, 0), (1200, N, 0), (1480, S, 0), (1960, N, 0), (2360, N, 0)];
        assert_eq!(of(&premature, 1)[3], S);
        let strange = premature.map(|(at, class, _)| (at, class, usize::from(class == S)));
        assert_eq!((of(&strange, 1)[3], of(&strange, 12)[3]), (Q, S));
        // A ventricular beat stands on an ordinary one; a strip's first makes a pause.
        let after = |group| [(400, N, 0), (800, N, group), (1060, V, 1), (1600, N, 0), (2000, N, 0), (2400, N, 0)];
        assert_eq!((of(&after(0), 1)[2], of(&after(2), 1)[2]), (V, Q));
        let first = |next| [(400, V, 1), (next, N, 0), (next + 400, N, 0), (next + 800, N, 0), (next + 1200, N, 0)];
        assert_eq!((of(&first(720), 12)[0], of(&first(900), 12)[0]), (N, V));
    }
}
