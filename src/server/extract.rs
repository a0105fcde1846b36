//! Bodies of requests: JSON, with a problem that says what is wrong with it.

use super::problem::Problem;
use crate::text::text;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

/// A JSON body; an empty one is `{}`.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|e| {
            if e.status().as_u16() == 413 { Problem::new("too-large") } else { Problem::new("bad-request") }
        })?;
        let json: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        // The place only: the message of the parser quotes values, and a value may be a patient's.
        let wrong = |e: serde_json::Error| {
            let at = format!("{}:{}", e.line(), e.column());
            let kind = if e.is_data() {
                text("字段不符", "a field does not fit")
            } else {
                text("不是有效的 JSON", "no valid JSON")
            };
            Problem::wrong(format!("{}（{at}）", kind.zh), format!("{} ({at})", kind.en))
        };
        serde_json::from_slice(json).map(Self).map_err(wrong)
    }
}
