//! What a reader would think of the records in which we and the experts disagree most: each was looked at on ECG paper. Where
//! the labels are doubtful this says so; where we are wrong, too.

use super::maps::Words;

/// Record name, and what a reader would say of it, in Chinese and English.
#[rustfmt::skip]
static READINGS: &[(&str, Words)] = &[
    ("A0007", ("P波规则、PR间期130 ms，心率123次/分，间有房性期前收缩：应诊断窦性心动过速伴房性期前收缩，标签“心房颤动”存疑",
        "regular P waves at a PR of 130 ms and 123 bpm, a few early beats: sinus tachycardia with atrial premature complexes; the label of fibrillation is doubtful")),
    ("00017_hr", ("锯齿状F波清楚，先为2:1下传，后为不等比下传：心房扑动；标签同时写颤动与扑动",
        "plain sawtooth waves, conducted 2:1 and then at varying ratios: flutter; the label says fibrillation and flutter at once")),
    ("E00007", ("V1导联F波较规则而RR绝对不齐：不纯性心房扑动（扑动-颤动），两者皆可",
        "fairly regular waves in V1 with RR that fit no ratio: impure flutter (flutter-fibrillation), either name is right")),
    ("93", ("双心室起搏，基线上难辨P波或f波：由单份心电图不能判断基础心律",
        "biventricular pacing over a line that shows neither P nor f waves: the underlying rhythm cannot be told from this strip")),
    ("95", ("前半为心室起搏，后半为自身心搏，RR不齐且无P波：心房颤动伴心室起搏",
        "paced beats, then native ones with irregular RR and no P wave: fibrillation under ventricular pacing")),
    ("101", ("aVL、III导联f波明显，RR绝对不齐，V4–V6见一个宽大畸形心搏：心房颤动伴室性期前收缩，标签未写后者",
        "f waves in aVL and III, RR irregular, one broad strange beat in V4 to V6: fibrillation with a ventricular premature complex, which the label leaves out")),
    ("111", ("心室起搏而脉冲不可见，P波与QRS无关：仅凭波形难与室性逸搏心律区别，我们未能判出",
        "ventricular pacing whose stimuli are not seen, P waves unrelated: hard to tell from an escape rhythm; we do not find it")),
    ("117", ("平均心率93次/分：不足以诊断窦性心动过速", "93 beats a minute on average: no sinus tachycardia")),
    ("13", ("QRS约162 ms，I、V5、V6导联R波宽钝，V1导联呈rS：应为完全性左束支阻滞，标签“不完全性”存疑",
        "QRS of about 162 ms, broad R in I, V5 and V6, rS in V1: complete left bundle branch block; the label of an incomplete one is doubtful")),
    ("00287_hr", ("V1导联rsR'、I与V6导联宽S波：右束支阻滞形态，标签“完全性左束支阻滞”存疑",
        "rsR' in V1 and broad S in I and V6: the shape of right bundle branch block; the label of a left one is doubtful")),
    ("A0006", ("V1、V2导联rsR'而QRS 106 ms：不完全性右束支阻滞，该库不分完全与不完全",
        "rsR' in V1 and V2 at a QRS of 106 ms: incomplete right bundle branch block; the database does not tell the two apart")),
    ("00483_hr", ("V1导联终末R'波、V2–V4导联ST段压低：不完全性右束支阻滞伴前壁ST段压低，肢体导联低小、电轴不可靠，左前分支阻滞存疑",
        "a terminal R' in V1 and ST depression in V2 to V4: incomplete right bundle branch block; the limb leads are small and their axis is not certain, so that our left anterior block is doubtful")),
    ("00461_hr", ("I、V4–V6导联QRS起始粗钝（预激波）而PR间期146 ms：应诊断心室预激，我们误判为左心室肥厚与下壁梗死",
        "slurred upstrokes (delta waves) in I and V4 to V6 at a PR of 146 ms: preexcitation, which we take for hypertrophy and an inferior infarct")),
    ("JS45542", ("胸导联均无信号，肢体导联为160次/分的心动过速、T波深倒：不能定性，应重新采集并除外室性心动过速",
        "no signal in the chest leads, a tachycardia of 160 with deep T waves in the limb leads: not to be named; record again and rule out ventricular tachycardia")),
    ("JS45543", ("窄QRS波心动过速中有成串宽大心搏：短阵室性心动过速，标签“阵发性室速”与之相符",
        "runs of broad beats in a narrow tachycardia: nonsustained ventricular tachycardia, as the label says in other words")),
    ("E00004", ("肢体导联低小、电轴113°，V5、V6导联T波倒置而胸导联电压高：左心室高电压伴T波改变，右心室肥厚依据不足",
        "small limb leads with an axis of 113 degrees, tall chest leads with inverted T in V5 and V6: left ventricular voltage with T changes; right hypertrophy is not well founded")),
    ("00321_hr", ("心房颤动中见两个提前的宽大畸形心搏：室性期前收缩，标签漏写",
        "two early broad strange beats in fibrillation: ventricular premature complexes, which the label leaves out")),
    ("00485_hr", ("第12个心搏提前450 ms、宽大畸形并有代偿间歇：室性期前收缩，标签漏写",
        "the twelfth beat comes at 450 ms, broad, with a compensatory pause: a ventricular premature complex, which the label leaves out")),
    ("00213_hr", ("末二个心搏提前而胸导联形态正常：房性期前收缩，我们误判为室性",
        "an early beat near the end of normal shape in the chest leads: an atrial premature complex, which we take for a ventricular one")),
    ("00191_hr", ("每个QRS波前约350 ms有P波，心率31次/分：窦性心动过缓伴显著的一度房室阻滞，我们未找到P波",
        "a P wave some 350 ms before each QRS at 31 a minute: sinus bradycardia with a marked first-degree block; we do not find the P waves")),
    ("JS00011", ("PR间期160 ms：无一度房室阻滞", "a PR of 160 ms: no first-degree block")),
];

/// What a reader would say of a record, where it was looked at.
pub fn reading(record: &str) -> Option<Words> {
    READINGS.iter().find(|(name, _)| *name == record).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_is_read_once() {
        for (name, (zh, en)) in READINGS {
            assert_eq!(READINGS.iter().filter(|(other, _)| other == name).count(), 1, "{name}");
            assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && en.is_ascii(), "{name}");
        }
        assert!(reading("no such record").is_none());
    }
}
