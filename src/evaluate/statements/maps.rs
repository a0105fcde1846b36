//! Which statements of ours stand for which labels of the databases. Data to be reviewed, with the mismatches explained.
//!
//! A label is written `source:code`: `ptbxl:` SCP-ECG acronyms, `snomed:` the CinC 2021 codes, `ludb:` the beginning of
//! LUDB's phrase in lower case. A target counts in a source only if it has a label of that source.

/// One statement to be scored.
#[derive(Clone, Copy)]
pub struct Target {
    /// Short name, as in figure names.
    pub id: &'static str,
    /// As printed, in Chinese and English.
    pub name: Words,
    /// Our statements; `verdict:normal` is the conclusion; a trailing `-` stands for every id that starts so.
    pub ours: &'static [&'static str],
    /// The labels that mean it.
    pub labels: &'static [&'static str],
    /// Labels that leave it open: such a record is not scored, unless it has a label that means it.
    pub open: &'static [&'static str],
    /// Labels beside which it cannot be told: such a record is never scored.
    pub void: &'static [&'static str],
    /// Labels beside which the experts say two things at once, and the statements that then count as well.
    pub either: (&'static [&'static str], &'static [&'static str]),
    /// Whether only records count whose truth names a rhythm.
    pub rhythm: bool,
    /// Least sensitivity and specificity, %, where a floor is set.
    pub floor: Option<(f64, f64)>,
    /// What does not match, and why.
    pub note: Words,
}

/// A phrase in Chinese and English; plain, so that a target can be made from another in a constant.
pub type Words = (&'static str, &'static str);

const NONE: Words = ("", "");

const fn target(
    id: &'static str,
    name: Words,
    ours: &'static [&'static str],
    labels: &'static [&'static str],
    floor: Option<(f64, f64)>,
) -> Target {
    Target { id, name, ours, labels, open: &[], void: &[], either: (&[], &[]), rhythm: false, floor, note: NONE }
}

/// Labels that name a rhythm; records of sources that label findings only are not scored on rhythm.
pub const RHYTHM_LABELS: &[&str] = &[
    "ptbxl:SR",
    "ptbxl:AFIB",
    "ptbxl:STACH",
    "ptbxl:SARRH",
    "ptbxl:SBRAD",
    "ptbxl:PACE",
    "ptbxl:SVARR",
    "ptbxl:AFLT",
    "ptbxl:SVTAC",
    "ptbxl:PSVT",
    "snomed:426783006",
    "snomed:426177001",
    "snomed:427084000",
    "snomed:427393009",
    "snomed:164889003",
    "snomed:164890007",
    "snomed:10370003",
    "snomed:426761007",
    "ludb:sinus rhythm",
    "ludb:sinus bradycardia",
    "ludb:sinus tachycardia",
    "ludb:sinus arrhythmia",
    "ludb:atrial fibrillation",
    "ludb:atrial flutter",
    "ludb:wandering atrial pacemaker",
];

/// Our statements that say sinus rhythm.
pub const SINUS: &[&str] = &[
    "sinus-rhythm",
    "sinus-bradycardia",
    "marked-sinus-bradycardia",
    "sinus-tachycardia",
    "sinus-arrhythmia",
    "sinus-pause",
    "sinoatrial-block-second-degree",
    "wenckebach",
    "mobitz-ii",
];
/// Our statements that say fibrillation.
pub const FIBRILLATION: &[&str] = &["atrial-fibrillation", "atrial-fibrillation-"];
/// Our statements that say flutter.
pub const FLUTTER: &[&str] = &["atrial-flutter", "atrial-flutter-"];
/// The experts' fibrillation and flutter.
pub const AFIB: &[&str] = &["ptbxl:AFIB", "snomed:164889003", "ludb:atrial fibrillation"];
/// See [`AFIB`].
pub const AFLT: &[&str] = &["ptbxl:AFLT", "snomed:164890007", "ludb:atrial flutter"];
/// The experts' complete left bundle branch block.
const CLBBB: &[&str] =
    &["ptbxl:CLBBB", "snomed:733534002", "snomed:164909002", "ludb:complete left bundle branch block"];
/// Our statements that say pacing.
pub const PACED: &[&str] =
    &["ventricular-paced-rhythm", "av-sequential-paced-rhythm", "p-synchronous-pacing", "biventricular-pacing"];

