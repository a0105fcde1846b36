//! Every route, with what it demands. The router is built from this table and from nothing else.

use super::access::{Access, guard};
use super::{
    App, admin, audit, blind, cases, compare, critical, events, limits, office, ops, pages, problem, recordings,
    retention, session, settings, statements, steps, verify,
};
use crate::review::Act;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use axum::{Router, extract::Request};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// A route.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, with `{…}` for what it names.
    pub path: &'static str,
    /// What it demands.
    pub access: Access,
    handler: fn() -> MethodRouter<App>,
}

const fn route(method: Method, path: &'static str, access: Access, handler: fn() -> MethodRouter<App>) -> Route {
    Route { method, path, access, handler }
}

const SEE: Access = Access::Act(Act::SeeCases);
const READ: Access = Access::Act(Act::Read);
const SEND: Access = Access::Act(Act::Upload);
const KNOW: Access = Access::Act(Act::Acknowledge);
const OFFICE: Access = Access::Act(Act::SeeQuality);
const RUN: Access = Access::Act(Act::Administer);

/// Every route.
#[rustfmt::skip]
pub static ROUTES: &[Route] = &[
    route(Method::GET, "/health", Access::Public, || get(ops::health)),
    route(Method::GET, "/metrics", Access::Metrics, || get(ops::metrics)),
    route(Method::GET, "/api/openapi.json", Access::Public, || get(ops::description)),
    route(Method::POST, "/api/session", Access::Public, || post(session::log_in)),
    route(Method::GET, "/api/session", Access::Session, || get(session::me)),
    route(Method::PATCH, "/api/session", Access::Session, || patch(session::set_language)),
    route(Method::DELETE, "/api/session", Access::Session, || delete(session::log_out)),
    route(Method::PUT, "/api/session/password", Access::Session, || put(session::set_password)),
    route(Method::PUT, "/api/session/pin", Access::Session, || put(session::set_pin)),
    route(Method::POST, "/api/recordings", SEND, || post(recordings::send).layer(DefaultBodyLimit::max(limits::LARGEST))),
    route(Method::POST, "/api/cases/search", SEE, || post(cases::search)),
    route(Method::GET, "/api/cases/{case}", SEE, || get(cases::whole)),
    route(Method::GET, "/api/cases/{case}/waveform", SEE, || get(cases::waveform)),
    route(Method::GET, "/api/cases/{case}/thumbnail.svg", SEE, || get(cases::thumbnail)),
    route(Method::GET, "/api/cases/{case}/report.pdf", SEE, || cases::report(cases::Form::Pdf)),
    route(Method::GET, "/api/cases/{case}/report.json", SEE, || cases::report(cases::Form::Json)),
    route(Method::GET, "/api/cases/{case}/report.fhir.json", SEE, || cases::report(cases::Form::Fhir)),
    route(Method::GET, "/api/cases/{case}/files/{n}", SEE, || get(cases::file)),
    route(Method::GET, "/api/cases/{case}/comparison", SEE, || get(compare::comparison)),
    route(Method::GET, "/api/cases/{case}/history", SEE, || get(cases::history)),
    route(Method::PATCH, "/api/cases/{case}/clinical", SEND, || patch(cases::clinical)),
    route(Method::POST, "/api/cases/{case}/claim", READ, steps::claim),
    route(Method::POST, "/api/cases/{case}/release", READ, steps::release),
    route(Method::POST, "/api/cases/{case}/hand-over", READ, || post(steps::hand_over)),
    route(Method::POST, "/api/cases/{case}/ask-senior", READ, steps::ask_senior),
    route(Method::POST, "/api/cases/{case}/refuse", READ, steps::refuse),
    route(Method::PUT, "/api/cases/{case}/draft", READ, || put(steps::draft)),
    route(Method::POST, "/api/cases/{case}/sign", READ, || post(steps::sign)),
    route(Method::POST, "/api/cases/{case}/amend", READ, steps::amend),
    route(Method::POST, "/api/cases/{case}/retry", Access::Retry, || post(steps::retry)),
    route(Method::POST, "/api/cases/{case}/critical/raise", READ, || post(critical::raise)),
    route(Method::POST, "/api/cases/{case}/critical/withdraw", READ, || post(critical::withdraw)),
    route(Method::POST, "/api/cases/{case}/critical/acknowledge", KNOW, || post(critical::acknowledge)),
    route(Method::POST, "/api/cases/{case}/critical/dispose", KNOW, || post(critical::dispose)),
    route(Method::GET, "/api/critical", SEE, || get(critical::open)),
    route(Method::GET, "/api/events", Access::Session, || get(events::stream)),
    route(Method::GET, "/api/statements", SEE, || get(statements::all)),
    route(Method::GET, "/api/readers", READ, || get(steps::readers)),
    route(Method::GET, "/api/indicators", OFFICE, || get(office::indicators)),
    route(Method::GET, "/api/indicators.csv", OFFICE, || get(office::csv)),
    route(Method::GET, "/api/indicators.pdf", OFFICE, || get(office::pdf)),
    route(Method::GET, "/api/blind", OFFICE, || get(blind::rounds)),
    route(Method::POST, "/api/blind", OFFICE, || post(blind::draw)),
    route(Method::GET, "/api/blind/mine", READ, || get(blind::mine)),
    route(Method::POST, "/api/cases/{case}/blind", READ, || post(blind::read)),
    route(Method::GET, "/api/verify/{code}", Access::Public, || get(verify::verify)),
    route(Method::GET, "/api/sites", Access::Session, || get(admin::sites)),
    route(Method::POST, "/api/sites", RUN, || post(admin::add_site)),
    route(Method::PATCH, "/api/sites/{site}", RUN, || patch(admin::change_site)),
    route(Method::GET, "/api/users", RUN, || get(admin::users)),
    route(Method::POST, "/api/users", RUN, || post(admin::add_user)),
    route(Method::PATCH, "/api/users/{user}", RUN, || patch(admin::change_user)),
    route(Method::GET, "/api/keys", RUN, || get(admin::keys)),
    route(Method::POST, "/api/keys", RUN, || post(admin::add_key)),
    route(Method::DELETE, "/api/keys/{key}", RUN, || delete(admin::revoke_key)),
    route(Method::GET, "/api/settings", RUN, || get(settings::get)),
    route(Method::PUT, "/api/settings", RUN, || put(settings::set)),
    route(Method::GET, "/api/audit", RUN, || get(audit::page)),
    route(Method::GET, "/api/audit/verify", RUN, || get(audit::verify)),
    route(Method::GET, "/api/backups", RUN, || get(ops::backups)),
    route(Method::POST, "/api/backups", RUN, || post(ops::back_up)),
    route(Method::GET, "/api/retention", RUN, || get(retention::listed)),
    route(Method::POST, "/api/retention", RUN, || post(retention::erase)),
    route(Method::POST, "/api/reanalysis", RUN, || post(ops::reanalyse)),
    route(Method::GET, "/api/reanalysis", RUN, || get(ops::changes)),
];

