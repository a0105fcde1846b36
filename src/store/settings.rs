//! The centre's settings: one JSON value in the database.

use super::{Entry, Result, Store, get};
use crate::review::{CriticalLimits, Rules};
use crate::text::{Text, text};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What an administrator may set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CentreSettings {
    /// Name of the centre; heads every report.
    pub centre: Text,
    /// The centre's own line in the foot of reports.
    pub footer: Text,
    /// Address of the verification page, as printed.
    pub base_url: String,
    /// Minutes an unrenewed lock holds.
    pub lock_min: i64,
    /// Minutes until a critical value must be acknowledged.
    pub acknowledge_min: i64,
    /// Minutes from then until what was done must be recorded.
    pub dispose_min: i64,
    /// Idle minutes after which a session ends.
    pub session_min: i64,
    /// Largest file, MB.
    pub upload_file_mb: u64,
    /// Most files of a request.
    pub upload_files: usize,
    /// MB of its disk that are kept back for what was accepted: uploads are refused below.
    pub reserve_mb: u64,
    /// Critical thresholds as TOML; empty = the consensus'.
    pub critical_toml: String,
    /// Years after which originals may be deleted; `None` = never.
    pub keep_years: Option<i64>,
    /// Layout of the sheet.
    pub layout: String,
    /// Time zone of the centre, for indicators.
    pub time_zone: String,
}

impl Default for CentreSettings {
    fn default() -> Self {
        Self {
            centre: text("远程心电诊断中心", "Remote ECG diagnosis centre"),
            footer: text("", ""),
            base_url: String::new(),
            lock_min: 10,
            acknowledge_min: 10,
            dispose_min: 30,
            session_min: 60,
            upload_file_mb: 64,
            upload_files: 200,
            // An ECG's analysis and signed report take 0.1 to 0.5 MB: enough for some thousands.
            reserve_mb: 1024,
            critical_toml: String::new(),
            keep_years: None,
            layout: "3x4+1".to_owned(),
            time_zone: "Asia/Shanghai".to_owned(),
        }
    }
}

impl CentreSettings {
    /// What the steps of a case depend on.
    pub fn rules(&self) -> Rules {
        Rules { lock: SignedDuration::from_mins(self.lock_min) }
    }

    /// The critical values' thresholds; the consensus' where the centre has none of its own (what does not fit is refused
    /// when it is set).
    pub fn thresholds(&self) -> crate::interpret::Settings {
        crate::interpret::Settings::parse(&self.critical_toml).unwrap_or_default()
    }

    /// The critical loop's limits.
    pub fn critical(&self) -> CriticalLimits {
        CriticalLimits {
            acknowledge: SignedDuration::from_mins(self.acknowledge_min),
            dispose: SignedDuration::from_mins(self.dispose_min),
        }
    }
}

impl Store {
    /// The settings; the default where nobody has set any.
    pub async fn settings(&self) -> Result<CentreSettings> {
        let sql = "SELECT value FROM setting WHERE name = 'centre'";
        let row = sqlx::query(sql).fetch_optional(&self.reading).await?;
        let Some(row) = row else { return Ok(CentreSettings::default()) };
        let value: String = get(&row, "value")?;
        Ok(serde_json::from_str(&value)?)
    }

    /// Keeps the settings.
    pub async fn set_settings(&self, settings: &CentreSettings, by: Option<i64>, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let sql = "INSERT INTO setting (name, value) VALUES ('centre', $1) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        sqlx::query(sql).bind(serde_json::to_string(settings)?).execute(&mut *tx.inner).await?;
        let detail = serde_json::to_value(settings)?;
        tx.audit(Entry { person: by, action: "settings-changed", detail, ..Entry::default() }, now).await?;
        tx.commit().await
    }
}
