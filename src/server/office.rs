//! Indicators for the quality office, as JSON, PDF and CSV.

use super::App;
use super::access::Who;
use super::figures::tables;
use super::problem::{Answer, Problem};
use crate::interpret::RULES;
use crate::report::Settings;
use crate::report::listing::{self, Listing};
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

/// A statement in words.
pub fn words(id: &str) -> Text {
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

/// `GET /api/indicators.pdf`
pub async fn pdf(State(app): State<App>, who: Who, Query(wanted): Query<Wanted>) -> Answer<Response> {
    let (from, to, indicators) = found(&app, &who, &wanted).await?;
    let centre = app.store().settings().await?;
    let lang = who.person()?.lang;
    let zone = TimeZone::get(&centre.time_zone).unwrap_or(TimeZone::UTC);
    let now = app.now().to_zoned(zone.clone());
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date().to_string();
    let last = to.checked_sub(1.second()).unwrap_or(to);
    let of = format!("{} – {}", day(from), day(last));
    let settings = Settings { heading: centre.centre.get(lang).to_owned(), ..Settings::new(lang) };
    let made = tokio::task::spawn_blocking(move || {
        let listing = Listing { of: &of, tables: &tables(&indicators, lang) };
        listing::pdf(&listing, &now, &settings).map_err(|e| Problem::new("internal").because(e.text()))
    });
    let bytes = made.await.map_err(|_| Problem::new("internal"))??;
    Ok(([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response())
}

/// `GET /api/indicators.csv`: the tables one below the other, an empty line between them.
pub async fn csv(State(app): State<App>, who: Who, Query(wanted): Query<Wanted>) -> Answer<Response> {
    let (_, _, indicators) = found(&app, &who, &wanted).await?;
    let lang = who.person()?.lang;
    // Excel takes a CSV for UTF-8 only with this mark.
    let mut out = b"\xef\xbb\xbf".to_vec();
    let written = tables(&indicators, lang).iter().enumerate().try_for_each(|(n, table)| {
        if n > 0 {
            out.push(b'\n');
        }
        let mut csv = ::csv::WriterBuilder::new().flexible(true).from_writer(&mut out);
        if n > 0 {
            csv.write_record([format!("{} {}", table.name.zh, table.name.en)])?;
        }
        csv.write_record(table.columns.iter().map(|c| format!("{} {}", c.zh, c.en)))?;
        for row in &table.rows {
            csv.write_record(row.iter().map(|cell| guarded(cell)))?;
        }
        csv.flush().map_err(::csv::Error::from)
    });
    written.map_err(|_| Problem::new("internal"))?;
    let named = "attachment; filename=\"indicators.csv\"";
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, named)], out).into_response())
}

/// A spreadsheet runs a cell that begins so as a formula; device names come from files.
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