/// JSON bodies are small; uploads have limits of their own.
const BODY: usize = 1 << 20;
/// No request but an upload or a stream of events may take longer.
const LONGEST: Duration = Duration::from_mins(1);

/// The router.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let guarded = (route.handler)().layer(middleware::from_fn_with_state((app.clone(), route.access), guard));
        router = router.route(route.path, guarded);
    }
    let compressed = SizeAbove::new(1024)
        .and(NotForContentType::SSE)
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/problem"));
    router
        .route("/", get(pages::index))
        .route("/v/{code}", get(pages::verification))
        .route("/ui/{*name}", get(pages::file))
        .with_state(app.clone())
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(app.clone(), harden))
        .layer(middleware::from_fn_with_state(app.clone(), ops::count))
        .layer(CatchPanicLayer::custom(|_| {
            axum::response::IntoResponse::into_response(problem::Problem::new("internal"))
        }))
        .layer(middleware::from_fn(problem::speak))
        .layer(CompressionLayer::new().compress_when(compressed))
}

async fn in_time(request: Request, next: middleware::Next) -> Response {
    let slow = matches!(request.uri().path(), "/api/recordings" | "/api/events" | "/api/backups");
    if slow {
        return next.run(request).await;
    }
    let answer = tokio::time::timeout(LONGEST, next.run(request)).await;
    answer.unwrap_or_else(|_| axum::response::IntoResponse::into_response(problem::Problem::new("timeout")))
}

/// What every answer says to browsers. Scripts and styles come from here and from nowhere else.
async fn harden(State(app): State<App>, request: Request, next: middleware::Next) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                          font-src 'self'; connect-src 'self'; media-src 'self' data: blob:; frame-src 'self' blob:; \
                          manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
                          frame-ancestors 'self'";
    const SAID: [(HeaderName, &str); 6] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    let mut response = next.run(request).await;
    for (name, value) in SAID {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if app.inner.secure {
        // Who was here over TLS never speaks to it in the clear again (RFC 6797).
        let year = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
