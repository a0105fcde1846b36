//! Signing: the report is drawn as it was seen, kept in every form, and only then signed in one transaction. Also the
//! preliminary report of a case nobody has signed.

use super::problem::{Answer, Problem};
use super::{App, analysis, secret};
use crate::ingest::Source;
use crate::interpret::serial::Identity;
use crate::interpret::{RULES, Settings as Thresholds, Severity, Verdict};
use crate::report::{Decision, Layout, Report, Settings, Signature, VERSION, same_patient};
use crate::review::{Line, difference};
use crate::store::{CaseRow, CentreSettings, Clinical, Draft, Fiducials, Person, Reach, Signed, StoreError};
use crate::text::{Lang, Text, text};
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::Value;

/// What a conclusion comes to: the machine's verdict where its statements stand, else by the gravest statement.
pub fn verdict(machine: Option<Verdict>, said: &[(String, Text)], lines: &[Line]) -> Verdict {
    let ids: Vec<&str> = lines.iter().filter_map(|l| l.statement.as_deref()).collect();
    let same = ids.len() == lines.len() && ids.iter().copied().eq(said.iter().map(|(id, _)| id.as_str()));
    if let (Some(machine), true) = (machine, same) {
        return machine;
    }
    let gravest = RULES.iter().filter(|r| ids.contains(&r.id)).map(|r| r.severity).max();
    match gravest {
        Some(Severity::Critical) => Verdict::Critical,
        Some(Severity::Abnormal) => Verdict::Abnormal,
        Some(Severity::Borderline) => Verdict::Borderline,
        Some(Severity::Normal) => Verdict::Normal,
        // Free text only: what it comes to, only its writer knows.
        None => machine.unwrap_or(Verdict::Abnormal),
    }
}

/// The centre's wishes for a report.
fn settings(centre: &CentreSettings, lang: Lang, code: Option<&str>) -> Settings {
    let layout = match centre.layout.as_str() {
        "3x4+3" => Layout::ThreeByFourThree,
        "6x2" => Layout::SixByTwo,
        "12x1" => Layout::TwelveByOne,
        _ => Layout::ThreeByFour,
    };
    let mut footer: Vec<String> = Vec::new();
    if let Some(code) = code {
        let said = text("核验码", "Verification code");
        let place = if centre.base_url.is_empty() {
            String::new()
        } else {
            format!(" {}/v/{code}", centre.base_url.trim_end_matches('/'))
        };
        footer.push(format!("{} {code}{place}", said.get(lang)));
    }
    footer.push(centre.footer.get(lang).to_owned());
    footer.retain(|f| !f.is_empty());
    Settings { layout, heading: centre.centre.get(lang).to_owned(), footer: footer.join(" · "), ..Settings::new(lang) }
}

fn failed(why: &Text) -> Problem {
    Problem::new("internal").because(why.clone())
}

async fn aside<T: Send + 'static>(app: &App, work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    let _turn = app.inner.limits.drawing.acquire().await;
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::new("internal"))?
}

fn drawn(report: &Report, output: &str, settings: &Settings) -> Answer<Vec<u8>> {
    let made = crate::report::render(report, output, settings);
    made.ok_or_else(|| Problem::new("not-found"))?.map_err(|e| failed(&e.text()))
}

/// The patient's last ECG before this one, of those that the centre holds: the same patient number, no other name or sex,
/// recorded earlier. Hospitals number their patients each for itself: another site's must say the same name too.
async fn earlier(app: &App, row: &CaseRow) -> Answer<Option<(Source, Clinical)>> {
    let Some(recorded) = &row.recorded else { return Ok(None) };
    let others = app.store().others_of_patient(row, &Reach::below("/")).await?;
    let serves = |other: &&CaseRow| {
        let before = other.recorded.as_ref().is_some_and(|at| at < recorded);
        let named = row.clinical.patient_name.is_some() && other.clinical.patient_name.is_some();
        before && other.analysis.is_some() && (named || other.site.id == row.site.id)
    };
    let Some(last) = others.iter().find(serves) else { return Ok(None) };
    match analysis::source(app.store(), last).await {
        Ok(source) => Ok(Some((source, last.clinical.clone()))),
        // What is damaged there must not keep this one from being signed.
        Err(StoreError::Damaged(_) | StoreError::Missing | StoreError::Erased) => Ok(None),
        Err(away) => Err(away.into()),
    }
}

