//! What requests bring: JSON bodies, with a problem that says what is wrong with them, and the address they come from.

use super::App;
use super::problem::Problem;
use crate::text::text;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, request::Parts};
use serde::de::DeserializeOwned;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The address that asks, for limits. Behind a proxy it is the last one of `X-Forwarded-For`: what the proxy itself saw
/// and appended; all before it is the client's own word.
pub struct From(pub IpAddr);

impl FromRequestParts<App> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        let said = if app.inner.proxied { forwarded(&parts.headers) } else { None };
        Ok(Self(said.unwrap_or(peer).to_canonical()))
    }
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let all = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let last = all.rsplit(',').next()?.trim();
    let bare = last.strip_prefix('[').and_then(|v6| v6.strip_suffix(']')).unwrap_or(last);
    bare.parse().ok().or_else(|| last.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_proxy_appended_counts() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            forwarded(&headers).map(|ip| ip.to_string())
        };
        assert_eq!(of(&["10.9.9.9, 192.0.2.7"]).as_deref(), Some("192.0.2.7"), "the first is the client's own word");
        assert_eq!(of(&["10.9.9.9", "192.0.2.8:4711"]).as_deref(), Some("192.0.2.8"), "the last header line");
        assert_eq!(of(&["[2001:db8::1]"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(of(&["[2001:db8::1]:443"]).as_deref(), Some("2001:db8::1"));
        assert_eq!((of(&[]), of(&["unknown"])), (None, None));
    }
}
