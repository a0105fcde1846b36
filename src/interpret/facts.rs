//! What rules ask of a case: numbers by short names, leads that can be trusted, groups of leads, common facts.

use super::Case;
use crate::detect::BeatClass;
use crate::measure::{Global, Lead, Rhythm};
use crate::signal::LeadName as L;
use crate::text::{Text, text};

/// Names of the numbers, as printed in evidence.
#[allow(missing_docs)] // the wording is the documentation
pub mod name {
    use super::{Text, text};

    macro_rules! names {
        ($($id:ident = $zh:literal, $en:literal;)*) => { $(pub const $id: Text = text($zh, $en);)* };
    }

    names! {
        RATE = "心室率", "Ventricular rate";
        ATRIAL_RATE = "心房率", "Atrial rate";
        PR = "PR间期", "PR interval";
        DRIFT = "P波与QRS波相对位移", "Shift between P and QRS";
        PR_BEFORE = "漏搏前PR间期", "PR before the dropped beat";
        PR_AFTER = "漏搏后PR间期", "PR after it";
        PR_SD = "PR间期标准差", "SD of PR";
        P = "P波时限", "P duration";
        P_AMP = "P波振幅", "P amplitude";
        P_AXIS = "P电轴", "P axis";
        P_TERMINAL = "V1导联P波终末电势", "P terminal force in V1";
        P_PART = "有P波的心搏比例", "Beats with P wave";
        QRS = "QRS时限", "QRS duration";
        QRS_THIRD = "第三宽导联QRS时限", "QRS duration in the third widest lead";
        AXIS = "QRS电轴", "QRS axis";
        QT = "QT间期", "QT interval";
        QTC_BAZETT = "QTc间期（Bazett）", "QTc (Bazett)";
        QTC_FRAMINGHAM = "QTc间期（Framingham）", "QTc (Framingham)";
        QTC_FRIDERICIA = "QTc间期（Fridericia）", "QTc (Fridericia)";
        RR = "RR间期", "RR interval";
        LONGEST_RR = "最长RR间期", "Longest RR";
        SHORTEST_RR = "最短RR间期", "Shortest RR";
        RR_RANGE = "最长与最短RR间期之差", "Longest minus shortest RR";
        OWN_RANGE = "自身心搏RR间期之差", "RR of native beats, longest minus shortest";
        IRREGULARITY = "相邻RR间期变化（中位数）", "Beat-to-beat change of RR (median)";
        F_WAVES = "心房波频率", "Rate of the atrial waves";
        BEATS = "心搏总数", "Beats in all";
        EARLY = "期前收缩", "Premature complexes";
        IN_A_ROW = "连续心搏", "Beats in a row";
        PAIRS = "成对", "Couplets";
        TIMES = "连续出现", "Times in a row";
        SHAPES = "不同形态", "Shapes";
        ESCAPES = "逸搏", "Escape beats";
        FUSED = "融合波", "Fusion complexes";
        DROPPED = "未下传P波", "P waves not conducted";
        UNDULATING = "如同单一波动的时间比例", "Time that the leads swing like one wave";
        P_WAVES = "P波总数", "P waves in all";
        WITH_P = "跟随P波的起搏心搏", "Paced beats that follow a P wave";
        PACED = "起搏心搏", "Paced beats";
        SPIKES = "起搏脉冲", "Pacing spikes";
        LOST = "未夺获脉冲", "Spikes without capture";
        ODD_SPIKES = "感知不良脉冲", "Spikes despite own beats";
        RETROGRADE = "逆行P波", "Retrograde P waves";
        TURNS = "交替心搏", "Alternating beats";
        RATIO = "房室比例", "Atrial to ventricular rate";
        R_S = "R/S比值", "R/S ratio";
        ST_T = "ST/T比值", "ST/T ratio";
        SCORE = "Sgarbossa积分", "Sgarbossa score";
        R = "R波振幅", "R amplitude";
        R_LATE = "R'波振幅", "R' amplitude";
        S = "S波振幅", "S amplitude";
        Q = "Q波振幅", "Q amplitude";
        Q_MS = "Q波时限", "Q duration";
        ST = "ST段偏移（J点）", "ST level at J";
        T = "T波振幅", "T amplitude";
        J = "J波振幅", "J wave amplitude";
        U = "U波振幅", "U amplitude";
        ALTERNANS = "T波交替幅度", "T-wave alternans";
        ALTERNANS_NOISE = "噪声", "Noise";
        SUM = "电压之和", "Voltage sum";
        QRS_LIMB = "肢体导联最大QRS振幅", "Largest QRS in the limb leads";
        QRS_CHEST = "胸导联最大QRS振幅", "Largest QRS in the chest leads";
        QRS_MAX = "最大QRS振幅", "Largest QRS amplitude";
        AFTER_QRS = "距前一QRS起点", "After the preceding QRS onset";
        COUPLING = "联律间期", "Coupling interval";
        PAUSE = "长间歇", "Pause";
        NOISE = "噪声", "Noise";
        WANDER = "基线漂移", "Baseline wander";
        MAINS = "工频干扰", "Mains interference";
        FLAT = "无信号比例", "Part without signal";
        FULL = "达量程极限的采样", "Samples at the limit";
        QUALITY = "信号质量", "Signal quality";
        SECONDS = "记录时长", "Length";
        DURATION = "持续时间", "Duration";
        LEADS = "导联数", "Number of leads";
    }
}

