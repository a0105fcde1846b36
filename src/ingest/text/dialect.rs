//! Tables without a header that are known by their shape, and what is known of them from elsewhere.

use crate::signal::LeadName;
use crate::text::{Text, text};

/// Limb-lead algebra may be off by the rounding of whole numbers.
const ROUNDING: f64 = 1.01;

/// Rows that must obey the limb-lead algebra; a converter's saturation may break it in the others.
const OBEYING: f64 = 0.9;

/// What the shape of a table tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialect {
    /// Samples a second.
    pub rate: Option<f64>,
    /// Millivolts of a unit.
    pub scale: Option<f64>,
    /// Names of the columns after the sample index.
    pub leads: Vec<LeadName>,
    /// What is assumed, and why.
    pub note: Text,
}

/// Recognises a table by its columns (without the time or index column).
///
/// - Challenge 2011: sample index and twelve whole numbers, 5000 rows. PhysioNet/CinC Challenge 2011 gives 10 s at 500 Hz.
///   5 µV a unit: the median over the training set of V4's range is then 1.6 mV, as it should be; at 1 µV it were 0.3 mV.
///   aVF stands before aVL: of 105 records of the training set 89 obey the limb-lead algebra in this order only, 16 with
///   flat leads in both, none in the other one only.
/// - Contec ECG90A software: twelve columns of whole numbers, those of unconnected chest electrodes empty. Its SCP-ECG
///   export of the same ECG has the same numbers and says 5 µV a unit and 1250 µs a sample.
/// - Any other table of 12 columns in which III = II − I and aVR = −(I + II)/2: the leads are known, their scale is not.
pub fn recognise(columns: &[Vec<f32>], fields: usize, indexed: bool, rows: usize) -> Option<Dialect> {
    let whole = columns.iter().flatten().all(|v| v.is_nan() || v.fract() == 0.0);
    let empty = |c: &Vec<f32>| c.iter().all(|v| v.is_nan());
    if fields != 12 || columns.len() < 6 {
        return None;
    }
    let (usual, swapped) = (obeys(columns, false), obeys(columns, true));
    let challenge = indexed && whole && rows == 5000 && swapped;
    // With flat leads every order obeys, and no order follows.
    if !challenge && usual == swapped {
        return None;
    }
    let mut order = LeadName::TWELVE;
    if swapped {
        order.swap(4, 5);
    }
    let leads: Vec<LeadName> = order.into_iter().take(columns.len()).collect();
    let chest_empty = columns.iter().skip(6).all(empty);
    Some(if challenge {
        Dialect {
            rate: Some(500.0),
            scale: Some(0.005),
            leads,
            note: text(
                "按 PhysioNet/CinC 2011 挑战赛文本识别：500 Hz，12 导联（aVF 在 aVL 之前），每单位 5 µV",
                "recognised as PhysioNet/CinC Challenge 2011 text: 500 Hz, twelve leads (aVF before aVL), 5 µV a unit",
            ),
        }
    } else if !indexed && whole && chest_empty && usual {
        Dialect {
            rate: Some(800.0),
            scale: Some(0.005),
            leads,
            note: text(
                "按康泰（Contec）ECG90A 软件导出的 CSV 识别：800 Hz，每单位 5 µV（依据其同一心电图的 SCP 导出）",
                "recognised as CSV of Contec's ECG90A software: 800 Hz, 5 µV a unit (as its SCP export of the same ECG says)",
            ),
        }
    } else {
        Dialect {
            rate: None,
            scale: None,
            leads,
            note: text(
                "无表头；导联名称按各列之间的肢体导联关系（III = II − I、aVR = −(I + II)/2 等）推定",
                "no header; the leads were named by how the columns follow from each other (III = II − I, aVR = −(I + II)/2, …)",
            ),
        }
    })
}

/// Whether the first six columns are I, II, III, aVR, aVL, aVF (or aVF, aVL where `swapped`) by Einthoven's law (1912)
/// and Goldberger's definitions (1942).
fn obeys(columns: &[Vec<f32>], swapped: bool) -> bool {
    let [one, two, three, avr, fifth, sixth, ..] = columns else { return false };
    let (avl, avf) = if swapped { (sixth, fifth) } else { (fifth, sixth) };
    let (mut rows, mut obeying) = (0_usize, 0_usize);
    for (i, one) in one.iter().enumerate() {
        let at = |c: &Vec<f32>| c.get(i).map_or(f64::NAN, |v| f64::from(*v));
        let (one, two) = (f64::from(*one), at(two));
        let off = [
            at(three) - (two - one),
            at(avr) + f64::midpoint(one, two),
            at(avl) - (one - two / 2.0),
            at(avf) - (two - one / 2.0),
        ];
        if off.iter().all(|o| !o.is_nan()) {
            rows += 1;
            obeying += usize::from(off.iter().all(|o| o.abs() <= ROUNDING));
        }
    }
    rows > 0 && obeying as f64 >= OBEYING * rows as f64
}
