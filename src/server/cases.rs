//! Looking at cases: lists, one whole, its samples, pictures, reports and files.

use super::access::{TheCase, Who};
use super::extract::Body;
use super::problem::{Answer, Problem};
use super::{App, analysis, blind, shape, signing};
use crate::review::Act;
use crate::store::{CaseRow, Clinical, Draft, Entry, Query, Signed, View, possible};
use crate::text::{Lang, Text};
use axum::Json;
use axum::extract::{Path, Query as UrlQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// `POST /api/cases/search`
pub async fn search(State(app): State<App>, who: Who, Body(mut query): Body<Query>) -> Answer<Json<Value>> {
    let reads = who.person().is_ok_and(|p| crate::review::may(p.role, Act::SeeWorklist));
    if query.view.is_none() && reads && query.case.is_none() && query.text.is_none() {
        query.view = Some(View::Worklist);
    }
    let reach = who.reach();
    if let Some(site) = query.site
        && !reach.holds(&app.store().site(site).await?.path)
    {
        return Err(Problem::new("not-found"));
    }
    if query.text.is_some() {
        app.store().record(who.entry("searched"), app.now()).await?;
    }
    let reader = who.ids().0.unwrap_or(0);
    let found = app.store().find(&query, &reach, reader).await?;
    let counts = app.store().counts(&reach, app.now()).await?;
    let hidden = blind::hidden(&app, &who).await?;
    let shown = |row: &CaseRow| shape::row(&if hidden.contains(&row.id) { blind::masked(row) } else { row.clone() });
    let cases: Vec<Value> = found.cases.iter().map(shown).collect();
    Ok(Json(json!({ "cases": cases, "next": found.next, "counts": counts })))
}

/// What the analysis found critical, as printed.
pub fn critical_items(row: &CaseRow, report: &Value) -> Vec<Text> {
    let listed = report.get("critical_values").and_then(Value::as_array).into_iter().flatten();
    let critical = listed.filter(|v| v.get("tier").and_then(Value::as_str) == Some("critical"));
    let items: Vec<Text> = critical.filter_map(|v| serde_json::from_value(v.get("text")?.clone()).ok()).collect();
    if items.is_empty() { row.summary.clone() } else { items }
}

/// The object of the analysis; `Null` before there is one.
pub async fn analysis_of(app: &App, row: &CaseRow) -> Answer<Value> {
    let Some(object) = &row.analysis else { return Ok(Value::Null) };
    let bytes = app.store().objects().get(object).await?;
    serde_json::from_slice(&bytes).map_err(|_| Problem::new("internal"))
}

/// A draft and what it comes to.
pub async fn draft_state(app: &App, row: &CaseRow, draft: &Draft, machine: &Value) -> Answer<Value> {
    let conclusion = draft.conclude(&row.machine).map_err(|edit| {
        Problem::wrong(
            format!("第 {} 项修改与现有结论不符", edit + 1),
            format!("edit {} does not fit the lines", edit + 1),
        )
        .status(StatusCode::UNPROCESSABLE_ENTITY)
        .with("edit", json!(edit))
    })?;
    let measurements = match &draft.fiducials {
        Some(moved) => signing::measured(app, row, *moved).await?,
        None => machine.get("measurements").cloned().unwrap_or(Value::Null),
    };
    Ok(json!({
        "draft": draft,
        "conclusion": conclusion.lines,
        "measurements": measurements,
        "verdict": signing::verdict(row.verdict, &row.machine, &conclusion.lines),
        "revision": row.revision,
        "until": row.until(),
    }))
}

/// `GET /api/cases/{case}`
pub async fn whole(State(app): State<App>, who: Who, TheCase(row): TheCase) -> Answer<Response> {
    let (store, now) = (app.store(), app.now());
    let hidden = blind::hidden(&app, &who).await?;
    let blind = hidden.contains(&row.id);
    let row = if blind { std::sync::Arc::new(blind::masked(&row)) } else { row };
    let analysed = analysis_of(&app, &row).await?;
    let report = analysed.get("report").cloned().unwrap_or(Value::Null);
    let reader = who.person().ok().filter(|p| !blind && crate::review::may(p.role, Act::Read));
    let draft = match (reader, store.draft(row.id).await?) {
        (Some(_), Some((draft, _, _))) => draft_state(&app, &row, &draft, &report).await.ok(),
        _ => None,
    };
    let versions = if blind { Vec::new() } else { store.versions(row.id).await? };
    let versions: Vec<Value> = versions.iter().map(shape::version).collect();
    let critical = match &row.alarm {
        Some(alarm) => {
            let limits = store.settings().await?.critical();
            Some(shape::alarm(store, alarm, &critical_items(&row, &report), &limits, now).await?)
        }
        None => None,
    };
    let mut priors = Vec::new();
    for other in store.others_of_patient(&row, &who.reach()).await? {
        let other = if hidden.contains(&other.id) { blind::masked(&other) } else { other };
        priors.push(json!({
            "case": other.id,
            "recorded": other.recorded,
            "received": other.received,
            "site": other.site,
            "verdict": other.verdict,
            "signed": other.case.versions > 0,
            "lines": other.summary,
        }));
    }
    let files = row.files.iter().enumerate();
    let files: Vec<Value> =
        files.map(|(n, f)| json!({ "n": n, "name": f.name, "bytes": f.bytes, "sha256": f.sha256 })).collect();
    let may = match who.person() {
        Ok(_) if blind => vec!["blind"],
        Ok(person) => possible(&row, person, now),
        Err(_) => Vec::new(),
    };
    let entry = Entry { case: Some(row.id), site: Some(row.site.id), ..who.entry("viewed") };
    store.record(entry, now).await?;
    let body = json!({
        "row": shape::row(&row),
        "clinical": row.clinical,
        "files": files,
        "report": report,
        "medians": analysed.get("medians").cloned().unwrap_or_else(|| json!([])),
        "program": row.program,
        "draft": draft,
        "versions": versions,
        "critical": critical,
        "priors": priors,
        "blind": blind,
        "may": may,
    });
    Ok(([(header::ETAG, format!("\"{}\"", row.revision))], Json(body)).into_response())
}

/// `GET /api/cases/{case}/waveform`
pub async fn waveform(State(app): State<App>, headers: HeaderMap, TheCase(row): TheCase) -> Answer<Response> {
    if row.erased.is_some() {
        return Err(Problem::new("erased"));
    }
    let first = row.files.first().ok_or_else(|| Problem::new("not-found"))?;
    let tag = format!("\"{}-{}\"", &first.sha256[..16.min(first.sha256.len())], crate::report::VERSION);
    let cached = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "private, max-age=3600".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, cached).into_response());
    }
    let source = analysis::source(app.store(), &row).await?;
    let clinical = row.clinical.clone();
    let packed = tokio::task::spawn_blocking(move || analysis::recording(&source, &clinical).map(|r| pack(&r)));
    let packed = packed.await.map_err(|_| Problem::new("internal"))?;
    let packed = packed.map_err(|why| Problem::new("not-found").because(why))?;
    Ok((cached, [(header::CONTENT_TYPE, "application/octet-stream")], packed).into_response())
}

