//! The centre's settings.

use super::App;
use super::access::Who;
use super::extract::Body;
use super::problem::{Answer, Problem};
use crate::store::CentreSettings;
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};

/// `GET /api/settings`
pub async fn get(State(app): State<App>) -> Answer<Json<CentreSettings>> {
    Ok(Json(app.store().settings().await?))
}

/// `PUT /api/settings`
pub async fn set(
    State(app): State<App>,
    who: Who,
    Body(changes): Body<Map<String, Value>>,
) -> Answer<Json<CentreSettings>> {
    let wrong = |name: &str| Problem::wrong(format!("设置有误：{name}"), format!("this setting does not fit: {name}"));
    let mut all = serde_json::to_value(app.store().settings().await?).map_err(|_| Problem::new("internal"))?;
    for (name, value) in changes {
        *all.get_mut(&name).ok_or_else(|| wrong(&name))? = value;
    }
    let settings: CentreSettings = serde_json::from_value(all).map_err(|_| wrong("?"))?;
    let bounded = [
        ("lock_min", (1..=240).contains(&settings.lock_min)),
        ("acknowledge_min", (1..=240).contains(&settings.acknowledge_min)),
        ("dispose_min", (1..=1440).contains(&settings.dispose_min)),
        ("session_min", (5..=720).contains(&settings.session_min)),
        ("upload_file_mb", (1..=128).contains(&settings.upload_file_mb)),
        ("upload_files", (1..=1000).contains(&settings.upload_files)),
        ("reserve_mb", settings.reserve_mb <= 1 << 20),
        ("keep_years", settings.keep_years.is_none_or(|y| (1..=100).contains(&y))),
        ("time_zone", jiff::tz::TimeZone::get(&settings.time_zone).is_ok()),
        ("layout", ["3x4+1", "3x4+3", "6x2", "12x1"].contains(&settings.layout.as_str())),
        ("base_url", settings.base_url.is_empty() || settings.base_url.starts_with("http")),
    ];
    if let Some((name, _)) = bounded.iter().find(|(_, fits)| !fits) {
        return Err(wrong(name));
    }
    if let Err(why) = crate::interpret::Settings::parse(&settings.critical_toml) {
        let why = why.words();
        return Err(Problem::wrong(
            format!("危急值设置有误：{}", why.zh),
            format!("the critical thresholds are wrong: {}", why.en),
        ));
    }
    app.store().set_settings(&settings, who.ids().0, app.now()).await?;
    Ok(Json(settings))
}
