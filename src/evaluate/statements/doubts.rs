//! Labels that a reader would doubt, by statement: the second table of the suites leaves these records out, so that both
//! figures can be seen. A label is doubted by what the database itself says beside it (its experts' marks, the readers' own
//! words, its other labels) or by a definition that needs no judgement (a rate, the leads' true proportion): never because
//! we say something else.

use super::maps::Words;

/// Records whose label of one statement is doubtful, for one reason.
pub struct Doubt {
    /// A target of [`super::maps::TARGETS`].
    pub target: &'static str,
    /// Records, parted by blanks.
    pub records: &'static str,
    /// Why.
    pub why: Words,
}

const fn doubt(target: &'static str, records: &'static str, why: Words) -> Doubt {
    Doubt { target, records, why }
}

/// Every doubt, in the order of the targets.
#[rustfmt::skip]
pub static DOUBTS: &[Doubt] = &[
    doubt("atrial-fibrillation", "A0007", ("P波规则、PR间期固定：窦性心动过速伴房性期前收缩", "regular P waves at a fixed PR: sinus tachycardia with ectopy")),
    doubt("atrial-flutter", "00347_hr", ("报告原文：“节律此前为心房扑动”", "the readers' words: the rhythm was flutter before")),
    doubt("sinus", "A0007", ("标签为心房颤动（存疑，见该项）", "labelled fibrillation, which is doubtful itself")),
    doubt("sinus-bradycardia",
        "00019_hr 00037_hr 00075_hr 00079_hr 00089_hr 00095_hr 00125_hr 00133_hr 00145_hr 00147_hr 00163_hr 00167_hr 00171_hr \
         00175_hr 00203_hr 00207_hr 00231_hr 00253_hr 00315_hr 00357_hr 00365_hr 00401_hr 00417_hr 00419_hr 00445_hr 00453_hr \
         00457_hr 00463_hr 00473_hr 00489_hr 00499_hr 13 153 157 199 23 49 5 67 73 79",
        ("心率50.0–59.4次/分而标为窦性心律：两库的判读者多以50次/分为界，定义（AHA、中国共识）为60次/分",
            "50.0 to 59.4 bpm called sinus rhythm: these readers begin at about 50, the definition (AHA, Chinese consensus) at 60")),
    doubt("sinus-bradycardia", "00225_hr", ("60次/分，不低于60", "60 bpm, which is not below 60")),
    doubt("sinus-tachycardia", "117", ("93次/分", "93 bpm")),
    doubt("sinus-tachycardia", "A0007", ("标签为心房颤动（存疑，见该项）", "labelled fibrillation, which is doubtful itself")),
    doubt("first-degree-av-block", "17 23 39", ("专家标注的II导联PR为224、210、228 ms而未标一度房室阻滞", "PR of 224, 210, 228 ms in II by the experts' own marks, not called a block")),
    doubt("first-degree-av-block", "61 JS00011", ("PR为189 ms（专家标注，II导联）与160 ms", "PR of 189 ms (the experts' marks in II) and 160 ms")),
    doubt("first-degree-av-block", "JS00005 JS45549", ("心房扑动与宽QRS波心动过速，无PR可测", "flutter and a wide tachycardia: there is no PR")),
    doubt("rbbb", "A0006", ("QRS 106 ms：不完全性", "QRS of 106 ms: incomplete")),
    doubt("rbbb", "00287_hr", ("报告原文为右束支阻滞，编码却为左", "the readers' words say right, the code left")),
    doubt("lbbb", "00287_hr", ("报告原文为右束支阻滞，编码却为左", "the readers' words say right, the code left")),
    doubt("lbbb", "13", ("QRS 162 ms、典型左束支阻滞形态而标为不完全性", "a typical left block of 162 ms called incomplete")),
    doubt("lafb", "21 55 65", ("电轴-23°、-28°、-21°（按存储值的真实比例）：不符合-45°的定义", "axes of -23, -28, -21 degrees in the leads' true proportion: not the definition's -45")),
    doubt("lafb", "E00008 E00009", ("电轴-58°、-48°，下壁导联呈rS型而只标电轴左偏", "axes of -58 and -48 degrees with rS in the inferior leads, called left axis only")),
    doubt("pvc", "00321_hr 101", ("提前的宽大畸形心搏，标签漏写", "early broad strange beats, which the label leaves out")),
    doubt("pvc", "00213_hr 00485_hr", ("报告原文写有室性期前收缩，标签漏写", "premature ventricular beats in the readers' words, not in the code")),
    doubt("pac", "00357_hr", ("报告原文写有室上性期前收缩，标签漏写", "premature supraventricular beats in the readers' words, not in the code")),
    doubt("pac", "A0007", ("标签为心房颤动（存疑，见该项）", "labelled fibrillation, which is doubtful itself")),
    doubt("normal-ecg", "00069_hr 00245_hr 00249_hr 00265_hr", ("报告原文写有非特异性T波异常", "nonspecific T abnormality in the readers' words")),
    doubt("normal-ecg", "00207_hr 00277_hr 00289_hr", ("同时标有高电压（HVOLT、VCLVH）", "high voltage (HVOLT, VCLVH) labelled beside")),
    doubt("normal-ecg", "00213_hr 00219_hr 00297_hr", ("同时标有（或写有）室性期前收缩", "premature ventricular beats labelled or written beside")),
    doubt("normal-ecg", "00235_hr", ("同时标有左前分支阻滞", "left anterior fascicular block labelled beside")),
    doubt("st-t", "00069_hr 00177_hr 00211_hr 00245_hr 00249_hr", ("报告原文写有ST-T异常，标签漏写", "ST-T abnormality in the readers' words, not in the code")),
];

/// The doubts of a record's label of a target; none where it stands.
pub fn doubts<'a>(target: &'a str, record: &'a str) -> impl Iterator<Item = &'static Doubt> + 'a {
    DOUBTS.iter().filter(move |d| d.target == target && d.records.split_whitespace().any(|r| r == record))
}

#[cfg(test)]
mod tests {
    use super::super::maps::TARGETS;
    use super::*;

    #[test]
    fn each_label_is_doubted_once_and_of_a_target() {
        let mut seen = std::collections::BTreeSet::new();
        for d in DOUBTS {
            assert!(TARGETS.iter().any(|t| t.id == d.target), "{}", d.target);
            assert!(d.records.split_whitespace().all(|r| seen.insert((d.target, r))), "{} twice", d.records);
            assert!(d.why.0.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && d.why.1.is_ascii());
        }
        assert_eq!(doubts("rbbb", "A0006").count(), 1);
        assert_eq!(doubts("rbbb", "A00").count(), 0);
    }
}
