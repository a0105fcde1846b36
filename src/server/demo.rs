//! A centre to look at: sites, people and simulated ECGs, from the binary alone.

use super::{App, recordings, secret};
use crate::ingest::FORMATS;
use crate::review::Role;
use crate::simulate::{CASES, simulate};
use crate::store::{CentreSettings, Clinical, NewPerson, Site, SiteKind, StoreError};
use crate::text::{Lang, Text, text};

/// People of the demonstration: login, name, role, which site (0 = centre, 1 = hospital, 2 = township, 3 = village).
#[rustfmt::skip]
const PEOPLE: &[(&str, Text, Role, usize)] = &[
    ("clinic", text("石桥村卫生室 李医生", "Dr Li, Shiqiao village clinic"), Role::Clinic, 3),
    ("township", text("青山镇卫生院 心电图室", "ECG room, Qingshan township hospital"), Role::Clinic, 2),
    ("reader", text("王诊断", "Dr Wang"), Role::Reader, 0),
    ("senior", text("赵审核", "Dr Zhao"), Role::SeniorReader, 0),
    ("quality", text("钱质控", "Ms Qian"), Role::QualityOfficer, 0),
    ("admin", text("孙管理", "Mr Sun"), Role::Administrator, 0),
];

/// Sites from the top down, each below the one before.
#[rustfmt::skip]
const SITES: &[(Text, SiteKind)] = &[
    (text("演示县心电诊断中心", "Demo county ECG centre"), SiteKind::Centre),
    (text("演示县人民医院", "Demo county hospital"), SiteKind::Hospital),
    (text("青山镇卫生院", "Qingshan township hospital"), SiteKind::Township),
    (text("石桥村卫生室", "Shiqiao village clinic"), SiteKind::Village),
];

/// Every how manieth of the simulated cases is shown.
const EVERY: usize = 3;

/// Fills an empty store; returns login names and passwords, or `None` where it is filled already.
pub async fn fill(app: &App, lang: Lang) -> Result<Option<Vec<(&'static str, String)>>, StoreError> {
    let (store, now) = (app.store(), app.now());
    if store.has_people().await? {
        return Ok(None);
    }
    let centre = CentreSettings {
        centre: text("演示县心电诊断中心", "Demo county ECG centre"),
        ..CentreSettings::default()
    };
    store.set_settings(&centre, None, now).await?;
    let mut sites: Vec<Site> = Vec::new();
    for (name, kind) in SITES {
        let above = sites.last().map(|s| s.id);
        sites.push(store.add_site(&Site::new(above, name.get(lang), *kind), None, now).await?);
    }
    let mut passwords = Vec::new();
    for (login, name, role, site) in PEOPLE {
        let password = secret::readable(10);
        let hash = secret::hash_aside(password.clone()).await;
        let site = sites.get(*site).ok_or(StoreError::Missing)?.id;
        let new =
            NewPerson { login, name: name.get(lang), role: *role, site, lang, password: &hash, must_change: false };
        store.add_person(&new, None, now).await?;
        passwords.push((*login, password));
    }
    for (n, case) in CASES.iter().enumerate().filter(|(n, _)| n % EVERY == 0) {
        let Some(file) = file_of(n) else { continue };
        let site = sites.get(if n % 2 == 0 { 3 } else { 2 }).ok_or(StoreError::Missing)?;
        let clinical = clinical(case.id, n);
        recordings::keep(app, site, clinical, vec![file], (None, None)).await.map_err(|_| StoreError::Missing)?;
    }
    Ok(Some(passwords))
}

/// What a clinic may have written beside the ECG.
fn clinical(id: &str, n: usize) -> Clinical {
    let infarction = id.contains("mi") || id.contains("stemi");
    Clinical {
        department: Some("全科门诊".to_owned()),
        symptoms: Some(if infarction { "胸痛 2 小时，伴出汗" } else { "心悸、乏力" }.to_owned()),
        chest_pain: infarction,
        urgent: n.is_multiple_of(12),
        ..Clinical::default()
    }
}

/// The `n`th simulated case as a file that a device could have written.
fn file_of(n: usize) -> Option<(String, Vec<u8>)> {
    let recording = simulate(&CASES.get(n)?.script()?).recording;
    let scp = FORMATS.iter().find(|f| f.id == "scp")?;
    let mut files = (scp.write?)(&recording, &recording.name).ok()?;
    (files.len() == 1).then(|| files.remove(0))
}
