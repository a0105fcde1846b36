//! Named cases: the script of a patient as one row of data. Names are invented.

use super::field::{LA, LL, RA, RL, V1};
use super::{Script, rhythm, shapes};
use crate::signal::{Bpm, Hz, LeadName, Ms, Mv, Patient, Sex};
use crate::text::{Text, text};

/// A named case.
pub struct Case {
    /// Short stable name.
    pub id: &'static str,
    /// What it shows.
    pub name: Text,
    /// Sex and age in years.
    pub patient: (Sex, f64),
    /// The patient's (invented) name; empty = not said.
    pub called: &'static str,
    /// Rhythm by its id.
    pub rhythm: &'static str,
    /// Heart rate; 0 = the rhythm's usual one.
    pub bpm: f64,
    /// Morphologies by their ids.
    pub shapes: &'static [&'static str],
    /// What else is special.
    pub also: fn(&mut Script),
}

const M: Sex = Sex::Male;
const F: Sex = Sex::Female;

const fn nothing(_: &mut Script) {}

const fn case(
    id: &'static str,
    name: Text,
    patient: (Sex, f64),
    called: &'static str,
    rhythm: &'static str,
    bpm: f64,
    shapes: &'static [&'static str],
) -> Case {
    Case { id, name, patient, called, rhythm, bpm, shapes, also: nothing }
}

impl Case {
    const fn with(mut self, also: fn(&mut Script)) -> Self {
        self.also = also;
        self
    }

    /// The case called `id`.
    pub fn find(id: &str) -> Option<&'static Self> {
        CASES.iter().find(|c| c.id == id)
    }

    /// Its script: ten seconds, twelve leads, 500 Hz, a little noise, 1 µV steps. `None` only if the row names a rhythm
    /// or a morphology that does not exist (a test checks all rows).
    pub fn script(&self) -> Option<Script> {
        let mut script = Script::new(self.id, rhythm::find(self.rhythm)?);
        // a seed of its own: FNV-1a of the name
        script.seed =
            self.id.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)) >> 32;
        let (sex, age) = self.patient;
        script.patient = Patient {
            id: Some(format!("SIM{:06}", script.seed % 1_000_000)),
            name: (!self.called.is_empty()).then(|| self.called.to_string()),
            sex: Some(sex),
            age: Some(age),
            ..Patient::default()
        };
        script.start = Some(jiff::civil::date(2026, 3, 2).at(8, (script.seed % 60) as i8, 0, 0));
        script.bpm = (self.bpm > 0.0).then_some(Bpm(self.bpm));
        for id in self.shapes {
            script.shapes.push(shapes::find(id)?);
        }
        script.noise.wander = Mv(0.015);
        script.noise.muscle = Mv(0.004);
        script.noise.quantum_uv = 1.0;
        (self.also)(&mut script);
        Some(script)
    }
}