/// The leads of the frontal territories and of the chest.
pub const INFERIOR: &[L] = &[L::II, L::III, L::AvF];
/// I and aVL.
pub const HIGH_LATERAL: &[L] = &[L::I, L::AvL];
/// I, aVL, V5, V6.
pub const LATERAL: &[L] = &[L::I, L::AvL, L::V5, L::V6];
/// V1 … V4.
pub const ANTERIOR: &[L] = &[L::V1, L::V2, L::V3, L::V4];
/// V1 … V6.
pub const CHEST: &[L] = &[L::V1, L::V2, L::V3, L::V4, L::V5, L::V6];
/// I … aVF.
pub const LIMB: &[L] = &[L::I, L::II, L::III, L::AvR, L::AvL, L::AvF];

/// Anatomically contiguous pairs of leads (AHA part VI: Cabrera order in the frontal plane, V1 … V6 in the chest).
pub const CONTIGUOUS: &[(L, L)] = &[
    (L::AvL, L::I),
    (L::II, L::AvF),
    (L::AvF, L::III),
    (L::II, L::III),
    (L::V1, L::V2),
    (L::V2, L::V3),
    (L::V3, L::V4),
    (L::V4, L::V5),
    (L::V5, L::V6),
    (L::I, L::V6),
    (L::V7, L::V8),
    (L::V8, L::V9),
];

/// Part of the beats that are ectopic from which the mean rate is not the basic rhythm's.
const MANY_ECTOPIC: f64 = 0.15;
/// Part of the intervals that must be the basic rhythm's own to tell its rate.
const OWN_INTERVALS: f64 = 0.35;
/// Residue after taking away the average beat from which the signal is unsteady, mV RMS: on 400 records of PTB-XL, LUDB and
/// `CinC` 2021 few but ventricular tachycardias lie above, a simulated electrode in motion at 0.2.
const UNSTEADY_MV: f64 = 0.15;
/// Least quality score of a lead whose amplitudes are believed.
const TRUSTED: f64 = 0.2;

/// One lead's amplitudes with absent waves as 0; depths are positive.
#[derive(Clone, Copy)]
pub struct Amp<'a>(pub &'a Lead);

impl Amp<'_> {
    /// R, mV.
    pub fn r(self) -> f64 {
        self.0.r_mv.map_or(0.0, |m| m.0)
    }
    /// R′, mV.
    pub fn r2(self) -> f64 {
        self.0.r2_mv.map_or(0.0, |m| m.0)
    }
    /// Depth of S, mV.
    pub fn s(self) -> f64 {
        self.0.s_mv.map_or(0.0, |m| -m.0)
    }
    /// Depth of Q, mV.
    pub fn q(self) -> f64 {
        self.0.q_mv.map_or(0.0, |m| -m.0)
    }
    /// Duration of Q, ms.
    pub fn q_ms(self) -> f64 {
        self.0.q_ms.map_or(0.0, |m| m.0)
    }
    /// Duration of R, ms.
    pub fn r_ms(self) -> f64 {
        self.0.r_ms.map_or(0.0, |m| m.0)
    }
    /// Duration of S, ms.
    pub fn s_ms(self) -> f64 {
        self.0.s_ms.map_or(0.0, |m| m.0)
    }
    /// P, mV.
    pub fn p(self) -> f64 {
        self.0.p_mv.map_or(0.0, |m| m.0)
    }
    /// T, mV.
    pub fn t(self) -> f64 {
        self.0.t_mv.map_or(0.0, |m| m.0)
    }
    /// Peak of an end-QRS notch, mV.
    pub fn j(self) -> f64 {
        self.0.j_mv.map_or(0.0, |m| m.0)
    }
    /// U, mV.
    pub fn u(self) -> f64 {
        self.0.u_mv.map_or(0.0, |m| m.0)
    }
    /// ST at J, mV.
    pub fn st(self) -> f64 {
        self.0.st_j_mv.map_or(0.0, |m| m.0)
    }
    /// ST at J + 80 ms, mV.
    pub fn st80(self) -> f64 {
        self.0.st_80_mv.or(self.0.st_60_mv).map_or(0.0, |m| m.0)
    }
    /// Largest positive deflection of QRS, mV.
    pub fn up(self) -> f64 {
        self.r().max(self.r2())
    }
    /// Depth of the deepest negative deflection of QRS, mV.
    pub fn down(self) -> f64 {
        self.q().max(self.s())
    }
    /// Peak to peak, mV.
    pub fn qrs(self) -> f64 {
        self.up() + self.down()
    }
    /// Whether the whole complex is negative.
    pub fn is_qs(self) -> bool {
        self.up() < 0.05 && self.down() >= 0.15
    }
}

