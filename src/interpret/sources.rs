//! The citations that statements rest on.

use super::Source;

macro_rules! sources {
    (@english) => { None };
    (@english $english:literal) => { Some($english) };
    ($($name:ident = $cite:literal, $doi:expr $(, $english:literal)?;)*) => {
        $(#[doc = $cite] pub static $name: Source =
            Source { cite: $cite, english: sources!(@english $($english)?), doi: $doi };)*
    };
}

sources! {
    AHA_PART1 = "Kligfield P et al. AHA/ACC/HRS recommendations for the standardization and interpretation of the ECG, part I: technology. Circulation 2007;115:1306-1324", Some("10.1161/CIRCULATIONAHA.106.180200");
    AHA_PART2 = "Mason JW, Hancock EW, Gettes LS. AHA/ACC/HRS recommendations, part II: diagnostic statement list. Circulation 2007;115:1325-1332", Some("10.1161/CIRCULATIONAHA.106.180201");
    AHA_PART3 = "Surawicz B et al. AHA/ACCF/HRS recommendations, part III: intraventricular conduction disturbances. Circulation 2009;119:e235-e240", Some("10.1161/CIRCULATIONAHA.108.191095");
    AHA_PART4 = "Rautaharju PM, Surawicz B, Gettes LS. AHA/ACCF/HRS recommendations, part IV: ST segment, T and U waves, QT interval. Circulation 2009;119:e241-e250", Some("10.1161/CIRCULATIONAHA.108.191096");
    AHA_PART5 = "Hancock EW et al. AHA/ACCF/HRS recommendations, part V: cardiac chamber hypertrophy. Circulation 2009;119:e251-e261", Some("10.1161/CIRCULATIONAHA.108.191097");
    UDMI4 = "Thygesen K et al. Fourth universal definition of myocardial infarction (2018). Circulation 2018;138:e618-e651", Some("10.1161/CIR.0000000000000617");
    ESC_ACS = "Byrne RA et al. 2023 ESC guidelines for the management of acute coronary syndromes. Eur Heart J 2023;44:3720-3826", Some("10.1093/eurheartj/ehad191");
    ESC_AF = "Hindricks G et al. 2020 ESC guidelines for atrial fibrillation. Eur Heart J 2021;42:373-498", Some("10.1093/eurheartj/ehaa612");
    ESC_SVT = "Brugada J et al. 2019 ESC guidelines for supraventricular tachycardia. Eur Heart J 2020;41:655-720", Some("10.1093/eurheartj/ehz467");
    VA_2017 = "Al-Khatib SM et al. 2017 AHA/ACC/HRS guideline for ventricular arrhythmias. Circulation 2018;138:e272-e391", Some("10.1161/CIR.0000000000000549");
    BRADY_2018 = "Kusumoto FM et al. 2018 ACC/AHA/HRS guideline on bradycardia and conduction delay. Circulation 2019;140:e382-e482", Some("10.1161/CIR.0000000000000628");
    SURAWICZ = "Surawicz B, Knilans TK. Chou's Electrocardiography in Clinical Practice, 6th ed. Saunders 2008", None;
    MINNESOTA = "Prineas RJ, Crow RS, Zhang ZM. The Minnesota Code Manual of Electrocardiographic Findings, 2nd ed. Springer 2010", Some("10.1007/978-1-84882-778-3");
    DAVIGNON = "Davignon A et al. Normal ECG standards for infants and children. Pediatr Cardiol 1980;1:123-131", Some("10.1007/BF02083144");
    SOKOLOW = "Sokolow M, Lyon TP. The ventricular complex in left ventricular hypertrophy. Am Heart J 1949;37:161-186", Some("10.1016/0002-8703(49)90562-1");
    CORNELL = "Casale PN et al. Improved sex-specific criteria of left ventricular hypertrophy. Circulation 1987;75:565-572", Some("10.1161/01.CIR.75.3.565");
    SGARBOSSA_1996 = "Sgarbossa EB et al. Electrocardiographic diagnosis of evolving acute myocardial infarction in the presence of left bundle-branch block. N Engl J Med 1996;334:481-487", Some("10.1056/NEJM199602223340801");
    WELLENS_1982 = "de Zwaan C, Bar FW, Wellens HJ. Characteristic electrocardiographic pattern indicating a critical stenosis high in the left anterior descending artery. Am Heart J 1982;103:730-736", Some("10.1016/0002-8703(82)90480-X");
    DE_WINTER_2008 = "de Winter RJ et al. A new ECG sign of proximal LAD occlusion. N Engl J Med 2008;359:2071-2073", Some("10.1056/NEJMc0804737");
    BRUGADA_VT = "Brugada P et al. A new approach to the differential diagnosis of a regular tachycardia with a wide QRS complex. Circulation 1991;83:1649-1659", Some("10.1161/01.CIR.83.5.1649");
    VERECKEI = "Vereckei A et al. New algorithm using only lead aVR for differential diagnosis of wide QRS complex tachycardia. Heart Rhythm 2008;5:89-98", Some("10.1016/j.hrthm.2007.09.020");
    MICHOWITZ = "Michowitz Y et al. Differentiating the QRS morphology of posterior fascicular ventricular tachycardia from right bundle branch block and left anterior hemiblock aberrancy. Circ Arrhythm Electrophysiol 2017;10:e005074", Some("10.1161/CIRCEP.117.005074");
    BRUGADA_ECG = "Bayes de Luna A et al. Current electrocardiographic criteria for diagnosis of Brugada pattern: a consensus report. J Electrocardiol 2012;45:433-442", Some("10.1016/j.jelectrocard.2012.06.004");
    MACFARLANE_2015 = "Macfarlane PW et al. The early repolarization pattern: a consensus paper. J Am Coll Cardiol 2015;66:470-477", Some("10.1016/j.jacc.2015.05.033");
    HYPOTHERMIA_ECG = "Mattu A, Brady WJ, Perron AD. Electrocardiographic manifestations of hypothermia. Am J Emerg Med 2002;20:314-326", Some("10.1053/ajem.2002.32633");
    CHANNELOPATHY = "Priori SG et al. HRS/EHRA/APHRS expert consensus on inherited primary arrhythmia syndromes. Heart Rhythm 2013;10:1932-1963", Some("10.1016/j.hrthm.2013.05.014");
    INTERATRIAL_BLOCK = "Bayes de Luna A et al. Interatrial blocks: a separate entity from left atrial enlargement. J Electrocardiol 2012;45:445-451", Some("10.1016/j.jelectrocard.2012.06.029");
    ELECTRODES = "Batchvarov VN, Malik M, Camm AJ. Incorrect electrode cable connection during electrocardiographic recording. Europace 2007;9:1081-1090", Some("10.1093/europace/eum172");
    GINZTON_1982 = "Ginzton LE, Laks MM. The differential diagnosis of acute pericarditis from the normal variant. Circulation 1982;65:1004-1009", Some("10.1161/01.CIR.65.5.1004");
    SURAWICZ_1957 = "Surawicz B et al. Quantitative analysis of the electrocardiographic pattern of hypopotassemia. Circulation 1957;16:750-763", None;
    SREERAM_1994 = "Sreeram N et al. Value of the 12-lead electrocardiogram at hospital admission in the diagnosis of pulmonary embolism. Am J Cardiol 1994;73:298-303", Some("10.1016/0002-9149(94)90233-X");
    PACING = "Kusumoto FM et al.; Mulpuru SK et al. Cardiac pacemakers: function, troubleshooting, and management. J Am Coll Cardiol 2017;69:189-210", Some("10.1016/j.jacc.2016.10.061");
    VERRIER_2011 = "Verrier RL et al. Microvolt T-wave alternans: physiological basis, methods of measurement, and clinical utility. J Am Coll Cardiol 2011;58:1309-1324", Some("10.1016/j.jacc.2011.06.029");
    CHINA_CRITICAL = "中国心电学会危急值专家工作组. 心电图危急值2017中国专家共识. 临床心电学杂志 2017;26(6):401-402", None,
        "Working Group on Critical Values, Chinese Society of Electrocardiology. Chinese expert consensus on critical values of the electrocardiogram, 2017. Journal of Clinical Electrocardiology 2017;26(6):401-402 (in Chinese)";
    CHINA_TERMS = "心电图诊断术语规范化中国专家共识(2019). 实用心电学杂志 2019;28(3):161-165", None,
        "Chinese expert consensus on standard terms of electrocardiographic diagnosis, 2019. Journal of Practical Electrocardiology 2019;28(3):161-165 (in Chinese)";
}
