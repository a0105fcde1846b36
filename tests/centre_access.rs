//! Who may what, on every route; and that the description of the interface holds.
use crate::centre::{case_of, centre, pair};
use einthoven::server::ROUTES;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

/// What each role may, written down here a second time: the table of the server is not asked.
fn allowed(access: &str, role: &str) -> bool {
    match access {
        "public" | "session" => true,
        "upload" | "acknowledge" => role == "clinic",
        "see-cases" => role != "administrator",
        "read" => role == "reader" || role == "senior",
        "see-quality" => role == "quality-officer",
        "administer" | "metrics" => role == "administrator",
        "retry" => ["reader", "senior", "administrator"].contains(&role),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_asks_who_it_is_and_where() {
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let near = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    let far = case_of(&centre.login("b").await.upload(pair("brugada"), json!({})).await);
    centre.settle().await;
    let nobody = reqwest::Client::new();
    let mut clients = Vec::new();
    for role in ["clinic", "reader", "senior", "quality-officer", "administrator"] {
        clients.push((role, centre.login(role).await));
    }
    let local = [("clinic", clinic), ("reader", centre.login("reader-b").await)];
    let mut walked = 0;
    for route in ROUTES {
        let word = route.access.word();
        let path = route.path.replace("{case}", &near.to_string()).replace("{site}", &centre.sites[2].id.to_string());
        let path = path.replace("{user}", "1").replace("{key}", "1").replace("{n}", "0").replace("{code}", "X");
        if path == "/api/events"
            || (path == "/api/session" && route.method == Method::POST)
            || path == "/api/backups"
            || (word == "session" && route.method == Method::DELETE)
        {
            continue; // a stream has no end; the others change what the walk needs
        }
        let bare =
            nobody.request(route.method.clone(), format!("{}{path}", centre.base)).body("{}").send().await.unwrap();
        assert_eq!(
            bare.status() == 401,
            word != "public" || path == "/api/session",
            "{} {path} without a session",
            route.method
        );
        for (role, client) in &clients {
            let (status, body) = client.ask(route.method.clone(), &path, json!({ "what": "x" })).await;
            let forbidden = status == 403 && body["code"] == "forbidden";
            assert_eq!(!forbidden, allowed(word, role), "{} {path} as {role}: {status} {body}", route.method);
            if route.method != Method::GET && word != "public" {
                let forged = client.request(route.method.clone(), &path).header("x-csrf-token", "").body("{}");
                let mut forged = forged.build().unwrap();
                forged.headers_mut().insert("x-csrf-token", "forged".parse().unwrap());
                let answer = reqwest::Client::new().execute(forged).await.unwrap();
                assert_eq!(answer.status(), 403, "{} {path} with a forged token", route.method);
            }
            walked += 1;
        }
        if route.path.contains("{case}") {
            for (role, client) in &local {
                let other = if *role == "clinic" { far } else { near };
                let path = route.path.replace("{case}", &other.to_string()).replace("{n}", "0");
                let (status, _) = client.ask(route.method.clone(), &path, json!({})).await;
                let hidden = if allowed(word, role) { 404 } else { 403 };
                assert_eq!(status, hidden, "{} {path}: another's case as {role}", route.method);
            }
        }
    }
    assert!(walked > 200, "{walked}");
}

#[test]
fn the_interface_is_what_its_description_says() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/openapi.json")).unwrap();
    let described: Value = serde_json::from_str(&text).unwrap();
    let mut said = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            said.push(format!("{} {path} {}", method.to_uppercase(), about["x-access"].as_str().unwrap()));
        }
    }
    let mut done: Vec<String> = ROUTES.iter().map(|r| format!("{} {} {}", r.method, r.path, r.access.word())).collect();
    said.sort();
    done.sort();
    assert_eq!(done, said);
}