impl<'a> Case<'a> {
    /// Global measurements.
    pub fn global(&self) -> &'a Global {
        &self.measurements.global
    }

    /// The rhythm's numbers.
    pub fn rhythm(&self) -> &'a Rhythm {
        &self.measurements.rhythm
    }

    /// Ventricular rate, bpm.
    pub fn rate(&self) -> Option<f64> {
        self.global().heart_rate_bpm.map(|b| b.0)
    }

    /// Class of beat `i`, as far as time and shape bear it out.
    pub fn class(&self, i: usize) -> Option<BeatClass> {
        self.rhythm().classes.get(i).copied()
    }

    /// Rate of the basic rhythm, bpm: by the intervals between its own beats where ectopic ones are many, else the
    /// ventricular rate.
    pub fn basic_rate(&self) -> Option<f64> {
        let n = self.rhythm().counts;
        let own = self.rhythm().sinus_rr_ms.map(|m| 60_000.0 / m.0);
        let many = (n.ventricular + n.supraventricular) as f64 >= MANY_ECTOPIC * n.all as f64;
        let own_beats = n.all - n.ventricular;
        let known = self.rhythm().own_intervals as f64 >= OWN_INTERVALS * own_beats as f64;
        if many && known { own.or(self.rate()) } else { self.rate() }
    }

    /// Whether the signal between the complexes strays so far that small waves and ST cannot be believed.
    pub fn unsteady(&self) -> bool {
        self.detection.atrial.residual_mv > UNSTEADY_MV
    }

    /// PR, ms.
    pub fn pr(&self) -> Option<f64> {
        self.global().pr_ms.map(|m| m.0)
    }

    /// QRS duration for conduction, ms: that which three leads reach. The global one (earliest onset, latest end over
    /// twelve leads) lies 8 ms above it in normal ECGs, more where one lead is misread, while the limits of 110 and
    /// 120 ms come from readers' widest leads. With fewer than six leads the global one.
    pub fn qrs(&self) -> Option<f64> {
        let (mut widest, mut leads) = ([f64::NEG_INFINITY; 3], 0);
        for own in self.measurements.leads.iter().filter_map(|l| l.qrs_ms) {
            leads += 1;
            let place = widest.partition_point(|w| *w >= own.0);
            if place < 3 {
                widest[place..].rotate_right(1);
                widest[place] = own.0;
            }
        }
        let global = self.global().qrs_duration_ms.map(|m| m.0);
        if leads < 6 { global } else { Some(global.map_or(widest[2], |g| widest[2].min(g))) }
    }

    /// Evidence with the QRS duration: the global one, as the report prints it, where it lies on the same side of the limits
    /// as that which decided; else that of the third widest lead, named so.
    pub fn qrs_told(&self, e: super::Evidence, from: f64, below: f64, limit: impl Into<String>) -> super::Evidence {
        let global = self.global().qrs_duration_ms.map(|m| m.0).filter(|q| (from..below).contains(q));
        match global {
            Some(q) => e.number(name::QRS, q, "ms", limit),
            None => e.number(name::QRS_THIRD, self.qrs().unwrap_or(0.0), "ms", limit),
        }
    }

    /// Frontal QRS axis, degrees.
    pub fn axis(&self) -> Option<f64> {
        self.global().qrs_axis_deg.map(|d| d.0)
    }

    /// A lead that was measured and whose signal can be trusted.
    pub fn amp(&self, name: &L) -> Option<Amp<'a>> {
        let row = self.recording.leads.iter().position(|l| l == name);
        let poor = row
            .and_then(|i| self.detection.quality.get(i))
            .is_some_and(|q| q.score < TRUSTED || q.flat > 0.5 || q.missing > 0.5);
        if poor {
            return None;
        }
        self.measurements.lead(name).filter(|l| l.qrs_ms.is_some() || l.r_mv.is_some() || l.q_mv.is_some()).map(Amp)
    }

    /// The leads of a list for which `test` holds.
    pub fn leads_where(&self, leads: &[L], test: impl Fn(&L, Amp<'a>) -> bool) -> Vec<L> {
        leads.iter().filter(|l| self.amp(l).is_some_and(|a| test(l, a))).cloned().collect()
    }

    /// Whether age is known and below `years`.
    pub fn younger_than(&self, years: f64) -> bool {
        self.patient.age.is_some_and(|a| a < years)
    }

    /// Whether the limits of adults hold (also where the age is unknown).
    pub fn adult(&self) -> bool {
        !self.younger_than(super::norms::ADULT_YEARS)
    }

    /// Number of the standard twelve leads that were measured.
    pub fn standard_leads(&self) -> usize {
        L::TWELVE.iter().filter(|l| self.recording.leads.contains(l)).count()
    }
}