/// The report compared with the earlier ECG. Where the two contradict one another on whose they are nothing is compared,
/// and the report says so.
fn compared(mut report: Report, earlier: Option<&(Source, Clinical)>, thresholds: &Thresholds) -> Report {
    let prior = earlier.and_then(|(source, clinical)| analysis::examine(source, clinical, thresholds).ok());
    let Some((prior, diagnosis)) = prior else { return report };
    if same_patient(&prior, &report.recording).0 == Identity::Unproven {
        return report;
    }
    match report.clone().with_prior(prior, diagnosis, false) {
        Ok(compared) => compared,
        Err(other) => {
            report.diagnosis.interpretation.notes.insert(0, other.text());
            report
        }
    }
}

/// The report of a case nobody has signed: marked preliminary.
pub async fn preliminary(app: &App, row: &CaseRow, output: &'static str, lang: Lang) -> Answer<Vec<u8>> {
    if row.analysis.is_none() {
        return Err(Problem::new("not-found"));
    }
    let source = analysis::source(app.store(), row).await?;
    let centre = app.store().settings().await?;
    let (clinical, created) = (row.clinical.clone(), zoned(app, &centre));
    let earlier = earlier(app, row).await?;
    aside(app, move || {
        let thresholds = centre.thresholds();
        let (recording, diagnosis) = analysis::examine(&source, &clinical, &thresholds).map_err(|e| failed(&e))?;
        let report = compared(Report::new(recording, diagnosis, Some(created)), earlier.as_ref(), &thresholds);
        drawn(&report, output, &settings(&centre, lang, None))
    })
    .await
}

fn zoned(app: &App, centre: &CentreSettings) -> Zoned {
    app.now().to_zoned(TimeZone::get(&centre.time_zone).unwrap_or(TimeZone::UTC))
}

/// Measurements with the bounds where the reader has them.
pub async fn measured(app: &App, row: &CaseRow, moved: Fiducials) -> Answer<Value> {
    let source = analysis::source(app.store(), row).await?;
    let (clinical, thresholds) = (row.clinical.clone(), app.store().settings().await?.thresholds());
    aside(app, move || {
        let (recording, mut diagnosis) = analysis::examine(&source, &clinical, &thresholds).map_err(|e| failed(&e))?;
        let moved = analysis::move_fiducials(&recording, &mut diagnosis, &moved);
        moved.map_err(|why| {
            Problem::new("bad-request").because(why).status(axum::http::StatusCode::UNPROCESSABLE_ENTITY)
        })?;
        serde_json::to_value(&diagnosis.measurements).map_err(|_| Problem::new("internal"))
    })
    .await
}

/// What a signature is put under.
pub struct Prepared {
    /// Verification code.
    pub code: String,
    /// What is kept.
    pub body: Signed,
}

/// Draws and keeps every form of the report that `draft` comes to.
pub async fn prepare(
    app: &App,
    row: &CaseRow,
    draft: Draft,
    first: Option<String>,
    person: &Person,
) -> Answer<Prepared> {
    let stale = || Problem::new("stale");
    if row.program.as_deref() != Some(VERSION) {
        // Another program's findings: what would be drawn is not what was seen.
        app.store()
            .retry(row, crate::store::Entry { action: "retried", case: Some(row.id), ..Default::default() }, app.now())
            .await?;
        return Err(stale());
    }
    let conclusion = draft.conclude(&row.machine).map_err(|_| stale())?;
    let lines = conclusion.lines.clone();
    let changed = !draft.edits.is_empty() || draft.fiducials.is_some();
    let verdict = verdict(row.verdict, &row.machine, &lines);
    let difference = difference(&row.machine, &conclusion);
    let centre = app.store().settings().await?;
    let (code, signed) = (secret::code(), zoned(app, &centre));
    let source = analysis::source(app.store(), row).await?;
    let name = first.map_or_else(|| person.name.clone(), |f| format!("{f} / {}", person.name));
    let job = Drawing {
        earlier: earlier(app, row).await?,
        clinical: row.clinical.clone(),
        advice: draft.advice.clone(),
        fiducials: draft.fiducials,
        lines: lines.clone(),
        code: code.clone(),
        centre,
        signed,
        name,
        changed,
        revision: row.case.versions,
    };
    let [pdf_zh, pdf_en, json, fhir] = aside(app, move || job.draw(&source)).await?;
    let objects = app.store().objects();
    let body = Signed {
        changed,
        lines,
        advice: draft.advice.clone(),
        reason: None,
        verdict,
        difference,
        agreed: None,
        draft,
        program: VERSION.to_owned(),
        pdf_zh: objects.put(pdf_zh).await?,
        pdf_en: objects.put(pdf_en).await?,
        json: objects.put(json).await?,
        fhir: objects.put(fhir).await?,
    };
    Ok(Prepared { code, body })
}

