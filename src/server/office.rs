//! Indicators for the quality office, as JSON and CSV.

use super::App;
use super::access::Who;
use super::problem::{Answer, Problem};
use crate::interpret::RULES;
use crate::store::{Group, Indicators};
use crate::text::Text;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Value, json};

/// Which time and how grouped; dates are the centre's.
#[derive(Deserialize)]
pub struct Wanted {
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    by: Group,
}

async fn found(app: &App, who: &Who, wanted: &Wanted) -> Answer<(Timestamp, Timestamp, Indicators)> {
    let zone = TimeZone::get(&app.store().settings().await?.time_zone).unwrap_or(TimeZone::UTC);
    let today = app.now().to_zoned(zone.clone()).date();
    let date = |said: &Option<String>, usual: Date| match said {
        None => Ok(usual),
        Some(said) => {
            said.parse().map_err(|_| Problem::wrong("日期格式应为 2026-11-25", "dates are written 2026-11-25"))
        }
    };
    let from = date(&wanted.from, today.first_of_month())?;
    let to = date(&wanted.to, today.saturating_add(1.day()))?;
    let start = |date: Date| {
        let zoned = date.to_zoned(zone.clone()).map(|z| z.timestamp());
        zoned.map_err(|_| Problem::wrong("日期超出范围", "a date out of range"))
    };
    let (from, to) = (start(from)?, start(to)?);
    let indicators = app.store().indicators((from, to), wanted.by, &who.reach()).await?;
    Ok((from, to, indicators))
}

fn words(id: &str) -> Text {
    RULES.iter().find(|r| r.id == id).map_or_else(|| Text::of(id, id), |r| r.text.clone())
}

/// `GET /api/indicators`
pub async fn indicators(State(app): State<App>, who: Who, Query(wanted): Query<Wanted>) -> Answer<Json<Value>> {
    let (from, to, indicators) = found(&app, &who, &wanted).await?;
    let statements = indicators.statements.iter().map(|s| {
        let months = s.months.iter().map(|(month, [machine, confirmed, added])| {
            json!({ "month": month, "machine": machine, "confirmed": confirmed, "added": added })
        });
        json!({
            "id": s.id, "text": words(&s.id), "machine": s.machine, "confirmed": s.confirmed, "deleted": s.deleted,
            "added": s.added, "se": s.se, "ppv": s.ppv, "months": months.collect::<Vec<_>>(),
        })
    });
    let refusals = indicators.refusals.iter().map(|(reason, count)| json!({ "reason": reason, "count": count }));
    Ok(Json(json!({
        "from": from,
        "to": to,
        "rows": indicators.rows,
        "statements": statements.collect::<Vec<_>>(),
        "refusals": refusals.collect::<Vec<_>>(),
    })))
}

/// `GET /api/indicators.csv`
pub async fn csv(State(app): State<App>, who: Who, Query(wanted): Query<Wanted>) -> Answer<Response> {
    let (_, _, indicators) = found(&app, &who, &wanted).await?;
    // Excel takes a CSV for UTF-8 only with this mark.
    let mut out = b"\xef\xbb\xbf".to_vec();
    let mut csv = ::csv::Writer::from_writer(&mut out);
    let written = (|| -> Result<(), ::csv::Error> {
        csv.write_record([
            "分组 group",
            "接收 received",
            "报告 reported",
            "及时 timely",
            "退回 refused",
            "修订 amended",
            "中位时间(分) median min",
            "P90(分) P90 min",
            "危急值 critical",
            "及时确认 acknowledged in time",
            "闭环 closed",
            "阳性 abnormal",
            "双审 second read",
            "一致 agreed",
        ])?;
        for r in &indicators.rows {
            let minutes = |m: Option<f64>| m.map_or_else(String::new, |m| format!("{m:.1}"));
            csv.write_record([
                guarded(&r.group),
                r.received.to_string(),
                r.reported.to_string(),
                r.timely.to_string(),
                r.refused.to_string(),
                r.amended.to_string(),
                minutes(r.median_min),
                minutes(r.p90_min),
                r.critical.to_string(),
                r.acknowledged_in_time.to_string(),
                r.closed.to_string(),
                r.abnormal.to_string(),
                r.second_read.to_string(),
                r.second_agreed.to_string(),
            ])?;
        }
        csv.flush()?;
        Ok(())
    })();
    drop(csv);
    written.map_err(|_| Problem::new("internal"))?;
    let named = "attachment; filename=\"indicators.csv\"";
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, named)], out).into_response())
}

/// A spreadsheet runs a cell that begins so as a formula; device names come from files.
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