/// Whether two of `leads` are contiguous.
pub fn contiguous(leads: &[L]) -> bool {
    CONTIGUOUS.iter().any(|(a, b)| leads.contains(a) && leads.contains(b))
}

/// The members of `leads` that have a contiguous neighbour in it.
pub fn with_neighbour(leads: &[L]) -> Vec<L> {
    let near = |l: &L| CONTIGUOUS.iter().any(|(a, b)| (a == l && leads.contains(b)) || (b == l && leads.contains(a)));
    leads.iter().filter(|l| near(l)).cloned().collect()
}

/// The part of the heart that leads look at, in a reader's words.
pub fn territory(leads: &[L]) -> Text {
    let any = |group: &[L]| group.iter().any(|l| leads.contains(l));
    let (septal, anterior) = (any(&[L::V1, L::V2]), any(&[L::V3, L::V4]));
    let (lateral, high) = (any(&[L::V5, L::V6]), any(HIGH_LATERAL));
    let chest = match (septal, anterior, lateral || high) {
        (true, true, true) => Some(("广泛前壁", "extensive anterior")),
        (true, true, false) => Some(("前间壁", "anteroseptal")),
        (true, false, false) => Some(("间壁", "septal")),
        (true, false, true) => Some(("间壁及侧壁", "septal and lateral")),
        (false, true, true) => Some(("前侧壁", "anterolateral")),
        (false, true, false) => Some(("前壁", "anterior")),
        (false, false, true) if !lateral => Some(("高侧壁", "high lateral")),
        (false, false, true) => Some(("侧壁", "lateral")),
        (false, false, false) => None,
    };
    match (chest, any(INFERIOR)) {
        (Some((zh, en)), true) => Text::of(format!("下壁及{zh}"), format!("inferior and {en}")),
        (Some((zh, en)), false) => text(zh, en),
        (None, true) => text("下壁", "inferior"),
        (None, false) => text("部位不定", "undetermined site"),
    }
}

/// How many leads of each region a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// V1, V2.
    pub septal: usize,
    /// V3, V4.
    pub mid_anterior: usize,
    /// V1 … V4.
    pub anterior: usize,
    /// V5, V6.
    pub chest_lateral: usize,
    /// I, aVL, V5, V6.
    pub lateral: usize,
    /// II, III, aVF.
    pub inferior: usize,
    /// V1 … V6.
    pub chest: usize,
}

impl Site {
    /// Counts.
    pub fn of(leads: &[L]) -> Self {
        let count = |group: &[L]| group.iter().filter(|l| leads.contains(l)).count();
        Self {
            septal: count(&[L::V1, L::V2]),
            mid_anterior: count(&[L::V3, L::V4]),
            anterior: count(ANTERIOR),
            chest_lateral: count(&[L::V5, L::V6]),
            lateral: count(LATERAL),
            inferior: count(INFERIOR),
            chest: count(CHEST),
        }
    }
}
