//! The pages, from the binary (in a debug build from the source folder, so that they can be worked on).

use super::problem::Problem;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::fmt::Write as _;

#[derive(RustEmbed)]
#[folder = "src/server/ui"]
#[allow_missing = true]
struct Pages;

/// Types by extension: what is not listed is not served.
const TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("ico", "image/x-icon"),
    ("mp3", "audio/mpeg"),
    ("wav", "audio/wav"),
    ("ogg", "audio/ogg"),
    ("woff2", "font/woff2"),
];

fn serve(name: &str, headers: &HeaderMap) -> Response {
    let kind = name.rsplit_once('.').and_then(|(_, end)| TYPES.iter().find(|(e, _)| *e == end));
    let (Some((_, kind)), Some(file)) = (kind, Pages::get(name)) else {
        return Problem::new("not-found").into_response();
    };
    let mut tag = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..12] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let unchanged = known.is_some_and(|k| k.split(',').any(|k| k.trim().trim_start_matches("W/") == tag));
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, *kind)], file.data.into_owned()).into_response()
    };
    // Asked for each time, answered from the cache when it is the same: an update reaches everybody at once.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The application.
pub async fn index(headers: HeaderMap) -> Response {
    serve("index.html", &headers)
}

/// The page of a verification code; the page itself asks about it.
pub async fn verification(headers: HeaderMap) -> Response {
    serve("verify.html", &headers)
}

/// Any other file of the pages.
pub async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(&name, &headers)
}
