//! Sites, people and keys.

use super::App;
use super::access::{TheKey, ThePerson, TheSite, Who};
use super::extract::Body;
use super::problem::{Answer, Problem};
use super::secret;
use crate::review::Role;
use crate::store::{Key, KeyScope, NewPerson, Person, Site};
use crate::text::Lang;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// `GET /api/sites`
pub async fn sites(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    Ok(Json(json!({ "sites": app.store().sites(&who.reach()).await? })))
}

fn fits(site: &Site) -> Answer<()> {
    let named = (1..=100).contains(&site.name.trim().chars().count());
    let limits = (1..=10_080).contains(&site.urgent_min) && (1..=10_080).contains(&site.routine_min);
    if named && limits && jiff::tz::TimeZone::get(&site.time_zone).is_ok() {
        return Ok(());
    }
    Err(Problem::wrong("单位名称、时限或时区有误", "name, limits or time zone of the site do not fit"))
}

/// `POST /api/sites`
pub async fn add_site(State(app): State<App>, who: Who, Body(site): Body<Site>) -> Answer<(StatusCode, Json<Site>)> {
    fits(&site)?;
    let parent = site.parent.ok_or_else(|| Problem::wrong("请选择上级单位", "choose the site above"))?;
    if !who.reach().holds(&app.store().site(parent).await?.path) {
        return Err(Problem::new("not-found"));
    }
    Ok((StatusCode::CREATED, Json(app.store().add_site(&site, who.ids().0, app.now()).await?)))
}

/// `PATCH /api/sites/{site}`
pub async fn change_site(
    State(app): State<App>,
    who: Who,
    TheSite(site): TheSite,
    Body(changes): Body<Map<String, Value>>,
) -> Answer<Json<Site>> {
    let wrong = || Problem::wrong("单位信息有误", "the site does not fit");
    let mut all = serde_json::to_value(&*site).map_err(|_| Problem::new("internal"))?;
    for (name, value) in changes {
        if name == "id" {
            continue;
        }
        *all.get_mut(&name).ok_or_else(wrong)? = value;
    }
    let changed: Site = serde_json::from_value(all).map_err(|_| wrong())?;
    let changed = Site { id: site.id, ..changed };
    fits(&changed)?;
    if let Some(parent) = changed.parent.filter(|_| changed.parent != site.parent)
        && !who.reach().holds(&app.store().site(parent).await?.path)
    {
        return Err(Problem::new("not-found"));
    }
    if changed.parent.is_none() && site.parent.is_some() {
        return Err(Problem::wrong("请选择上级单位", "choose the site above"));
    }
    app.store().change_site(&changed, who.ids().0, app.now()).await?;
    Ok(Json(changed))
}

fn person(p: &Person) -> Value {
    json!({
        "id": p.id, "login": p.login, "name": p.name, "role": p.role, "site": { "id": p.site, "name": p.site_name },
        "lang": p.lang, "active": p.active, "locked_until": p.locked_until, "last_login": p.last_login,
        "has_pin": p.pin.is_some(),
    })
}

/// `GET /api/users`
pub async fn users(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let people = app.store().people(&who.reach()).await?;
    Ok(Json(json!({ "users": people.iter().map(person).collect::<Vec<_>>() })))
}

/// A person to be added.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    login: String,
    name: String,
    role: Role,
    site: i64,
    #[serde(default)]
    lang: Option<String>,
}

/// `POST /api/users`
pub async fn add_user(State(app): State<App>, who: Who, Body(new): Body<NewUser>) -> Answer<(StatusCode, Json<Value>)> {
    let login = new.login.trim();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    if !(2..=50).contains(&login.chars().count()) || !login.chars().all(plain) || new.name.trim().is_empty() {
        return Err(Problem::wrong("用户名或姓名有误", "login or name does not fit"));
    }
    if !who.reach().holds(&app.store().site(new.site).await?.path) {
        return Err(Problem::new("not-found"));
    }
    let password = secret::readable(12);
    let hash = secret::hash_aside(password.clone()).await;
    let added = NewPerson {
        login,
        name: new.name.trim(),
        role: new.role,
        site: new.site,
        lang: new.lang.map_or(Lang::Zh, |l| Lang::of_locale(&l)),
        password: &hash,
        must_change: true,
    };
    let id = app.store().add_person(&added, who.ids().0, app.now()).await?;
    let added = person(&app.store().person(id).await?);
    Ok((StatusCode::CREATED, Json(json!({ "user": added, "one_time_password": password }))))
}