/// Every case.
#[rustfmt::skip]
pub static CASES: &[Case] = &[
    // normal
    case("normal-man", text("正常心电图（男）", "normal ECG, man"), (M, 42.0), "王建国", "sinus", 66.0, &[]),
    case("normal-woman", text("正常心电图（女）", "normal ECG, woman"), (F, 35.0), "李秀英", "sinus", 74.0, &[]),
    case("normal-old-man", text("正常心电图（老年男性）", "normal ECG, old man"), (M, 78.0), "赵德海", "sinus", 62.0, &[]),
    case("normal-newborn", text("正常心电图（新生儿）", "normal ECG, newborn"), (F, 0.01), "陈之女", "sinus", 138.0, &[]),
    case("normal-infant", text("正常心电图（婴儿）", "normal ECG, infant"), (M, 0.6), "周子轩", "sinus", 132.0, &[]),
    case("normal-child", text("正常心电图（4岁）", "normal ECG, child of four"), (F, 4.0), "刘雨欣", "sinus-arrhythmia", 102.0, &[]),
    case("normal-school-child", text("正常心电图（10岁）", "normal ECG, child of ten"), (M, 10.0), "吴浩然", "sinus-arrhythmia", 82.0, &[]),
    // sinus and atrial rhythms
    case("sinus-bradycardia", text("窦性心动过缓", "sinus bradycardia"), (M, 51.0), "孙志强", "sinus-bradycardia", 44.0, &[]),
    case("sinus-tachycardia", text("窦性心动过速", "sinus tachycardia"), (F, 29.0), "黄丽", "sinus-tachycardia", 124.0, &[]),
    case("sinus-arrhythmia", text("窦性心律不齐", "sinus arrhythmia"), (M, 19.0), "徐晨", "sinus-arrhythmia", 0.0, &[]),
    case("sinus-arrest", text("窦性停搏", "sinus arrest"), (F, 74.0), "", "sinus-arrest", 0.0, &[]),
    case("sa-block", text("二度窦房阻滞", "second-degree sinoatrial block"), (M, 70.0), "", "sa-block", 0.0, &[]),
    case("atrial-rhythm", text("房性心律", "ectopic atrial rhythm"), (F, 24.0), "", "atrial-rhythm", 0.0, &[]),
    case("atrial-tachycardia", text("房性心动过速", "atrial tachycardia"), (M, 48.0), "", "atrial-tachycardia", 0.0, &[]),
    case("wandering", text("游走性心律", "wandering pacemaker"), (F, 22.0), "", "wandering", 0.0, &[]),
    case("multifocal-tachycardia", text("多源性房性心动过速", "multifocal atrial tachycardia"), (M, 72.0), "", "multifocal-tachycardia", 0.0, &["pulmonary"]),
    case("fibrillation", text("心房颤动", "atrial fibrillation"), (F, 71.0), "马桂兰", "fibrillation", 0.0, &[]),
    case("fibrillation-rapid", text("心房颤动伴快速心室率", "atrial fibrillation, rapid response"), (M, 66.0), "朱永福", "fibrillation", 138.0, &[]),
    case("fibrillation-slow", text("心房颤动伴缓慢心室率", "atrial fibrillation, slow response"), (M, 80.0), "", "fibrillation", 46.0, &[]),
    case("fibrillation-aberrant", text("心房颤动伴差异性传导", "atrial fibrillation with aberrancy"), (F, 69.0), "", "fibrillation-aberrant", 0.0, &[]),
    case("flutter-2-1", text("心房扑动2:1", "atrial flutter 2:1"), (M, 63.0), "胡国庆", "flutter-2-1", 0.0, &[]),
    case("flutter-4-1", text("心房扑动4:1", "atrial flutter 4:1"), (M, 68.0), "", "flutter-4-1", 0.0, &[]),
    case("flutter-variable", text("心房扑动不等比传导", "atrial flutter, variable block"), (F, 73.0), "", "flutter-variable", 0.0, &[]),
    case("svt", text("室上性心动过速", "supraventricular tachycardia"), (F, 31.0), "郭静", "svt", 0.0, &[]),
    case("junctional", text("交界性心律", "junctional rhythm"), (M, 58.0), "", "junctional", 0.0, &[]),
    case("junctional-accelerated", text("加速性交界性心律", "accelerated junctional rhythm"), (M, 55.0), "", "junctional-accelerated", 0.0, &[]),
    // AV conduction
    case("av-block-1", text("一度房室阻滞", "first-degree AV block"), (M, 67.0), "何光明", "av-block-1", 0.0, &[]),
    case("wenckebach", text("二度I型房室阻滞", "Wenckebach block"), (M, 45.0), "", "wenckebach", 0.0, &[]),
    case("mobitz-2", text("二度II型房室阻滞", "Mobitz II block"), (F, 76.0), "", "mobitz-2", 0.0, &["rbbb"]),
    case("av-block-2-1", text("2:1房室阻滞", "2:1 AV block"), (M, 79.0), "", "av-block-2-1", 0.0, &[]),
    case("av-block-high", text("高度房室阻滞", "high-grade AV block"), (F, 81.0), "", "av-block-high", 0.0, &[]),
    case("av-block-3", text("三度房室阻滞", "complete AV block"), (F, 77.0), "罗玉珍", "av-block-3", 0.0, &[]),
    case("av-block-3-ventricular", text("三度房室阻滞伴室性逸搏", "complete AV block, ventricular escape"), (M, 82.0), "", "av-block-3-ventricular", 0.0, &[]),
    case("wpw", text("心室预激", "pre-excitation"), (M, 27.0), "高翔", "sinus", 72.0, &["wpw"]),
    case("wpw-right", text("心室预激（右侧旁道）", "pre-excitation, right-sided pathway"), (F, 21.0), "", "sinus", 70.0, &["wpw-right"]),
    case("short-pr", text("短PR间期", "short PR"), (F, 33.0), "", "sinus", 76.0, &["short-pr"]),
    // ectopy
    case("pac", text("房性早搏", "atrial premature complexes"), (F, 57.0), "林美华", "pac", 0.0, &[]),
    case("pac-bigeminy", text("房性早搏二联律", "atrial bigeminy"), (M, 62.0), "", "pac-bigeminy", 0.0, &[]),
    case("pac-blocked", text("房性早搏未下传", "blocked atrial premature complexes"), (F, 64.0), "", "pac-blocked", 0.0, &[]),
    case("pac-aberrant", text("房性早搏伴差异性传导", "aberrant atrial premature complexes"), (M, 60.0), "", "pac-aberrant", 0.0, &[]),
    case("pjc", text("交界性早搏", "junctional premature complexes"), (F, 50.0), "", "pjc", 0.0, &[]),
    case("pvc", text("室性早搏", "ventricular premature complexes"), (M, 53.0), "梁文斌", "pvc", 0.0, &[]),
    case("pvc-multiform", text("多形性室性早搏", "multiform ventricular premature complexes"), (M, 65.0), "", "pvc-multiform", 0.0, &[]),
    case("pvc-bigeminy", text("室性早搏二联律", "ventricular bigeminy"), (F, 61.0), "", "pvc-bigeminy", 0.0, &[]),
    case("pvc-trigeminy", text("室性早搏三联律", "ventricular trigeminy"), (M, 49.0), "", "pvc-trigeminy", 0.0, &[]),
    case("pvc-couplet", text("成对室性早搏", "ventricular couplets"), (M, 68.0), "", "pvc-couplet", 0.0, &[]),
    case("pvc-interpolated", text("插入性室性早搏", "interpolated ventricular premature complexes"), (F, 43.0), "", "pvc-interpolated", 0.0, &[]),
    case("pvc-fusion", text("室性融合波", "ventricular fusion"), (M, 70.0), "", "pvc-fusion", 0.0, &[]),
    case("pvc-r-on-t", text("R-on-T室性早搏", "R-on-T ventricular premature complexes"), (M, 59.0), "", "pvc-r-on-t", 0.0, &[]),
    // ventricular rhythms
    case("nsvt", text("短阵室性心动过速", "non-sustained ventricular tachycardia"), (M, 66.0), "", "nsvt", 0.0, &[]),
    case("vt", text("室性心动过速", "ventricular tachycardia"), (M, 64.0), "宋卫东", "vt", 0.0, &[]),
    case("vt-right", text("右室流出道室速", "outflow tract ventricular tachycardia"), (F, 38.0), "", "vt-right", 0.0, &[]),
    case("torsades", text("尖端扭转型室速", "torsades de pointes"), (F, 58.0), "", "torsades", 0.0, &["long-qt"]),
    case("ventricular-flutter", text("心室扑动", "ventricular flutter"), (M, 71.0), "", "ventricular-flutter", 0.0, &[]),
    case("ventricular-fibrillation", text("心室颤动", "ventricular fibrillation"), (M, 62.0), "", "ventricular-fibrillation", 0.0, &[]),
    case("asystole", text("心脏停搏", "asystole"), (M, 83.0), "", "asystole", 0.0, &[]),
    case("ventricular-standstill", text("心室停搏", "ventricular standstill"), (F, 85.0), "", "ventricular-standstill", 0.0, &[]),
    case("idioventricular", text("室性自主心律", "idioventricular rhythm"), (M, 75.0), "", "idioventricular", 0.0, &[]),
    case("idioventricular-accelerated", text("加速性室性自主心律", "accelerated idioventricular rhythm"), (M, 60.0), "", "idioventricular-accelerated", 0.0, &[]),
    // pacing
    case("paced-atrial", text("心房起搏", "atrial pacing"), (F, 70.0), "", "paced-atrial", 0.0, &[]),
    case("paced-ventricular", text("心室起搏", "ventricular pacing"), (M, 79.0), "谢长河", "paced-ventricular", 0.0, &[]),
    case("paced-ventricular-bipolar", text("心室起搏（双极）", "ventricular pacing, bipolar"), (F, 77.0), "", "paced-ventricular-bipolar", 0.0, &[]),
    case("paced-ventricular-fibrillation", text("房颤伴心室起搏", "atrial fibrillation, ventricular pacing"), (F, 82.0), "", "paced-ventricular-fibrillation", 0.0, &[]),
    case("paced-dual", text("双腔起搏", "dual-chamber pacing"), (M, 73.0), "", "paced-dual", 0.0, &[]),
    case("paced-tracking", text("心房感知心室起搏", "atrial-sensed ventricular pacing"), (M, 69.0), "", "paced-tracking", 0.0, &[]),
    case("paced-biventricular", text("双心室起搏", "biventricular pacing"), (M, 61.0), "", "paced-biventricular", 0.0, &[]),
    case("paced-no-capture", text("起搏失夺获", "failure to capture"), (F, 84.0), "", "paced-no-capture", 0.0, &[]),
    case("paced-no-sensing", text("起搏感知不良", "failure to sense"), (M, 81.0), "", "paced-no-sensing", 0.0, &[]),
    // conduction
    case("rbbb", text("完全性右束支阻滞", "complete RBBB"), (M, 64.0), "唐学军", "sinus", 68.0, &["rbbb"]),
    case("irbbb", text("不完全性右束支阻滞", "incomplete RBBB"), (M, 26.0), "", "sinus", 64.0, &["irbbb"]),
    case("lbbb", text("完全性左束支阻滞", "complete LBBB"), (F, 68.0), "邓淑芬", "sinus", 72.0, &["lbbb"]),
    case("lafb", text("左前分支阻滞", "left anterior fascicular block"), (M, 63.0), "", "sinus", 67.0, &["lafb"]),
    case("lpfb", text("左后分支阻滞", "left posterior fascicular block"), (M, 59.0), "", "sinus", 70.0, &["lpfb"]),
    case("bifascicular", text("双分支阻滞（右束支+左前分支）", "bifascicular block: RBBB and LAFB"), (M, 72.0), "", "sinus", 66.0, &["lafb", "rbbb"]),
    case("trifascicular", text("双分支阻滞伴一度房室阻滞", "bifascicular block with first-degree AV block"), (M, 78.0), "", "av-block-1", 64.0, &["lafb", "rbbb"]),
    case("ivcd", text("室内传导延迟", "intraventricular conduction delay"), (M, 70.0), "", "sinus", 71.0, &["ivcd"]),
    case("left-axis", text("电轴左偏", "left axis deviation"), (F, 60.0), "", "sinus", 70.0, &["left-axis"]),
    case("right-axis", text("电轴右偏", "right axis deviation"), (F, 25.0), "", "sinus", 76.0, &["right-axis"]),
    // infarction, ischaemia
    case("mi-anterior-acute", text("急性前壁心肌梗死", "acute anterior infarction"), (M, 56.0), "冯志刚", "sinus", 88.0, &["mi-anterior-acute"]),
    case("mi-anterolateral-acute", text("急性前侧壁心肌梗死", "acute anterolateral infarction"), (M, 61.0), "", "sinus-tachycardia", 106.0, &["mi-anterolateral-acute"]),
    case("mi-inferior-acute", text("急性下壁心肌梗死", "acute inferior infarction"), (F, 66.0), "许素琴", "sinus", 62.0, &["mi-inferior-acute"]),
    case("mi-lateral-acute", text("急性侧壁心肌梗死", "acute lateral infarction"), (M, 59.0), "", "sinus", 82.0, &["mi-lateral-acute"]),
    case("mi-posterior-acute", text("急性后壁心肌梗死（18导联）", "acute posterior infarction, with V7 to V9"), (M, 62.0), "", "sinus", 78.0, &["mi-posterior-acute"])
        .with(|s| s.leads.extend([LeadName::V7, LeadName::V8, LeadName::V9])),
    case("mi-right-acute", text("急性下壁合并右室梗死（18导联）", "acute inferior and right ventricular infarction, with V3R to V5R"), (F, 69.0), "", "sinus", 58.0, &["mi-right-acute"])
        .with(|s| s.leads.extend([LeadName::V3R, LeadName::V4R, LeadName::V5R])),
    case("mi-anterior-old", text("陈旧性前壁心肌梗死", "old anterior infarction"), (M, 67.0), "", "sinus", 70.0, &["mi-anterior-old"]),
    case("mi-anteroseptal-old", text("陈旧性前间壁心肌梗死", "old anteroseptal infarction"), (M, 65.0), "", "sinus", 72.0, &["mi-anteroseptal-old"]),
    case("mi-inferior-old", text("陈旧性下壁心肌梗死", "old inferior infarction"), (M, 71.0), "曹志明", "sinus", 66.0, &["mi-inferior-old"]),
    case("mi-lateral-old", text("陈旧性侧壁心肌梗死", "old lateral infarction"), (F, 70.0), "", "sinus", 74.0, &["mi-lateral-old"]),
    case("mi-posterior-old", text("陈旧性后壁心肌梗死", "old posterior infarction"), (M, 68.0), "", "sinus", 69.0, &["mi-posterior-old"]),
    case("aneurysm", text("陈旧前壁梗死伴持续ST抬高", "old anterior infarction, persistent ST elevation"), (M, 70.0), "", "sinus", 76.0, &["aneurysm"]),
    case("ischemia-st", text("ST段压低（缺血）", "ischaemic ST depression"), (F, 63.0), "彭春梅", "sinus", 84.0, &["ischemia-st"]),
    case("ischemia-left-main", text("弥漫性ST压低伴aVR抬高", "diffuse ST depression, aVR elevation"), (M, 72.0), "", "sinus-tachycardia", 108.0, &["ischemia-left-main"]),
    case("ischemia-anterior-t", text("前壁T波倒置", "anterior T inversion"), (F, 59.0), "", "sinus", 72.0, &["ischemia-anterior-t"]),
    case("ischemia-inferior-t", text("下壁T波倒置", "inferior T inversion"), (M, 64.0), "", "sinus", 70.0, &["ischemia-inferior-t"]),
    case("wellens", text("Wellens综合征", "Wellens pattern"), (M, 52.0), "", "sinus", 70.0, &["wellens"]),
    case("de-winter", text("de Winter综合征", "de Winter pattern"), (M, 47.0), "", "sinus", 88.0, &["de-winter"]),
    // chambers, voltage, position
    case("lvh", text("左室高电压", "LVH by voltage"), (M, 58.0), "", "sinus", 64.0, &["lvh"]),
    case("lvh-strain", text("左室肥大伴ST-T改变", "LVH with strain"), (M, 66.0), "蒋海波", "sinus", 70.0, &["lvh-strain"]),
    case("rvh", text("右室肥大", "RVH"), (F, 45.0), "", "sinus", 86.0, &["rvh"]),
    case("lae", text("左房扩大", "left atrial enlargement"), (F, 62.0), "", "sinus", 70.0, &["lae"]),
    case("rae", text("右房扩大", "right atrial enlargement"), (M, 57.0), "", "sinus", 88.0, &["rae"]),
    case("pulmonary", text("肺部疾病型", "pulmonary disease pattern"), (M, 69.0), "", "sinus", 94.0, &["pulmonary"]),
    case("low-voltage", text("低电压", "low voltage"), (F, 64.0), "", "sinus", 88.0, &["low-voltage"]),
    case("dextrocardia", text("右位心", "dextrocardia"), (M, 32.0), "", "sinus", 72.0, &["dextrocardia"]),
    // repolarisation
    case("long-qt", text("QT间期延长", "prolonged QT"), (F, 37.0), "袁梦", "sinus", 66.0, &["long-qt"]),
    case("short-qt", text("短QT间期", "short QT"), (M, 23.0), "", "sinus", 64.0, &["short-qt"]),
    case("brugada", text("Brugada波1型", "Brugada type 1"), (M, 41.0), "", "sinus", 68.0, &["brugada"]),
    case("early-repolarization", text("早期复极", "early repolarisation"), (M, 24.0), "", "sinus", 58.0, &["early-repolarization"]),
    case("pericarditis", text("急性心包炎", "pericarditis"), (M, 34.0), "", "sinus", 96.0, &["pericarditis"]),
    case("hyperkalemia", text("高钾血症", "hyperkalaemia"), (M, 61.0), "", "sinus", 68.0, &["hyperkalemia"]),
    case("hypokalemia", text("低钾血症", "hypokalaemia"), (F, 48.0), "", "sinus", 76.0, &["hypokalemia"]),
    case("hypercalcemia", text("高钙血症", "hypercalcaemia"), (F, 60.0), "", "sinus", 78.0, &["hypercalcemia"]),
    case("hypocalcemia", text("低钙血症", "hypocalcaemia"), (F, 44.0), "", "sinus", 72.0, &["hypocalcemia"]),
    case("digitalis", text("洋地黄效应", "digitalis effect"), (M, 74.0), "", "fibrillation", 68.0, &["digitalis"]),
    case("t-flat", text("T波低平", "flat T"), (F, 53.0), "", "sinus", 74.0, &["t-flat"]),
    case("st-t-nonspecific", text("非特异性ST-T改变", "nonspecific ST-T"), (F, 56.0), "", "sinus", 75.0, &["st-t-nonspecific"]),
    case("osborn", text("低体温（Osborn波）", "hypothermia (Osborn waves)"), (M, 50.0), "", "sinus-bradycardia", 42.0, &["osborn"]),
    // electrodes and noise
    case("swap-arms", text("左右手接反", "arm electrodes reversed"), (M, 40.0), "", "sinus", 70.0, &[]).with(|s| s.placement.swapped.push((RA, LA))),
    case("swap-left-arm-leg", text("左手左脚接反", "left arm and left leg reversed"), (M, 40.0), "", "sinus", 70.0, &[]).with(|s| s.placement.swapped.push((LA, LL))),
    case("swap-right-arm-leg", text("右手右脚接反", "right arm and right leg reversed"), (M, 40.0), "", "sinus", 70.0, &[]).with(|s| s.placement.swapped.push((RA, RL))),
    case("swap-v1-v2", text("V1与V2接反", "V1 and V2 reversed"), (M, 40.0), "", "sinus", 70.0, &[]).with(|s| s.placement.swapped.push((V1, V1 + 1))),
    case("swap-v1-v3", text("V1与V3接反", "V1 and V3 reversed"), (M, 40.0), "", "sinus", 70.0, &[]).with(|s| s.placement.swapped.push((V1, V1 + 2))),
    case("swap-v4-v5", text("V4与V5接反", "V4 and V5 reversed"), (M, 40.0), "", "sinus", 70.0, &[]).with(|s| s.placement.swapped.push((V1 + 3, V1 + 4))),
    case("lead-off-v4", text("V4电极脱落", "V4 electrode off"), (F, 55.0), "", "sinus", 72.0, &[]).with(|s| s.placement.off.push(V1 + 3)),
    case("lead-off-left-arm", text("左手电极脱落", "left arm electrode off"), (F, 55.0), "", "sinus", 72.0, &[]).with(|s| s.placement.off.push(LA)),
    case("noise-wander", text("基线漂移", "baseline wander"), (M, 46.0), "", "sinus", 74.0, &[]).with(|s| s.noise.wander = Mv(0.30)),
    case("noise-mains-50", text("50Hz工频干扰", "50 Hz mains"), (M, 46.0), "", "sinus", 74.0, &[]).with(|s| s.noise.mains = Mv(0.09)),
    case("noise-mains-60", text("60Hz工频干扰", "60 Hz mains"), (M, 46.0), "", "sinus", 74.0, &[]).with(|s| { s.noise.mains = Mv(0.09); s.noise.mains_hz = Hz(60.0); }),
    case("noise-muscle", text("肌电干扰", "muscle noise"), (M, 46.0), "", "sinus", 74.0, &[]).with(|s| s.noise.muscle = Mv(0.07)),
    case("noise-motion", text("电极移动伪差", "electrode motion"), (M, 46.0), "", "sinus", 74.0, &[]).with(|s| s.noise.motion = Mv(0.35)),
    case("noise-unusable", text("信号无法判读", "unusable signal"), (M, 46.0), "", "sinus", 74.0, &[]).with(|s| {
        (s.noise.motion, s.noise.muscle, s.noise.wander) = (Mv(1.6), Mv(0.5), Mv(0.8));
    }),
    case("saturation", text("信号饱和", "saturated signal"), (M, 46.0), "", "sinus", 74.0, &["lvh"]).with(|s| s.noise.saturation = Some(Mv(0.9))),
    case("gap", text("信号中断1.2秒", "signal missing for 1.2 s"), (M, 46.0), "", "sinus", 74.0, &[]).with(|s| s.noise.gaps.push((4.1, 5.3))),
    // other shapes of recording
    case("one-lead", text("单导联30秒300Hz", "one lead, 30 s, 300 Hz"), (F, 52.0), "", "fibrillation", 88.0, &[]).with(|s| {
        (s.leads, s.seconds, s.rate) = (vec![LeadName::I], 30.0, Hz(300.0));
    }),
    case("holter-clip", text("动态心电图片段（2导联250Hz）", "ambulatory clip, two leads, 250 Hz"), (M, 65.0), "", "pvc", 76.0, &[]).with(|s| {
        (s.leads, s.seconds, s.rate) = (vec![LeadName::Other("MLII".into()), LeadName::V1], 120.0, Hz(250.0));
    }),
    case("frank", text("Frank导联与12导联（1000Hz）", "Frank leads beside twelve, 1000 Hz"), (M, 39.0), "", "sinus", 68.0, &[]).with(|s| {
        s.leads.extend([LeadName::X, LeadName::Y, LeadName::Z]);
        (s.rate, s.seconds) = (Hz(1000.0), 8.0);
    }),
    case("slow-rate", text("125Hz采样", "sampled at 125 Hz"), (F, 47.0), "", "sinus", 71.0, &[]).with(|s| {
        s.rate = Hz(125.0);
        s.pr = Some(Ms(170.0));
    }),
];
