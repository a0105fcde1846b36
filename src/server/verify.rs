//! Whether a report is genuine, whole and the newest: and nothing else, to anybody.

use super::App;
use super::extract::From;
use super::limits::Counted;
use super::problem::Answer;
use crate::store::StoreError;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// The hash of the PDF at hand.
#[derive(Deserialize)]
pub struct Asked {
    sha256: Option<String>,
}

/// `GET /api/verify/{code}`
pub async fn verify(
    State(app): State<App>,
    From(from): From,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer<Json<Value>> {
    app.inner.limits.count(Counted::Verify, from, app.now())?;
    let code = code.trim().to_uppercase();
    let (version, newest) = match app.store().version_of_code(&code).await {
        Ok(found) => found,
        Err(StoreError::Missing) => {
            let nothing = json!({ "genuine": false, "version": null, "newest": null, "whole": null, "signed": null, "centre": null });
            return Ok(Json(nothing));
        }
        Err(other) => return Err(other.into()),
    };
    let b = &version.body;
    let whole = asked.sha256.map(|hash| {
        let hash = hash.trim().to_lowercase();
        [&b.pdf_zh, &b.pdf_en, &b.json, &b.fhir].iter().any(|object| **object == hash)
    });
    Ok(Json(json!({
        "genuine": true,
        "version": version.number,
        "newest": newest,
        "whole": whole,
        "signed": version.signed,
        "centre": app.store().settings().await?.centre,
    })))
}