/// Changes of a person.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    name: Option<String>,
    role: Option<Role>,
    site: Option<i64>,
    active: Option<bool>,
    unlock: bool,
    reset_password: bool,
}

/// `PATCH /api/users/{user}`
pub async fn change_user(
    State(app): State<App>,
    who: Who,
    ThePerson(before): ThePerson,
    Body(changes): Body<Changes>,
) -> Answer<Json<Value>> {
    let me = who.person()?.id == before.id;
    if me && (changes.role.is_some_and(|r| r != before.role) || changes.active == Some(false)) {
        return Err(Problem::wrong("不能停用自己或更改自己的角色", "you cannot take your own role or account away"));
    }
    if let Some(site) = changes.site
        && !who.reach().holds(&app.store().site(site).await?.path)
    {
        return Err(Problem::new("not-found"));
    }
    let mut after = (*before).clone();
    after.name = changes.name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).unwrap_or(after.name);
    after.role = changes.role.unwrap_or(after.role);
    after.site = changes.site.unwrap_or(after.site);
    after.active = changes.active.unwrap_or(after.active);
    if changes.unlock || changes.reset_password {
        (after.failures, after.locked_until) = (0, None);
    }
    let mut password = None;
    if changes.reset_password {
        let fresh = secret::readable(12);
        after.password = secret::hash_aside(fresh.clone()).await;
        (after.must_change, after.pin) = (true, None);
        password = Some(fresh);
    }
    let what = if changes.reset_password { "password-reset" } else { "person-changed" };
    app.store().change_person(&after, what, who.ids().0, app.now()).await?;
    if changes.reset_password || !after.active {
        app.store().end_sessions(after.id, "").await?;
    }
    let after = person(&app.store().person(after.id).await?);
    Ok(Json(json!({ "user": after, "one_time_password": password })))
}

fn key(k: &Key) -> Value {
    json!({
        "id": k.id, "name": k.name, "site": { "id": k.site, "name": k.site_name }, "scope": k.scope,
        "prefix": k.prefix, "created": k.created, "last_used": k.last_used, "revoked": k.revoked,
    })
}

/// `GET /api/keys`
pub async fn keys(State(app): State<App>, who: Who) -> Answer<Json<Value>> {
    let keys = app.store().keys(&who.reach()).await?;
    Ok(Json(json!({ "keys": keys.iter().map(key).collect::<Vec<_>>() })))
}

/// A key to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    name: String,
    site: i64,
    #[serde(default)]
    scope: Option<KeyScope>,
}

/// `POST /api/keys`
pub async fn add_key(State(app): State<App>, who: Who, Body(new): Body<NewKey>) -> Answer<(StatusCode, Json<Value>)> {
    if new.name.trim().is_empty() {
        return Err(Problem::wrong("请填写密钥名称", "the key needs a name"));
    }
    if !who.reach().holds(&app.store().site(new.site).await?.path) {
        return Err(Problem::new("not-found"));
    }
    let secret = format!("eih_{}", secret::token());
    let (prefix, hash) = (&secret[..10], secret::digest(&secret));
    let what = (new.name.trim(), new.site, new.scope.unwrap_or(KeyScope::Upload));
    let id = app.store().add_key(what, (prefix, &hash), who.ids().0, app.now()).await?;
    let made = key(&app.store().key(id).await?);
    Ok((StatusCode::CREATED, Json(json!({ "key": made, "secret": secret }))))
}

/// `DELETE /api/keys/{key}`
pub async fn revoke_key(State(app): State<App>, who: Who, TheKey(key): TheKey) -> Answer<StatusCode> {
    app.store().revoke_key(&key, who.ids().0, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