/// The samples as the interface's description has them.
fn pack(recording: &crate::signal::Recording) -> Vec<u8> {
    const MISSING: i16 = i16::MIN;
    let largest = recording.samples.iter().filter(|v| v.is_finite()).fold(0.0_f32, |m, v| m.max(v.abs()));
    // A microvolt where it reaches, else as coarse as the largest needs.
    let scale = (f64::from(largest) * 1000.0 / f64::from(i16::MAX)).max(1.0);
    let header = json!({
        "leads": recording.leads,
        "rate_hz": recording.rate.0,
        "samples": recording.len(),
        "uv_per_unit": scale,
        "missing": MISSING,
    });
    let mut header = header.to_string().into_bytes();
    while !header.len().is_multiple_of(8) {
        header.push(b' ');
    }
    let mut packed = Vec::with_capacity(8 + header.len() + recording.samples.len() * 2);
    packed.extend_from_slice(b"EWF1");
    packed.extend_from_slice(&u32::try_from(header.len()).unwrap_or(0).to_le_bytes());
    packed.extend_from_slice(&header);
    for value in &recording.samples {
        let unit = if value.is_finite() { (f64::from(*value) * 1000.0 / scale).round() as i16 } else { MISSING };
        packed.extend_from_slice(&unit.to_le_bytes());
    }
    packed
}

/// `GET /api/cases/{case}/thumbnail.svg`
pub async fn thumbnail(State(app): State<App>, TheCase(row): TheCase) -> Answer<Response> {
    let svg = app.store().thumbnail(row.id).await?;
    let cached = [(header::CACHE_CONTROL, "private, max-age=3600"), (header::CONTENT_TYPE, "image/svg+xml")];
    Ok((cached, svg).into_response())
}

/// Which version, in which language.
#[derive(Deserialize)]
pub struct Wanted {
    version: Option<i64>,
    lang: Option<String>,
}

/// A form of the report.
#[derive(Clone, Copy)]
pub enum Form {
    /// `report.pdf`
    Pdf,
    /// `report.json`
    Json,
    /// `report.fhir.json`
    Fhir,
}

impl Form {
    /// The output that draws it, its media type and the end of its name.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Pdf => ("pdf", "application/pdf", "pdf"),
            Self::Json => ("json", "application/json", "json"),
            Self::Fhir => ("fhir", "application/fhir+json", "fhir.json"),
        }
    }

    /// Its object in a signed version.
    fn of(self, signed: &Signed, lang: Lang) -> &str {
        match (self, lang) {
            (Self::Pdf, Lang::Zh) => &signed.pdf_zh,
            (Self::Pdf, Lang::En) => &signed.pdf_en,
            (Self::Json, _) => &signed.json,
            (Self::Fhir, _) => &signed.fhir,
        }
    }
}