/// Everything that drawing a signed report needs.
struct Drawing {
    /// The patient's last ECG before it.
    earlier: Option<(Source, Clinical)>,
    clinical: crate::store::Clinical,
    advice: Option<String>,
    fiducials: Option<Fiducials>,
    lines: Vec<Line>,
    code: String,
    centre: CentreSettings,
    signed: Zoned,
    name: String,
    changed: bool,
    /// Signed versions before this one.
    revision: u32,
}

impl Drawing {
    fn draw(&self, source: &Source) -> Answer<[Vec<u8>; 4]> {
        let thresholds = self.centre.thresholds();
        let (recording, mut diagnosis) =
            analysis::examine(source, &self.clinical, &thresholds).map_err(|e| failed(&e))?;
        if let Some(moved) = &self.fiducials {
            analysis::move_fiducials(&recording, &mut diagnosis, moved).map_err(|e| failed(&e))?;
        }
        if let Some(advice) = &self.advice {
            let said = advice.trim();
            diagnosis.interpretation.advice = if said.is_empty() { Vec::new() } else { vec![Text::of(said, said)] };
        }
        let plain = Report::new(recording, diagnosis, Some(self.signed.clone()));
        let plain = compared(plain, self.earlier.as_ref(), &thresholds);
        let report = |lang: Lang| {
            let lines: Vec<&str> = self.lines.iter().map(|l| l.text.get(lang)).collect();
            let signature = Signature {
                name: self.name.clone(),
                decision: if self.changed { Decision::Changed } else { Decision::Confirmed },
                conclusion: lines.join("\n"),
                signed: self.signed.clone(),
            };
            Report { signature: Some(signature), revision: self.revision, ..plain.clone() }
        };
        let settings = |lang| settings(&self.centre, lang, Some(&self.code));
        let (zh, en) = (report(Lang::Zh), report(Lang::En));
        Ok([
            drawn(&zh, "pdf", &settings(Lang::Zh))?,
            drawn(&en, "pdf", &settings(Lang::En))?,
            drawn(&zh, "json", &settings(Lang::Zh))?,
            drawn(&zh, "fhir", &settings(Lang::Zh))?,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::LineOrigin;

    #[test]
    fn the_conclusion_weighs_what_its_gravest_statement_does() {
        let said = vec![("sinus-rhythm".to_owned(), text("窦性心律", "Sinus rhythm"))];
        let line = |id: &str| Line { statement: Some(id.to_owned()), text: text("", ""), origin: LineOrigin::Machine };
        let of = |ids: &[&str]| verdict(Some(Verdict::Normal), &said, &ids.iter().map(|i| line(i)).collect::<Vec<_>>());
        assert_eq!(of(&["sinus-rhythm"]), Verdict::Normal);
        for (severity, verdict) in [(Severity::Abnormal, Verdict::Abnormal), (Severity::Critical, Verdict::Critical)] {
            let rule = RULES.iter().find(|r| r.severity == severity).unwrap();
            assert_eq!(of(&["sinus-rhythm", rule.id]), verdict);
        }
        assert_eq!(of(&[]), Verdict::Normal, "nothing said leaves the machine's");
    }
}
