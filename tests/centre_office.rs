//! The administrator's and the quality officer's work: the tree of sites, how long originals are kept, blind re-reading.
use crate::centre::{Client, PASSWORD, bucket, case_of, centre, pair};
use crate::centre_keeping::hear;
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

/// Makes every object look as if it were written two hours ago: what is younger might belong to an upload.
fn age(folder: &std::path::Path) {
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(2);
    for group in std::fs::read_dir(folder.join("objects")).unwrap() {
        for object in std::fs::read_dir(group.unwrap().path()).unwrap() {
            let file = std::fs::File::options().write(true).open(object.unwrap().path()).unwrap();
            file.set_modified(old).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_originals_go_when_asked_and_the_signed_report_stays() {
    if bucket().is_some() {
        eprintln!("skipped: what is in a bucket cannot be made to look old");
        return;
    }
    let centre = centre(1).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("av-block-1"), json!({})).await);
    let shared = case_of(&clinic.upload(pair("brugada"), json!({})).await);
    let waiting = case_of(&clinic.upload(pair("wpw"), json!({})).await);
    centre.settle().await;
    let reader = centre.login("reader").await;
    for id in [case, shared] {
        let row = reader.post(&format!("/api/cases/{id}/claim"), Value::Null).await;
        let sign = json!({ "secret": PASSWORD, "revision": row["revision"] });
        reader.post(&format!("/api/cases/{id}/sign"), sign).await;
    }
    age(centre.folder());
    let admin = centre.login("administrator").await;
    let never = admin.get("/api/retention").await;
    assert_eq!((&never["before"], &never["number"]), (&Value::Null, &json!(0)), "nothing expires by itself: {never}");
    let wrong = admin.ask(Method::PUT, "/api/settings", json!({ "keep_years": 0 })).await;
    assert_eq!(wrong.0, 400);
    assert_eq!(admin.ask(Method::PUT, "/api/settings", json!({ "keep_years": 15 })).await.0, 200);
    assert_eq!(admin.get("/api/retention").await["number"], 0);

    centre.pass(jiff::SignedDuration::from_hours(24 * 366 * 15));
    let admin = centre.login("administrator").await;
    // The same ECG came to another site later: its file is needed still.
    let other = centre.login("b").await;
    let again = case_of(&other.upload(pair("brugada"), json!({})).await);
    centre.settle().await;
    age(centre.folder());
    let listed = admin.get("/api/retention").await;
    assert_eq!(listed["number"], 2, "what waits for a reader does not expire: {listed}");
    let seen = json!({ "before": listed["before"], "number": 1 });
    assert_eq!(admin.refused("/api/retention", seen).await, (409, "stale".into()), "another number was seen");
    let later = json!({ "before": centre.app.now(), "number": 2 });
    assert_eq!(admin.refused("/api/retention", later).await, (409, "stale".into()));
    let seen = json!({ "before": listed["before"], "number": 2 });
    let erased = admin.post("/api/retention", seen).await;
    assert_eq!(erased, json!({ "erased": 2, "objects": 2, "waiting": 0, "left": 0 }), "two of four files are shared");

    let reader = centre.login("reader").await;
    for gone in ["waveform", "files/0"] {
        let (status, body) = reader.ask(Method::GET, &format!("/api/cases/{case}/{gone}"), Value::Null).await;
        assert_eq!((status.as_u16(), &body["code"]), (410, &json!("erased")), "{gone}");
    }
    let whole = reader.get(&format!("/api/cases/{case}")).await;
    assert!(whole["row"]["erased"].is_string() && whole["report"].is_object(), "{whole}");
    assert!(!whole["may"].as_array().unwrap().contains(&json!("amend")), "{whole}");
    assert_eq!(reader.refused(&format!("/api/cases/{case}/amend"), json!({ "reason": "x" })).await.0, 410);
    let clinic = centre.login("a").await;
    let pdf = clinic.request(Method::GET, &format!("/api/cases/{case}/report.pdf")).send().await.unwrap();
    assert_eq!(pdf.status(), 200);
    assert_eq!(&pdf.bytes().await.unwrap()[..5], b"%PDF-");
    for kept in [again, waiting] {
        assert_eq!(reader.ask(Method::GET, &format!("/api/cases/{kept}/files/0"), Value::Null).await.0, 200);
    }
    let resent = clinic.upload(pair("av-block-1"), json!({})).await;
    assert_eq!(case_of(&resent), case, "sent again it is still recognised");
    assert_eq!(admin.post("/api/reanalysis", json!({})).await["queued"], 2, "what is gone is not analysed again");
    let audit = admin.get("/api/audit?limit=50").await["entries"].clone();
    let entries: Vec<&Value> = audit.as_array().unwrap().iter().filter(|e| e["action"] == "originals-erased").collect();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["detail"]["files"].as_array().unwrap().len(), 2);
    assert_eq!(centre.app.store().verify_audit().await.unwrap().broken_at, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sample_is_read_blindly_and_the_office_sees_how_the_two_agree() {
    let centre = centre(2).await;
    let clinic = centre.login("a").await;
    let names = ["av-block-1", "brugada", "wpw", "sinus-bradycardia", "lvh-strain", "long-qt"];
    let mut cases = Vec::new();
    for name in names {
        cases.push(case_of(&clinic.upload(pair(name), json!({})).await));
    }
    centre.settle().await;
    let (reader, again, office) =
        (centre.login("reader").await, centre.login("reader2").await, centre.login("quality-officer").await);
    for case in &cases[..5] {
        let row = reader.post(&format!("/api/cases/{case}/claim"), Value::Null).await;
        let added = json!({ "edit": "add", "at": 0, "statement": "atrial-fibrillation",
                            "text": { "zh": "心房颤动", "en": "Atrial fibrillation" } });
        let draft = json!({ "edits": [added], "fiducials": null, "advice": null, "note": null });
        let path = format!("/api/cases/{case}/draft?revision={}", row["revision"]);
        let (_, kept) = reader.ask(Method::PUT, &path, draft).await;
        let sign = json!({ "secret": PASSWORD, "revision": kept["revision"] });
        reader.post(&format!("/api/cases/{case}/sign"), sign).await;
    }
    let people = office.get("/api/blind").await["readers"].clone();
    let id = |name: &str| people.as_array().unwrap().iter().find(|p| p["name"] == name).unwrap()["id"].clone();
    let month = centre.app.now().to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).strftime("%Y-%m");
    let month = month.to_string();
    let ask = |reader: &str, number: i64| json!({ "month": month, "number": number, "reader": id(reader), "seed": 7 });
    assert_eq!(office.refused("/api/blind", ask("reader", 3)).await.0, 422, "who signed does not read again");
    assert_eq!(office.refused("/api/blind", ask("reader2", 0)).await.0, 400);
    assert_eq!(
        office.refused("/api/blind", json!({ "month": "2020-1", "number": 3, "reader": id("reader2") })).await.0,
        400
    );
    let drawn = office.post("/api/blind", ask("reader2", 3)).await;
    assert_eq!((&drawn["number"], &drawn["read"]), (&json!(3), &json!(0)));

    // Nothing of what was signed reaches the second reader.
    let mine = again.get("/api/blind/mine").await["cases"].clone();
    let mine: Vec<i64> = mine.as_array().unwrap().iter().map(|c| c["id"].as_i64().unwrap()).collect();
    assert_eq!(mine.len(), 3);
    assert!(mine.iter().all(|m| cases[..5].contains(m)));
    let hides =
        |said: &Value| !said.to_string().contains("心房颤动") && !said.to_string().contains("\"name\":\"reader\"");
    for case in &mine {
        let whole = again.get(&format!("/api/cases/{case}")).await;
        assert!(hides(&whole), "{whole}");
        assert_eq!((&whole["blind"], &whole["may"]), (&json!(true), &json!(["blind"])));
        let found = again.post("/api/cases/search", json!({ "case": case })).await;
        assert!(found["cases"].as_array().is_some_and(|c| c.len() == 1) && hides(&found), "{found}");
        for hidden in ["report.pdf", "report.json", "report.fhir.json", "report.json?version=1", "history"] {
            let (status, body) = again.ask(Method::GET, &format!("/api/cases/{case}/{hidden}"), Value::Null).await;
            assert_eq!((status.as_u16(), &body["code"]), (409, &json!("blind")), "{hidden}");
        }
        let amend = again.refused(&format!("/api/cases/{case}/amend"), json!({ "reason": "x" })).await;
        assert_eq!(amend, (409, "blind".into()));
        assert!(!hides(&reader.get(&format!("/api/cases/{case}")).await), "the first reader sees the own report");
    }
    let other = cases[..5].iter().find(|c| !mine.contains(c)).unwrap();
    assert!(!hides(&again.get(&format!("/api/cases/{other}")).await), "what was not drawn is seen as ever");
    assert_eq!(again.refused(&format!("/api/cases/{other}/blind"), json!({ "edits": [] })).await.0, 409);
    assert_eq!(reader.refused(&format!("/api/cases/{}/blind", mine[0]), json!({ "edits": [] })).await.0, 409);

    // Two are read: one with the same statement, one without it.
    let added = json!({ "edit": "add", "at": 0, "statement": "atrial-fibrillation",
                        "text": { "zh": "房颤", "en": "AF" } });
    let path = |case: i64| format!("/api/cases/{case}/blind");
    assert_eq!(again.refused(&path(mine[0]), json!({ "edits": [{ "edit": "delete", "at": 99 }] })).await.0, 409);
    assert_eq!(again.post(&path(mine[0]), json!({ "edits": [added] })).await["next"], mine[1]);
    assert_eq!(again.refused(&path(mine[0]), json!({ "edits": [] })).await.0, 409, "it is said once");
    assert_eq!(again.post(&path(mine[1]), json!({ "edits": [] })).await["next"], mine[2]);
    assert_eq!(again.get(&format!("/api/cases/{}", mine[0])).await["versions"][0]["version"], 1, "now it is seen");
    let round = office.get("/api/blind").await["rounds"][0].clone();
    assert_eq!((&round["number"], &round["read"], &round["same"]), (&json!(3), &json!(2), &json!(1)));
    let of = |id: &str| round["statements"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap().clone();
    let fibrillation = of("atrial-fibrillation");
    let counted = ["both", "first", "second", "neither"].map(|k| fibrillation[k].as_i64().unwrap());
    assert_eq!(counted, [1, 1, 0, 0]);
    assert_eq!(fibrillation["kappa"], 0.0);
    assert_eq!(centre.app.store().verify_audit().await.unwrap().broken_at, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_signed_is_told_to_who_reads_blindly_by_no_list_filter_step_or_event() {
    let centre = centre(2).await;
    let clinic = centre.login("a").await;
    let case = case_of(&clinic.upload(pair("normal-man"), json!({})).await);
    centre.settle().await;
    let (reader, again, office) =
        (centre.login("reader").await, centre.login("reader2").await, centre.login("quality-officer").await);
    let path = |step: &str| format!("/api/cases/{case}/{step}");
    let claimed = reader.post(&path("claim"), Value::Null).await;
    assert_eq!((&claimed["verdict"], &claimed["priority"]), (&json!("normal"), &json!("routine")));
    let added = json!({ "edit": "add", "at": 0, "statement": "atrial-fibrillation",
                        "text": { "zh": "心房颤动", "en": "Atrial fibrillation" } });
    let draft = json!({ "edits": [added], "fiducials": null, "advice": null, "note": null });
    let draft_path = format!("{}?revision={}", path("draft"), claimed["revision"]);
    let (_, kept) = reader.ask(Method::PUT, &draft_path, draft.clone()).await;
    reader.post(&path("sign"), json!({ "secret": PASSWORD, "revision": kept["revision"] })).await;
    let people = office.get("/api/blind").await["readers"].clone();
    let id = people.as_array().unwrap().iter().find(|p| p["name"] == "reader2").unwrap()["id"].clone();
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let month = centre.app.now().to_zoned(zone).strftime("%Y-%m").to_string();
    let drawn = office.post("/api/blind", json!({ "month": month, "number": 5, "reader": id })).await;
    assert_eq!(drawn["number"], 1);

    // The first reader goes on with the case: a critical value, an amendment that is open, its draft.
    let start = centre.app.store().last_seq().await.unwrap();
    reader.post(&path("critical/raise"), json!({ "what": "房颤伴快速心室率" })).await;
    let amended = reader.post(&path("amend"), json!({ "reason": "补充" })).await;
    let draft_path = format!("{}?revision={}", path("draft"), amended["revision"]);
    assert_eq!(reader.ask(Method::PUT, &draft_path, draft.clone()).await.0, 200);
    let listed = async |client: &Client, query: Value| -> bool {
        let found = client.post("/api/cases/search", query).await;
        found["cases"].as_array().unwrap().iter().any(|c| c["id"] == case)
    };
    let senior = centre.login("senior").await;
    for telling in [
        json!({ "view": "all", "verdict": "abnormal" }),
        json!({ "view": "all", "priorities": ["critical"] }),
        json!({ "view": "critical" }),
        json!({ "view": "worklist" }),
        json!({ "case": case, "verdict": "abnormal" }),
    ] {
        assert!(listed(&senior, telling.clone()).await, "who is not blind finds it: {telling}");
        assert!(!listed(&again, telling.clone()).await, "{telling}");
    }
    for verdict in ["normal", "otherwise-normal", "borderline", "abnormal", "critical", "uninterpretable"] {
        assert!(!listed(&again, json!({ "view": "all", "verdict": verdict })).await, "nor by what is left over");
    }
    assert!(listed(&again, json!({ "view": "all" })).await, "it is there all the same");
    assert_eq!(again.get("/api/critical").await["open"], json!([]));
    assert_eq!(senior.get("/api/critical").await["open"].as_array().unwrap().len(), 1);
    let whole = again.get(&format!("/api/cases/{case}")).await;
    assert_eq!(
        (&whole["draft"], &whole["critical"], &whole["row"]["priority"]),
        (&Value::Null, &Value::Null, &json!("routine"))
    );
    assert!(!whole.to_string().contains("心房颤动"), "{whole}");
    for (step, body) in [
        ("claim", json!({})),
        ("release", json!({})),
        ("ask-senior", json!({})),
        ("refuse", json!({ "reason": "x" })),
        ("sign", json!({ "secret": PASSWORD, "revision": 1 })),
        ("critical/raise", json!({ "what": "x" })),
        ("critical/withdraw", Value::Null),
    ] {
        assert_eq!(again.refused(&path(step), body).await, (409, "blind".into()), "{step}");
    }
    assert_eq!(again.ask(Method::PUT, &path("draft"), draft).await.1["code"], "blind");

    // Another's ECG is heard of, this one's critical value and amendment are not.
    let other = case_of(&clinic.upload(pair("brugada"), json!({})).await);
    let actions =
        |heard: Vec<Value>| heard.iter().map(|e| (e["case"].as_i64(), e["action"].clone())).collect::<Vec<_>>();
    let heard = actions(hear(&again, Some(start), 1).await);
    assert!(!heard.is_empty() && heard.iter().all(|(of, _)| *of == Some(other)), "{heard:?}");
    let heard = actions(hear(&senior, Some(start), 4).await);
    assert!(heard.contains(&(Some(case), json!("critical-raised"))), "{heard:?}");

    // Once it is read nothing is hidden any more.
    again.post(&path("blind"), json!({ "edits": [] })).await;
    assert!(listed(&again, json!({ "view": "all", "verdict": "abnormal" })).await);
    assert_eq!(again.get("/api/critical").await["open"].as_array().unwrap().len(), 1);
}
