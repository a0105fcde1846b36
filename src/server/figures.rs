//! The quality office's figures as tables to hand on: what the page shows, for PDF and CSV.

use super::office::words;
use crate::report::listing::Table;
use crate::store::{IndicatorRow, Indicators, StatementQuality};
use crate::text::{Lang, Text, text};

const GROUP: Text = text("分组", "group");
const TOTAL: Text = text("合计", "all");

/// Counts and turn-around of a group.
#[rustfmt::skip]
const COUNTS: [Text; 14] = [
    GROUP, text("接收", "received"), text("报告", "reported"), text("及时", "timely"),
    text("退回", "refused"), text("修订", "amended"), text("中位(分)", "med. min"), text("P90(分)", "P90 min"),
    text("危急值", "critical"), text("及时确认", "in time"), text("闭环", "closed"), text("阳性", "abnormal"),
    text("双审", "second"), text("一致", "agreed"),
];
/// Its rates, %.
#[rustfmt::skip]
const RATES: [Text; 8] = [
    GROUP, text("及时报告", "timely"), text("危急值及时确认", "ack. in time"), text("危急值闭环", "critical closed"),
    text("质量退回", "refused"), text("修订", "amended"), text("阳性", "abnormal"), text("审核一致", "second agrees"),
];
const HOURS: [Text; 3] = [text("时段", "hour"), text("报告", "reported"), text("中位(分)", "median min")];
const REASONS: [Text; 2] = [text("原因", "reason"), text("份数", "cases")];
#[rustfmt::skip]
const STATEMENTS: [Text; 7] = [
    text("诊断语句", "statement"), text("程序给出", "by machine"), text("确认", "confirmed"), text("删除", "deleted"),
    text("新增", "added"), text("Se(%)", "Se %"), text("PPV(%)", "PPV %"),
];

/// With one decimal; nothing where there is no number.
fn decimal(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| format!("{v:.1}"))
}

fn percent(part: i64, whole: i64) -> String {
    decimal((whole > 0).then(|| 100.0 * part as f64 / whole as f64))
}

fn counts(r: &IndicatorRow) -> Vec<String> {
    let mut cells: Vec<String> =
        [r.received, r.reported, r.timely, r.refused, r.amended].map(|n| n.to_string()).to_vec();
    cells.extend([decimal(r.median_min), decimal(r.p90_min)]);
    let rest = [r.critical, r.acknowledged_in_time, r.closed, r.abnormal, r.second_read, r.second_agreed];
    cells.extend(rest.map(|n| n.to_string()));
    cells
}

fn rates(r: &IndicatorRow) -> Vec<String> {
    let shares = [
        (r.timely, r.reported),
        (r.acknowledged_in_time, r.critical),
        (r.closed, r.critical),
        (r.refused, r.received),
        (r.amended, r.reported),
        (r.abnormal, r.reported),
        (r.second_agreed, r.second_read),
    ];
    shares.map(|(part, whole)| percent(part, whole)).to_vec()
}

fn hours(all: Option<&IndicatorRow>) -> Vec<Vec<String>> {
    let hours = all.into_iter().flat_map(|r| r.by_hour.iter().zip(&r.median_by_hour).enumerate());
    hours
        .filter(|(_, (reports, _))| **reports > 0)
        .map(|(hour, (reports, median))| vec![format!("{hour:02}:00"), reports.to_string(), decimal(*median)])
        .collect()
}

fn statement(s: &StatementQuality, lang: Lang) -> Vec<String> {
    let mut cells = vec![words(&s.id).get(lang).to_owned()];
    cells.extend([s.machine, s.confirmed, s.deleted, s.added].map(|n| n.to_string()));
    cells.extend([s.se, s.ppv].map(|share| decimal(share.map(|s| 100.0 * s))));
    cells
}

/// The tables, those without a row left out but for the first.
pub fn tables(figures: &Indicators, lang: Lang) -> Vec<Table> {
    let by_group = |cells: fn(&IndicatorRow) -> Vec<String>| {
        let rows = figures.rows.iter().map(|r| {
            let name = if r.group == "all" { TOTAL.get(lang).to_owned() } else { r.group.clone() };
            [vec![name], cells(r)].concat()
        });
        rows.collect::<Vec<_>>()
    };
    let reasons = figures.refusals.iter().map(|(reason, n)| vec![reason.clone(), n.to_string()]).collect();
    let statements = figures.statements.iter().map(|s| statement(s, lang)).collect();
    let all = figures.rows.iter().find(|r| r.group == "all");
    let of = |name: Text, columns: &[Text], rows| Table { name, columns: columns.to_vec(), rows };
    let mut tables = vec![
        of(text("质控指标", "Quality indicators"), &COUNTS, by_group(counts)),
        of(text("质控率（%）", "Rates (%)"), &RATES, by_group(rates)),
        of(text("各时段报告", "Reports by hour of day"), &HOURS, hours(all)),
        of(text("退回原因", "Why refused"), &REASONS, reasons),
        of(text("各诊断语句：程序与医师", "Per statement: machine against readers"), &STATEMENTS, statements),
    ];
    let first = tables.remove(0);
    tables.retain(|table| !table.rows.is_empty());
    tables.insert(0, first);
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_say_in_the_readers_language_what_the_page_shows() {
        let mut all = IndicatorRow::default();
        all.group = "all".to_owned();
        (all.received, all.reported, all.timely, all.refused) = (8, 4, 3, 1);
        (all.by_hour, all.median_by_hour) = (vec![0, 4], vec![None, Some(12.26)]);
        let mut site = all.clone();
        site.group = "石桥村".to_owned();
        let statement = StatementQuality {
            id: "atrial-fibrillation".to_owned(),
            machine: 4,
            confirmed: 3,
            deleted: 1,
            ppv: Some(0.75),
            ..StatementQuality::default()
        };
        let figures = Indicators { rows: vec![all, site], statements: vec![statement], refusals: Vec::new() };
        let tables = tables(&figures, Lang::Zh);
        let names: Vec<&str> = tables.iter().map(|t| t.name.zh.as_ref()).collect();
        assert_eq!(names, ["质控指标", "质控率（%）", "各时段报告", "各诊断语句：程序与医师"], "nothing was refused");
        assert!(tables.iter().all(|t| t.rows.iter().all(|row| row.len() == t.columns.len())), "{tables:?}");
        assert_eq!(tables[0].rows[0][..5], ["合计", "8", "4", "3", "1"]);
        assert_eq!(tables[1].rows[1][..5], ["石桥村", "75.0", "", "", "12.5"], "nothing critical: no rate");
        assert_eq!(tables[2].rows, [["01:00", "4", "12.3"]]);
        assert_eq!(tables[3].rows, [["心房颤动", "4", "3", "1", "0", "", "75.0"]]);
    }
}
