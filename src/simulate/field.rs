//! From sources in the heart to electrodes on the skin, and from electrodes to leads.
//!
//! The heart is a dipole in Frank's axes (x to the left, y down, z to the back; mV) whose potentials at the electrodes
//! are Dower's (Dower 1968, "A lead synthesizer for the Frank system"; Dower, Machado, Osborne 1980, Clin Cardiol
//! 3:87, DOI 10.1002/clc.1980.3.2.87), and six near sources, one under each precordial electrode, for what a dipole
//! cannot show (Brugada, Wellens, de Winter). Rows for V7–V9 and V3R–V6R are continued around the torso from Dower's
//! by us: plausible, not published. Swaps, loose electrodes and noise act on electrodes, as in life, so that
//! Einthoven's law holds whatever happens.

use crate::signal::LeadName;

/// What the heart gives at one moment: dipole x, y, z and the near sources under V1 … V6, mV.
pub type Source = [f64; 9];

/// Electrodes: right arm, left arm, left leg, right leg, V1 … V6, V7 V8 V9, V3R … V6R.
pub const ELECTRODES: usize = 17;
/// Right arm.
pub const RA: usize = 0;
/// Left arm.
pub const LA: usize = 1;
/// Left leg.
pub const LL: usize = 2;
/// Right leg: the reference electrode; electrically the legs are one place.
pub const RL: usize = 3;
/// V1; V2 … V6 follow.
pub const V1: usize = 4;

/// Dower's row of lead I.
const DOWER_I: [f64; 3] = [0.632, -0.235, 0.059];
/// Dower's row of lead II.
const DOWER_II: [f64; 3] = [0.235, 1.066, -0.132];
/// Chest electrodes against the mean of the limbs: Dower's V1 … V6, then V7 V8 V9 V3R V4R V5R V6R continued by us.
const CHEST: [[f64; 3]; 13] = [
    [-0.515, 0.157, -0.917],
    [0.044, 0.164, -1.387],
    [0.882, 0.098, -1.277],
    [1.213, 0.127, -0.601],
    [1.125, 0.127, -0.086],
    [0.831, 0.076, 0.230],
    [0.560, 0.060, 0.430],
    [0.320, 0.045, 0.560],
    [0.100, 0.030, 0.600],
    [-0.560, 0.145, -0.520],
    [-0.540, 0.130, -0.270],
    [-0.500, 0.110, -0.090],
    [-0.450, 0.095, 0.060],
];

/// The leads of [`CHEST`].
#[rustfmt::skip]
const CHEST_LEADS: [LeadName; 13] = [
    LeadName::V1, LeadName::V2, LeadName::V3, LeadName::V4, LeadName::V5, LeadName::V6, LeadName::V7,
    LeadName::V8, LeadName::V9, LeadName::V3R, LeadName::V4R, LeadName::V5R, LeadName::V6R,
];

/// Potential of each electrode per unit of each source, the limbs' mean being 0.
fn potentials() -> [Source; ELECTRODES] {
    let mut rows = [[0.0; 9]; ELECTRODES];
    for axis in 0..3 {
        let (i, ii) = (DOWER_I[axis], DOWER_II[axis]);
        rows[RA][axis] = -(i + ii) / 3.0;
        rows[LA][axis] = (2.0 * i - ii) / 3.0;
        rows[LL][axis] = (2.0 * ii - i) / 3.0;
        rows[RL][axis] = rows[LL][axis];
    }
    for (k, row) in CHEST.iter().enumerate() {
        rows[V1 + k][..3].copy_from_slice(row);
    }
    for near in 0..6 {
        rows[V1 + near][3 + near] = 1.0;
    }
    rows[V1 + 9][3] = 0.6; // V3R lies beside V1
    rows[V1 + 10][3] = 0.3;
    rows[V1 + 6][8] = 0.6; // V7 beside V6
    rows
}

/// The weights of the electrodes in a lead; `None` for a lead that is not made of these electrodes.
pub fn electrodes_of(lead: &LeadName) -> Option<[f64; ELECTRODES]> {
    let mut w = [0.0; ELECTRODES];
    let limbs = match lead {
        // the modified limb lead of ambulatory recordings (MLII) and unnamed single leads are close to II
        LeadName::II | LeadName::Other(_) => [-1.0, 0.0, 1.0],
        LeadName::I => [-1.0, 1.0, 0.0],
        LeadName::III => [0.0, -1.0, 1.0],
        LeadName::AvR => [1.0, -0.5, -0.5],
        LeadName::AvL => [-0.5, 1.0, -0.5],
        LeadName::AvF => [-0.5, -0.5, 1.0],
        LeadName::X | LeadName::Y | LeadName::Z => return None,
        chest => {
            w[V1 + CHEST_LEADS.iter().position(|l| l == chest)?] = 1.0;
            [-1.0 / 3.0; 3]
        }
    };
    w[..3].copy_from_slice(&limbs);
    Some(w)
}

/// Whether `lead` has nothing to show because one of its own electrodes (not just the chest leads' common reference)
/// has no contact.
pub fn is_off(lead: &LeadName, placement: &Placement) -> bool {
    electrodes_of(lead).is_some_and(|w| placement.off.iter().any(|&e| w.get(e).is_some_and(|w| w.abs() > 0.4)))
}

/// How the electrodes were put on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placement {
    /// Pairs of electrodes whose cables are exchanged, in order.
    pub swapped: Vec<(usize, usize)>,
    /// Electrodes that have no contact.
    pub off: Vec<usize>,
}

/// Row of each lead in terms of the sources, for electrodes put on as `placement` says. X, Y, Z show the dipole.
pub fn rows(leads: &[LeadName], placement: &Placement) -> Vec<Source> {
    let mut skin = potentials();
    for &(a, b) in &placement.swapped {
        if a < ELECTRODES && b < ELECTRODES {
            skin.swap(a, b);
        }
    }
    for &off in placement.off.iter().filter(|&&e| e < ELECTRODES) {
        skin[off] = [0.0; 9];
    }
    leads
        .iter()
        .map(|lead| {
            let mut row = [0.0; 9];
            if let Some(weights) = electrodes_of(lead) {
                for (w, electrode) in weights.iter().zip(&skin) {
                    for (r, e) in row.iter_mut().zip(electrode) {
                        *r += w * e;
                    }
                }
                if is_off(lead, placement) {
                    row = [0.0; 9];
                }
            } else {
                match lead {
                    LeadName::X => row[0] = 1.0,
                    LeadName::Y => row[1] = 1.0,
                    _ => row[2] = 1.0,
                }
            }
            row
        })
        .collect()
}

/// What `row` shows of `source`.
pub fn seen(row: &Source, source: &Source) -> f64 {
    row.iter().zip(source).map(|(r, s)| r * s).sum()
}