/// `GET /api/cases/{case}/report.…`: the newest signed version, the one that is asked for, or what is preliminary.
pub fn report(form: Form) -> MethodRouter<App> {
    get(
        async move |State(app): State<App>,
                    who: Who,
                    headers: HeaderMap,
                    TheCase(row): TheCase,
                    UrlQuery(wanted): UrlQuery<Wanted>| {
            blind::shield(&app, &who, &row).await?;
            let lang = wanted.lang.map_or_else(|| who.lang(&headers), |l| Lang::of_locale(&l));
            let versions = app.store().versions(row.id).await?;
            let version = match wanted.version {
                Some(0) => None,
                Some(n) => Some(versions.iter().find(|v| v.number == n).ok_or_else(|| Problem::new("not-found"))?),
                None => versions.first(),
            };
            let (output, content, extension) = form.words();
            let bytes = match version {
                Some(version) => app.store().objects().get(form.of(&version.body, lang)).await?,
                None => signing::preliminary(&app, &row, output, lang).await?,
            };
            let detail = json!({ "version": version.map(|v| v.number) });
            let entry = Entry { case: Some(row.id), site: Some(row.site.id), detail, ..who.entry("report-fetched") };
            app.store().record(entry, app.now()).await?;
            let number = version.map_or(0, |v| v.number);
            let named = format!("inline; filename=\"ecg-{}-v{number}.{extension}\"", row.id);
            let said = [(header::CONTENT_TYPE, content.to_owned()), (header::CONTENT_DISPOSITION, named)];
            Ok::<_, Problem>((said, bytes).into_response())
        },
    )
}

/// `GET /api/cases/{case}/files/{n}`
pub async fn file(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Path((_, n)): Path<(i64, usize)>,
) -> Answer<Response> {
    let file = row.files.get(n).ok_or_else(|| Problem::new("not-found"))?;
    if row.erased.is_some() {
        return Err(Problem::new("erased"));
    }
    let bytes = app.store().objects().get(&file.sha256).await?;
    let (case, site) = (Some(row.id), Some(row.site.id));
    app.store().record(Entry { case, site, ..who.entry("file-fetched") }, app.now()).await?;
    let mut name = String::from("attachment; filename*=UTF-8''");
    for byte in file.name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    let named = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}

/// `GET /api/cases/{case}/history`
pub async fn history(State(app): State<App>, who: Who, TheCase(row): TheCase) -> Answer<Json<Value>> {
    blind::shield(&app, &who, &row).await?;
    let entries = app.store().audit_page(None, Some(row.id), None, None, 500).await?;
    Ok(Json(json!({ "entries": shape::entries(app.store(), &entries).await? })))
}

/// `PATCH /api/cases/{case}/clinical`
pub async fn clinical(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Body(changes): Body<serde_json::Map<String, Value>>,
) -> Answer<Json<Value>> {
    let wrong = || Problem::wrong("临床信息有误", "the clinical data do not fit");
    let mut all = serde_json::to_value(&row.clinical).map_err(|_| Problem::new("internal"))?;
    for (name, value) in changes {
        let member = all.get_mut(&name).ok_or_else(wrong)?;
        *member = value;
    }
    let clinical: Clinical = serde_json::from_value(all).map_err(|_| wrong())?;
    let clinical = clinical.tidy().ok_or_else(wrong)?;
    let changed = app.store().change_clinical(row.id, &clinical, who.entry("clinical-changed"), app.now()).await?;
    Ok(Json(shape::row(&changed)))
}

#[cfg(test)]
mod tests {
    use super::pack;
    use crate::signal::{Hz, LeadName, Recording};

    #[test]
    fn samples_are_packed_as_described() {
        let samples = ndarray::array![[0.001_f32, -1.5, f32::NAN], [2.0, 0.0, 40.0]];
        let packed = pack(&Recording::new("x", vec![LeadName::I, LeadName::II], Hz(500.0), samples));
        assert_eq!(&packed[..4], b"EWF1");
        let length = u32::from_le_bytes(packed[4..8].try_into().unwrap()) as usize;
        assert_eq!((8 + length) % 8, 0);
        let header: serde_json::Value = serde_json::from_slice(&packed[8..8 + length]).unwrap();
        assert_eq!((header["samples"].as_i64(), header["leads"][1].as_str()), (Some(3), Some("II")));
        let scale = header["uv_per_unit"].as_f64().unwrap();
        let units: Vec<i16> =
            packed[8 + length..].chunks_exact(2).map(|b| i16::from_le_bytes(b.try_into().unwrap())).collect();
        assert_eq!(units.len(), 6);
        assert_eq!(units[2], i16::MIN);
        for (at, uv) in [(1, -1500.0), (3, 2000.0), (5, 40_000.0)] {
            assert!((f64::from(units[at]) * scale - uv).abs() <= scale, "{at}");
        }
    }
}
