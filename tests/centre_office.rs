//! The administrator's and the quality officer's work: the tree of sites, how long originals are kept, blind re-reading.
use crate::centre::{case_of, centre, pair};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_site_takes_its_cases_and_people_along() {
    let centre = centre(1).await;
    let (clinic, admin, far) =
        (centre.login("a").await, centre.login("administrator").await, centre.login("reader-b").await);
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.settle().await;
    let [top, hospital, village, other] = [0, 1, 2, 3].map(|n| centre.sites[n].id);
    let change = async |site: i64, body: Value| admin.ask(Method::PATCH, &format!("/api/sites/{site}"), body).await;
    let seen = async || far.ask(Method::GET, &format!("/api/cases/{case}"), Value::Null).await.0;
    assert_eq!(seen().await, 404, "the other hospital does not see it");
    for (site, parent) in [(hospital, village), (village, village), (top, hospital)] {
        let (status, body) = change(site, json!({ "parent": parent })).await;
        assert_eq!((status.as_u16(), &body["code"]), (409, &json!("conflict")), "{site} under {parent}: {body}");
        assert!(body["detail"].as_str().is_some_and(|d| d.len() > 10), "{body}");
    }
    assert_eq!(change(village, json!({ "parent": null })).await.0, 400);
    assert_eq!(change(village, json!({ "parent": 999 })).await.0, 404);
    assert_eq!(change(hospital, json!({ "parent": other })).await.0, 200, "the village goes along");
    assert_eq!(seen().await, 200);
    assert_eq!(clinic.ask(Method::GET, &format!("/api/cases/{case}"), Value::Null).await.0, 200);
    let again = case_of(&clinic.upload(pair("brugada"), json!({})).await);
    let (status, _) = far.ask(Method::GET, &format!("/api/cases/{again}"), Value::Null).await;
    assert_eq!(status, 200, "what comes after the move stands at the new place");
    let sites = admin.get("/api/sites").await["sites"].clone();
    let of = |id: i64| sites.as_array().unwrap().iter().find(|s| s["id"] == id).unwrap().clone();
    assert_eq!((&of(hospital)["parent"], &of(village)["parent"]), (&json!(other), &json!(hospital)));
    let audit = admin.get("/api/audit?limit=50").await["entries"].clone();
    let moved = audit.as_array().unwrap().iter().find(|e| e["action"] == "site-changed").unwrap().clone();
    assert_eq!(moved["detail"]["moved"], json!({ "from": top, "to": other }));
    let local = centre.login("reader-b").await;
    assert_eq!(local.ask(Method::PATCH, &format!("/api/sites/{village}"), json!({ "parent": top })).await.0, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_site_sends_nothing_and_what_it_sent_is_read_on() {
    let centre = centre(1).await;
    let (clinic, admin, reader) =
        (centre.login("a").await, centre.login("administrator").await, centre.login("reader").await);
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    centre.settle().await;
    let [hospital, village] = [1, 2].map(|n| centre.sites[n].id);
    let switch = async |site: i64, active: bool| {
        admin.ask(Method::PATCH, &format!("/api/sites/{site}"), json!({ "active": active })).await
    };
    let (status, body) = switch(hospital, false).await;
    assert_eq!(status, 409, "its village is open: {body}");
    assert_eq!(switch(village, false).await.0, 200);
    assert_eq!(switch(hospital, false).await.0, 200);
    assert_eq!(switch(village, true).await.0, 409, "what is above it is closed");
    let form = reqwest::multipart::Form::new().text("clinical", "{}");
    let sent = clinic.request(Method::POST, "/api/recordings").multipart(form).send().await.unwrap();
    assert!(!sent.status().is_success(), "{}", sent.status());
    let row = reader.post(&format!("/api/cases/{case}/claim"), Value::Null).await;
    assert_eq!(row["state"], "reading");
    assert_eq!(switch(hospital, true).await.0, 200);
    assert_eq!(switch(village, true).await.0, 200);
    assert!(case_of(&clinic.upload(pair("brugada"), json!({})).await) > case);
}
