//! Where the rows of a page lie: evenly, and where their traces would cross or leave the grid, moved by as little as it
//! takes. Where not even all the room is enough, each pair of rows is brought as near as its share of the need.

use crate::report::page::{Point, Rect};
use crate::report::paper::Plan;

/// Width in which heights are compared, mm.
const BIN: f32 = 2.5;
/// Free between two rows' traces and at the grid's edge, mm.
const GAP: f32 = 0.5;
/// Two zero lines are not brought nearer than this part of an even row without need.
const NEAREST: f32 = 0.55;
/// Furthest from the edge that the first and the last zero line are moved for their traces where there is not room for
/// all, in even rows: what is higher is cut, or the other rows would have nothing left.
const FURTHEST: f32 = 5.0 / 6.0;
/// Least from a zero line to the lane of marks under it, mm.
const UNDER: f32 = 8.0;

/// How far a row's traces reach above and below its zero line in each bin of the field's width, mm.
struct Reach {
    up: Vec<f32>,
    down: Vec<f32>,
}

impl Reach {
    fn of<'a>(runs: impl Iterator<Item = &'a Vec<Point>>, field: Rect) -> Self {
        let bins = (field.w / BIN).ceil().max(1.0) as usize;
        let mut reach = Self { up: vec![0.0; bins], down: vec![0.0; bins] };
        let bin = |x: f32| (((x - field.x) / BIN).max(0.0) as usize).min(bins - 1);
        for run in runs {
            for pair in run.windows(2) {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                let at = |x: f32| if x1 > x0 { y0 + (y1 - y0) * ((x - x0) / (x1 - x0)).clamp(0.0, 1.0) } else { y1 };
                let (first, last) = (bin(x0), bin(x1));
                for n in first..=last {
                    let left = if n == first { y0 } else { at(field.x + n as f32 * BIN) };
                    let right = if n == last { y1 } else { at(field.x + (n + 1) as f32 * BIN) };
                    reach.up[n] = reach.up[n].max(-left.min(right));
                    reach.down[n] = reach.down[n].max(left.max(right));
                }
            }
        }
        reach
    }

    fn highest(&self) -> f32 {
        self.up.iter().copied().fold(0.0, f32::max)
    }

    fn lowest(&self) -> f32 {
        self.down.iter().copied().fold(0.0, f32::max)
    }

    /// How far the next row's zero line must be below this one's for their traces not to cross.
    fn above(&self, next: &Self) -> f32 {
        self.down.iter().zip(&next.up).map(|(down, up)| down + up).fold(0.0, f32::max) + GAP
    }
}

/// What the rows of a plan need, mm: over the first zero line, between each two, and under the last.
struct Needs {
    rows: Vec<Reach>,
    over: f32,
    apart: Vec<f32>,
    under: f32,
}

impl Needs {
    fn of(plan: &Plan, traces: &[Vec<Vec<Point>>], field: Rect, lane: f32) -> Self {
        let of =
            |zero: f32| plan.strips.iter().zip(traces).filter(move |(s, _)| s.y == zero).flat_map(|(_, runs)| runs);
        let rows: Vec<Reach> = plan.rows.iter().map(|zero| Reach::of(of(*zero), field)).collect();
        let least = field.h / rows.len().max(1) as f32 * NEAREST;
        let apart = |(n, pair): (usize, &[Reach])| {
            let free = if lane > 0.0 && plan.is_marked(n) {
                pair[0].lowest() + lane + pair[1].highest() + 2.0 * GAP
            } else {
                pair[0].above(&pair[1])
            };
            free.max(least)
        };
        Self {
            over: rows.first().map_or(0.0, Reach::highest) + GAP,
            apart: rows.windows(2).enumerate().map(apart).collect(),
            under: rows.last().map_or(0.0, Reach::lowest) + GAP + lane,
            rows,
        }
    }

    fn height(&self) -> f32 {
        self.over + self.apart.iter().sum::<f32>() + self.under
    }
}

/// Whether rows can be found for the traces so that none crosses another's or leaves the field.
pub fn fit(plan: &Plan, traces: &[Vec<Vec<Point>>], field: Rect) -> bool {
    Needs::of(plan, traces, field, 0.0).height() <= field.h
}

