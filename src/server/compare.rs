//! An ECG compared with an earlier one of the patient, for the review page: the machine's statements (`interpret/serial`),
//! on the machine's own bounds.

use super::access::{TheCase, Who};
use super::problem::{Answer, Problem};
use super::{App, analysis};
use crate::report::Report;
use crate::store::Entry;
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Which earlier ECG.
#[derive(Deserialize)]
pub struct Asked {
    with: i64,
}

/// `GET /api/cases/{case}/comparison?with=…`: only with what the case lists as the patient's other ECGs.
pub async fn comparison(
    State(app): State<App>,
    who: Who,
    TheCase(row): TheCase,
    Query(asked): Query<Asked>,
) -> Answer<Json<Value>> {
    let others = app.store().others_of_patient(&row, &who.reach()).await?;
    let prior = others.iter().find(|o| o.id == asked.with && o.analysis.is_some());
    let prior = prior.ok_or_else(|| Problem::new("not-found"))?;
    if row.analysis.is_none() {
        return Err(Problem::new("not-found"));
    }
    let (new, old) = (analysis::source(app.store(), &row).await?, analysis::source(app.store(), prior).await?);
    let entry = Entry { case: Some(prior.id), site: Some(prior.site.id), ..who.entry("viewed") };
    app.store().record(entry, app.now()).await?;
    let thresholds = app.store().settings().await?.thresholds();
    let clinical = (row.clinical.clone(), prior.clinical.clone());
    let _turn = app.inner.limits.drawing.acquire().await;
    let compared = tokio::task::spawn_blocking(move || {
        let failed = |why| Problem::new("not-found").because(why);
        let (recording, diagnosis) = analysis::examine(&new, &clinical.0, &thresholds).map_err(failed)?;
        let (earlier, its) = analysis::examine(&old, &clinical.1, &thresholds).map_err(failed)?;
        Ok(match Report::new(recording, diagnosis, None).with_prior(earlier, its, false) {
            Ok(report) => json!({ "comparison": report.prior.map(|p| p.comparison), "refused": null }),
            Err(other) => json!({ "comparison": null, "refused": other.text() }),
        })
    });
    compared.await.map_err(|_| Problem::new("internal"))?.map(Json)
}