/// Every target, in the order of the tables.
#[rustfmt::skip]
pub static TARGETS: &[Target] = &[
    Target {
        note: ("仅计真值写明心律的记录；同时标注颤动与扑动者，判为任一即计为符合",
            "only records whose truth names a rhythm; where it names fibrillation and flutter at once either is right"),
        rhythm: true, either: (AFLT, FLUTTER),
        ..target("atrial-fibrillation", ("心房颤动", "Atrial fibrillation"), FIBRILLATION,
            AFIB, Some((95.0, 99.0)))
    },
    Target {
        rhythm: true, either: (AFIB, FIBRILLATION),
        ..target("atrial-flutter", ("心房扑动", "Atrial flutter"), FLUTTER, AFLT, Some((75.0, 99.0)))
    },
    Target {
        rhythm: true, open: &["ptbxl:SVARR"],
        note: ("窦性停搏、窦房阻滞与二度房室阻滞按窦性心律计；起搏为非窦性", "sinus pause, SA and second-degree AV block count as sinus; paced does not"),
        ..target("sinus", ("窦性心律（主导）", "Sinus rhythm (dominant)"), SINUS,
            &["ptbxl:SR", "ptbxl:STACH", "ptbxl:SARRH", "ptbxl:SBRAD", "snomed:426783006", "snomed:426177001", "snomed:427084000",
              "snomed:427393009", "ludb:sinus"], Some((98.0, 92.0)))
    },
    Target {
        rhythm: true,
        note: ("PTB-XL与LUDB的窦性心律标签不依心率：41份50–59次/分者仍标窦性心律",
            "PTB-XL and LUDB call sinus rhythm whatever its rate: 41 records at 50 to 59 bpm are not called bradycardia"),
        ..target("sinus-bradycardia", ("窦性心动过缓", "Sinus bradycardia"), &["sinus-bradycardia", "marked-sinus-bradycardia"],
            &["ptbxl:SBRAD", "snomed:426177001", "ludb:sinus bradycardia"], Some((97.0, 99.0)))
    },
    Target {
        rhythm: true,
        ..target("sinus-tachycardia", ("窦性心动过速", "Sinus tachycardia"), &["sinus-tachycardia"],
            &["ptbxl:STACH", "snomed:427084000", "ludb:sinus tachycardia"], Some((97.0, 99.0)))
    },
    target("first-degree-av-block", ("一度房室阻滞", "First-degree AV block"),
        &["first-degree-av-block", "marked-first-degree-av-block", "bifascicular-with-first-degree"],
        &["ptbxl:1AVB", "ptbxl:LPR", "snomed:270492004", "snomed:164947007", "ludb:i degree av block"], Some((90.0, 98.0))),
    target("rbbb", ("完全性右束支阻滞", "Complete right bundle branch block"), &["right-bundle-branch-block", "bifascicular-"],
        &["ptbxl:CRBBB", "snomed:713427006", "snomed:59118001", "ludb:complete right bundle branch block"], Some((95.0, 99.0))),
    target("lbbb", ("完全性左束支阻滞", "Complete left bundle branch block"), &["left-bundle-branch-block", "sgarbossa"],
        CLBBB, Some((95.0, 99.0))),
    Target {
        void: CLBBB,
        note: ("完全性左束支阻滞时不能诊断分支阻滞（AHA第三部分），不计",
            "no fascicular block can be told within complete left bundle branch block (AHA part III): not scored"),
        ..target("lafb", ("左前分支阻滞", "Left anterior fascicular block"),
            &["left-anterior-fascicular-block", "bifascicular-rbbb-lafb", "bifascicular-with-first-degree"],
            &["ptbxl:LAFB", "snomed:445118002", "ludb:left anterior hemiblock"], Some((85.0, 97.0)))
    },
    Target {
        open: &["ptbxl:BIGU", "ptbxl:TRIGU", "ptbxl:PRC(S)", "ludb:ventricular extrasystole, type: intercalary",
            "ludb:aberrant conduction", "snomed:425856008"],
        note: ("PTB-XL的BIGU、TRIGU、PRC(S)不分室上性与室性，CinC 2021的阵发性室速与LUDB的差异传导另有宽QRS心搏，均不计",
            "PTB-XL's BIGU, TRIGU and PRC(S) do not say which; CinC 2021's paroxysmal ventricular tachycardia and LUDB's aberrant conduction are strange beats by another name: not scored"),
        ..target("pvc", ("室性期前收缩", "Ventricular premature beats"),
            &["ventricular-premature-beats", "frequent-ventricular-premature-beats", "multiform-ventricular-premature-beats",
              "ventricular-couplets", "ventricular-bigeminy", "ventricular-trigeminy", "ventricular-quadrigeminy",
              "interpolated-ventricular-premature-beats", "r-on-t", "nonsustained-ventricular-tachycardia", "fusion-complexes"],
            &["ptbxl:PVC", "snomed:427172004", "snomed:17338001", "snomed:164884008", "ludb:ventricular extrasystole"], Some((95.0, 99.0)))
    },
    Target {
        open: &["ptbxl:BIGU", "ptbxl:TRIGU", "ptbxl:PRC(S)", "ptbxl:SVARR"],
        ..target("pac", ("室上性期前收缩", "Supraventricular premature beats"),
            &["atrial-premature-beats", "frequent-atrial-premature-beats", "atrial-couplets", "atrial-bigeminy",
              "atrial-trigeminy", "atrial-run", "aberrant-supraventricular-beats", "nonconducted-atrial-premature-beats",
              "junctional-premature-beats"],
            &["ptbxl:PAC", "snomed:284470004", "snomed:63593006", "ludb:atrial extrasystole"], Some((80.0, 97.0)))
    },
    Target {
        open: &["ludb:pacemaker presence, undefined", "ludb:unipolar atrial pacing"],
        note: ("LUDB“起搏器存在，类型不明”不一定可见起搏，不计", "LUDB's \"pacemaker presence, undefined\" need not show pacing: not scored"),
        ..target("ventricular-pacing", ("心室起搏", "Ventricular pacing"),
            &["ventricular-paced-rhythm", "av-sequential-paced-rhythm", "p-synchronous-pacing", "biventricular-pacing", "intermittent-pacing"],
            &["ptbxl:PACE", "snomed:10370003", "ludb:bipolar ventricular pacing", "ludb:biventricular pacing", "ludb:unipolar ventricular pacing"],
            Some((95.0, 99.5)))
    },
    Target {
        note: ("LUDB各导联幅值经归一化，电压标准不适用，不计", "LUDB's leads are scaled each by itself: no voltage can be read, not scored"),
        ..target("lvh", ("左心室肥厚", "Left ventricular hypertrophy"),
            &["lvh", "lvh-voltage", "lvh-repolarization", "lvh-widening", "biventricular-hypertrophy"],
            &["ptbxl:LVH", "ptbxl:VCLVH", "snomed:164873001"], Some((65.0, 93.0)))
    },
    Target {
        note: ("CinC 2021不分部位，不计", "CinC 2021 does not say where: not scored"),
        ..target("inferior-mi", ("下壁心肌梗死", "Inferior infarct"),
            &["inferior-infarct", "inferolateral-infarct", "stemi-inferior", "stemi-inferolateral", "stemi-right-ventricular"],
            &["ptbxl:IMI", "ptbxl:ILMI", "ptbxl:IPMI", "ptbxl:IPLMI", "ptbxl:INJIN", "ludb:scar formation: inferior", "ludb:stemi: inferior"], Some((75.0, 93.0)))
    },
    target("anterior-mi", ("前壁（含前间壁）心肌梗死", "Anterior infarct (septal included)"),
        &["anterior-infarct", "septal-infarct", "anteroseptal-infarct", "anterolateral-infarct", "extensive-anterior-infarct",
          "stemi-anterior", "stemi-anterolateral", "lv-aneurysm"],
        &["ptbxl:AMI", "ptbxl:ASMI", "ptbxl:ALMI", "ptbxl:INJAS", "ptbxl:INJAL", "ludb:scar formation: anterior",
          "ludb:scar formation: septal", "ludb:stemi: anterior", "ludb:stemi: septal"], Some((75.0, 93.0))),
    target("long-qt", ("QT间期延长", "Prolonged QT"), &["long-qt", "markedly-long-qt"], &["ptbxl:LNGQT", "snomed:111975006"], Some((85.0, 98.0))),
    Target {
        note: ("CinC 2021与LUDB无“正常心电图”标签，不计", "CinC 2021 and LUDB have no label for a normal ECG: not scored"),
        ..target("normal-ecg", ("正常心电图（结论）", "Normal ECG (verdict)"), &["verdict:normal"], &["ptbxl:NORM"], Some((85.0, 88.0)))
    },
    target("incomplete-rbbb", ("不完全性右束支阻滞", "Incomplete right bundle branch block"), &["incomplete-rbbb"],
        &["ptbxl:IRBBB", "snomed:713426002", "ludb:incomplete right bundle branch block"], None),
    target("ivcd", ("非特异性室内传导阻滞", "Nonspecific intraventricular conduction delay"), &["ivcd", "ivcd-borderline"],
        &["ptbxl:IVCD", "snomed:698252002", "ludb:non-specific intravintricular conduction delay"], None),
    target("preexcitation", ("心室预激", "Preexcitation"), &["preexcitation", "preexcitation-"], &["ptbxl:WPW", "snomed:74390002"], None),
    target("complete-av-block", ("三度房室阻滞", "Complete AV block"), &["complete-av-block", "atrial-fibrillation-regular"],
        &["ptbxl:3AVB", "snomed:27885002", "ludb:iii degree av-block"], None),
    Target { rhythm: true, ..target("sinus-arrhythmia", ("窦性心律不齐", "Sinus arrhythmia"), &["sinus-arrhythmia"],
        &["ptbxl:SARRH", "snomed:427393009", "ludb:sinus arrhythmia"], None) },
    Target {
        note: ("LUDB标为“电轴左偏”的35份，按存储值的真实比例仅7份在-30°以左，其余为-28°至+53°（俄罗斯分类法）：不计",
            "of 35 records that LUDB calls left axis 7 lie left of -30 degrees in the leads' true proportion, the others up to +53 (the Russian classes): not scored"),
        ..target("left-axis", ("电轴左偏", "Left axis deviation"), &["left-axis-deviation", "left-anterior-fascicular-block", "bifascicular-rbbb-lafb"],
            &["snomed:39732003"], None)
    },
    target("right-axis", ("电轴右偏", "Right axis deviation"), &["right-axis-deviation", "left-posterior-fascicular-block", "rightward-axis"],
        &["snomed:47665007", "ludb:electric axis of the heart: right axis deviation"], None),
    target("low-voltage", ("低电压", "Low QRS voltage"), &["low-voltage", "low-voltage-limb", "low-voltage-precordial"],
        &["ptbxl:LVOLT", "snomed:251146004"], None),
    Target {
        note: ("心房、右心室与早期复极的标准依据幅值，LUDB不计",
            "the criteria of atria, right ventricle and early repolarization rest on voltage: LUDB is not scored"),
        ..target("lae", ("左心房异常", "Left atrial enlargement"), &["left-atrial-enlargement", "possible-left-atrial-enlargement", "biatrial-enlargement"],
            &["ptbxl:LAO/LAE"], None)
    },
    target("rae", ("右心房异常", "Right atrial enlargement"), &["right-atrial-enlargement", "biatrial-enlargement"], &["ptbxl:RAO/RAE"], None),
    target("rvh", ("右心室肥厚", "Right ventricular hypertrophy"),
        &["right-ventricular-hypertrophy", "rvh-repolarization", "possible-rvh", "biventricular-hypertrophy"],
        &["ptbxl:RVH", "snomed:89792004"], None),
    target("t-inversion", ("T波倒置", "T-wave inversion"), &["t-inversion-", "giant-t-inversion", "consider-ischemia", "wellens"],
        &["ptbxl:INVT", "snomed:59931005"], None),
    Target {
        open: &["ptbxl:AMI", "ptbxl:ASMI", "ptbxl:ALMI", "ptbxl:IMI", "ptbxl:ILMI", "ptbxl:IPMI", "ptbxl:IPLMI", "ptbxl:LMI", "ptbxl:PMI",
            "ptbxl:INJAS", "ptbxl:INJAL", "ptbxl:INJIN", "ptbxl:INJLA", "ptbxl:INJIL", "ptbxl:WPW", "snomed:164865005", "snomed:54329005",
            "snomed:57054005", "snomed:164867002", "snomed:74390002"],
        note: ("梗死、损伤与预激的ST-T改变属其自身，库中多不另标：只有这类标签者不计",
            "ST-T changes of infarct, injury and preexcitation belong to these and mostly have no label of their own: not scored where there is none"),
        ..target("st-t", ("ST-T改变（任何）", "ST-T changes (any)"),
        &["t-inversion-", "st-depression-", "nonspecific-", "t-low", "consider-ischemia", "acute-ischemia", "digitalis-effect",
          "lvh-repolarization", "giant-t-inversion", "wellens", "left-main-pattern", "de-winter"],
        &["ptbxl:NDT", "ptbxl:NST_", "ptbxl:STD_", "ptbxl:NT_", "ptbxl:ISC_", "ptbxl:ISCAL", "ptbxl:ISCIL", "ptbxl:ISCIN", "ptbxl:INVT",
          "ptbxl:LOWT", "ptbxl:TAB_", "ptbxl:DIG", "snomed:428750005", "snomed:429622005", "snomed:164934002", "snomed:55930002",
          "snomed:59931005", "snomed:425623009", "snomed:413844008", "snomed:164861001"], None)
    },
    target("early-repolarization", ("早期复极", "Early repolarization"), &["early-repolarization"],
        &["snomed:428417006"], None),
];