/// The plan with its rows moved, and the top of the lane, `lane` high, under each row that has one; `traces` are those of
/// its strips, heights against their zero lines.
pub fn fitted(plan: &Plan, traces: &[Vec<Vec<Point>>], field: Rect, lane: f32) -> (Plan, Vec<(usize, f32)>) {
    let mut plan = plan.clone();
    let mut needs = Needs::of(&plan, traces, field, lane);
    let even = field.h / needs.rows.len().max(1) as f32;
    let roomy = needs.height() <= field.h;
    let edge = |mm: f32| if roomy { mm } else { mm.min(even * FURTHEST) };
    let top = field.y + edge(needs.over);
    let bottom = field.bottom() - lane - edge(needs.under - lane);
    let wanted: f32 = needs.apart.iter().sum();
    if wanted > bottom - top {
        for mm in &mut needs.apart {
            *mm *= (bottom - top).max(0.0) / wanted;
        }
    }
    let mut rows = plan.rows.clone();
    for n in 0..rows.len() {
        let least = if n == 0 { top } else { rows[n - 1] + needs.apart[n - 1] };
        rows[n] = rows[n].max(least);
    }
    for n in (0..rows.len()).rev() {
        let most = rows.get(n + 1).map_or(bottom, |below| below - needs.apart[n]);
        rows[n] = rows[n].min(most);
    }
    let below = |n: usize| {
        let next = rows.get(n + 1).zip(needs.rows.get(n + 1));
        let last = next.map_or(field.bottom(), |(zero, reach)| zero - reach.highest() - GAP) - lane;
        (rows[n] + (needs.rows[n].lowest() + GAP).max(UNDER)).min(last).max(rows[n] + GAP)
    };
    let lanes = (0..rows.len()).filter(|&n| lane > 0.0 && plan.is_marked(n)).map(|n| (n, below(n))).collect();
    for strip in &mut plan.strips {
        if let Some(n) = plan.rows.iter().position(|zero| *zero == strip.y) {
            strip.y = rows[n];
        }
    }
    plan.rows = rows;
    (plan, lanes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paper::{Strip, Timing};
    use crate::signal::LeadName;

    fn rows(reach: &[(f32, f32)]) -> Vec<f32> {
        with_lane(reach, 0.0).0
    }

    /// Zero lines and lanes of rows of one stretch of time.
    fn with_lane(reach: &[(f32, f32)], lane: f32) -> (Vec<f32>, Vec<(usize, f32)>) {
        let field = Rect { x: 0.0, y: 50.0, w: 100.0, h: 100.0 };
        let even = field.h / reach.len() as f32;
        let zeros: Vec<f32> = (0..reach.len()).map(|n| field.y + (n as f32 + 0.5) * even).collect();
        let strip =
            |&y: &f32| Strip { lead: LeadName::II, inverted: false, x: 0.0, y, from: 0.0, seconds: 4.0, rhythm: true };
        let strips = zeros.iter().map(strip).collect();
        let plan = Plan { strips, rows: zeros, timing: Timing::Single, from: 0.0, to: 4.0 };
        let trace = |&(up, down): &(f32, f32)| vec![vec![(0.0, 0.0), (40.0, -up), (41.0, down), (99.0, 0.0)]];
        let traces: Vec<_> = reach.iter().map(trace).collect();
        let (fitted, lanes) = fitted(&plan, &traces, field, lane);
        assert!(fitted.strips.iter().zip(&fitted.rows).all(|(s, y)| s.y == *y));
        (fitted.rows, lanes)
    }

    #[test]
    fn rows_move_only_where_traces_would_cross() {
        assert_eq!(rows(&[(10.0, 5.0), (10.0, 5.0)]), [75.0, 125.0]);
        // The lower one reaches 45 mm up: both make room.
        let moved = rows(&[(10.0, 20.0), (45.0, 5.0)]);
        assert!(moved[1] - moved[0] >= 65.0 && moved[0] >= 60.0 && moved[1] <= 145.0, "{moved:?}");
        // No room for both: the lines stay inside, in order.
        let moved = rows(&[(90.0, 90.0), (90.0, 90.0)]);
        assert!(moved[0] > 50.0 && moved[0] < moved[1] && moved[1] < 150.0, "{moved:?}");
        assert_eq!(rows(&[]), Vec::<f32>::new());
    }

    #[test]
    fn the_lane_is_under_the_last_row_and_free() {
        assert_eq!(with_lane(&[(10.0, 5.0), (10.0, 5.0)], 5.0), (vec![75.0, 125.0], vec![(1, 133.0)]));
        let (moved, lanes) = with_lane(&[(10.0, 5.0), (10.0, 30.0)], 5.0);
        assert!(lanes[0].1 <= 145.0 && lanes[0].1 >= moved[1] + 30.0, "{moved:?} {lanes:?}");
        // What has no room is cut, the lane stays.
        assert_eq!(with_lane(&[(90.0, 90.0), (90.0, 90.0)], 5.0).1, [(1, 145.0)]);
    }
}
