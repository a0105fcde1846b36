//! Ventricles of children, by the age's percentiles (Davignon 1980).

use super::conduction::narrow;
use super::prelude::*;

pub static LVH_CHILD: Rule = Rule {
    id: "lvh-pediatric",
    text: text("左心室肥厚可能（儿童）", "Possible left ventricular hypertrophy (paediatric)"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["142"], &["LVH"], &["164873001"], &[]),
    criteria: text(
        "儿童V6导联R波或V1导联S波大于同年龄第98百分位",
        "In children R in V6 or S in V1 above the age's 98th percentile",
    ),
    source: &DAVIGNON,
    replaces: &[],
    when: |c| {
        let (limit, v1, v6) = (norms::child_voltage(c.patient)?, c.amp(&L::V1)?, c.amp(&L::V6)?);
        (narrow(c) && (v6.r() > limit.r_v6 || v1.s() > limit.s_v1)).then(|| {
            let mut e = Evidence::of(Confidence::Possible);
            if v6.r() > limit.r_v6 {
                e = e.number(name::R, v6.r(), "mV", format!("> {} (V6)", limit.r_v6)).leads([L::V6]);
            }
            if v1.s() > limit.s_v1 {
                e = e.number(name::S, v1.s(), "mV", format!("> {} (V1)", limit.s_v1)).leads([L::V1]);
            }
            e
        })
    },
};

pub static RVH_CHILD: Rule = Rule {
    id: "rvh-pediatric",
    text: text("右心室肥厚可能（儿童）", "Possible right ventricular hypertrophy (paediatric)"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["143"], &["RVH"], &["89792004"], &[]),
    criteria: text(
        "儿童V1导联R波或V6导联S波大于同年龄第98百分位，或出生4天至8岁V1导联T波直立且R/S大于1",
        "In children R in V1 or S in V6 above the age's 98th percentile, or an upright T in V1 with R/S above 1 between 4 days and 8 years",
    ),
    source: &DAVIGNON,
    replaces: &[],
    when: |c| {
        let (limit, v1, v6) = (norms::child_voltage(c.patient)?, c.amp(&L::V1)?, c.amp(&L::V6)?);
        let age = c.patient.age?;
        let upright = (4.0 / 365.25..8.0).contains(&age) && v1.t() > 0.1 && v1.r() > v1.s() && v1.r() > 0.5;
        (narrow(c) && (v1.up() > limit.r_v1 || v6.s() > limit.s_v6 || upright)).then(|| {
            let mut e = Evidence::of(Confidence::Possible);
            if v1.up() > limit.r_v1 {
                e = e.number(name::R, v1.up(), "mV", format!("> {} (V1)", limit.r_v1)).leads([L::V1]);
            }
            if v6.s() > limit.s_v6 {
                e = e.number(name::S, v6.s(), "mV", format!("> {} (V6)", limit.s_v6)).leads([L::V6]);
            }
            if upright {
                e = e.number(name::T, v1.t(), "mV", "> 0.1 (V1)").leads([L::V1]);
            }
            e
        })
    },
};

pub static BVH_CHILD: Rule = Rule {
    id: "bvh-pediatric",
    text: text("双心室肥厚可能（儿童）", "Possible biventricular hypertrophy (paediatric)"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["144"], &["LVH", "RVH"], &["195126007", "164873001", "89792004"], &[]),
    criteria: text(
        "儿童同时符合左、右心室肥厚标准",
        "The criteria of left and of right ventricular hypertrophy in children",
    ),
    source: &DAVIGNON,
    replaces: &["lvh-pediatric", "rvh-pediatric"],
    when: |c| {
        let (left, right) = ((LVH_CHILD.when)(c)?, (RVH_CHILD.when)(c)?);
        Some(
            Evidence {
                numbers: left.numbers.into_iter().chain(right.numbers).collect(),
                ..Evidence::of(Confidence::Possible)
            }
            .leads(left.leads.into_iter().chain(right.leads)),
        )
    },
};

pub static OSTIUM_PRIMUM: Rule = Rule {
    id: "ostium-primum-defect",
    text: text("提示原发孔型房间隔缺损（儿童）", "Suggests ostium primum atrial septal defect (paediatric)"),
    family: "chambers",
    severity: Abnormal,
    codes: codes(&["105", "121", "213"], &[], &[], &[]),
    criteria: text(
        "儿童不完全性右束支阻滞或V1导联rSr'型，合并电轴左偏（同年龄第2百分位以下）",
        "In children incomplete right bundle branch block or rSr' in V1 with left axis deviation (below the age's 2nd percentile)",
    ),
    source: &SURAWICZ,
    replaces: &[],
    when: |c| {
        let (axis, least) = (c.axis()?, norms::axis(c.patient).0);
        let late = c.amp(&L::V1)?.r2();
        (!c.adult() && narrow(c) && late >= 0.1 && (-120.0..least).contains(&axis)).then(|| {
            Evidence::of(Confidence::Possible)
                .number(name::AXIS, axis, "°", format!("< {least}"))
                .number(name::R_LATE, late, "mV", "≥ 0.1")
                .leads([L::V1])
        })
    },
};
