//! The quality office's indicators, from what the cases and their signed versions hold.
//!
//! Timely reports, critical values acknowledged in time, refusals, turn-around, positive rate and agreement follow the
//! usual indicators of Chinese ECG quality control; the statements' Se and PPV take the signed reports as the truth.

use super::row::{COLUMNS, FROM};
use super::{CaseRow, CentreSettings, Reach, Result, Store, ms};
use crate::interpret::Verdict;
use crate::review::{CriticalStep, State};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// How cases are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// By month of arrival.
    #[default]
    Month,
    /// By site.
    Site,
    /// By reader.
    Reader,
    /// By device.
    Device,
}

/// One group's indicators.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IndicatorRow {
    /// Which group.
    pub group: String,
    /// ECGs received.
    pub received: i64,
    /// Of them reported.
    pub reported: i64,
    /// Of those within the site's limit.
    pub timely: i64,
    /// Refused for quality.
    pub refused: i64,
    /// Reported and amended.
    pub amended: i64,
    /// Median minutes from arrival to the first report.
    pub median_min: Option<f64>,
    /// 90th percentile of them.
    pub p90_min: Option<f64>,
    /// First reports by hour of day at the centre.
    pub by_hour: Vec<i64>,
    /// Median minutes of those.
    pub median_by_hour: Vec<Option<f64>>,
    /// Critical values, withdrawn ones not among them.
    pub critical: i64,
    /// Acknowledged within the limit.
    pub acknowledged_in_time: i64,
    /// Closed.
    pub closed: i64,
    /// Reported as not normal.
    pub abnormal: i64,
    /// Read by two.
    pub second_read: i64,
    /// Of those with the same statements.
    pub second_agreed: i64,
    /// Hour of day and minutes of each first report.
    #[serde(skip)]
    took: Vec<(usize, f64)>,
}

/// How often readers overrule one statement of the machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StatementQuality {
    /// The statement.
    pub id: String,
    /// Said by the machine.
    pub machine: i64,
    /// Of those confirmed.
    pub confirmed: i64,
    /// Of those deleted.
    pub deleted: i64,
    /// Added by readers.
    pub added: i64,
    /// confirmed / (confirmed + added).
    pub se: Option<f64>,
    /// confirmed / machine.
    pub ppv: Option<f64>,
    /// By month: machine, confirmed, added.
    pub months: BTreeMap<String, [i64; 3]>,
}

/// All indicators of a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Indicators {
    /// By group; the first is all.
    pub rows: Vec<IndicatorRow>,
    /// By statement.
    pub statements: Vec<StatementQuality>,
    /// Reasons of refusal with their number, most frequent first.
    pub refusals: Vec<(String, i64)>,
}

fn month(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m").to_string()
}

fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl IndicatorRow {
    fn add(&mut self, case: &CaseRow, settings: &CentreSettings, zone: &TimeZone) {
        self.received += 1;
        if matches!(case.case.state, State::Refused { .. }) {
            self.refused += 1;
        }
        if let Some(reported) = case.reported {
            self.reported += 1;
            self.timely += i64::from(reported <= case.due);
            self.amended += i64::from(case.case.versions > 1);
            // A clock set back in between counts as no time passed.
            let minutes = reported.duration_since(case.received).as_secs_f64().max(0.0) / 60.0;
            self.took.push((usize::try_from(reported.to_zoned(zone.clone()).hour()).unwrap_or(0), minutes));
            let positive = !matches!(case.verdict, Some(Verdict::Normal | Verdict::OtherwiseNormal) | None);
            self.abnormal += i64::from(positive);
        }
        if let Some(alarm) = case.alarm.as_ref().filter(|a| a.step() != CriticalStep::Withdrawn) {
            self.critical += 1;
            let limit = settings.critical().acknowledge;
            let in_time = alarm.acknowledged.is_some_and(|(at, _)| at.duration_since(alarm.raised) <= limit);
            self.acknowledged_in_time += i64::from(in_time);
            self.closed += i64::from(alarm.step() == CriticalStep::Closed);
        }
    }

    fn finish(&mut self) {
        let minutes = |hour: Option<usize>| {
            let of_it = self.took.iter().filter(|(h, _)| hour.is_none_or(|hour| hour == *h));
            let mut minutes: Vec<f64> = of_it.map(|(_, minutes)| *minutes).collect();
            minutes.sort_by(f64::total_cmp);
            minutes
        };
        let all = minutes(None);
        let hours: Vec<Vec<f64>> = (0..24).map(|hour| minutes(Some(hour))).collect();
        (self.median_min, self.p90_min) = (quantile(&all, 0.5), quantile(&all, 0.9));
        self.by_hour = hours.iter().map(|reports| reports.len() as i64).collect();
        self.median_by_hour = hours.iter().map(|reports| quantile(reports, 0.5)).collect();
    }
}

/// The least value that at least `part` of the sorted ones do not exceed.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied()
}

impl Store {
    /// The indicators of what was received from `from` until before `to` in `reach`.
    pub async fn indicators(&self, (from, to): (Timestamp, Timestamp), by: Group, reach: &Reach) -> Result<Indicators> {
        let settings = self.settings().await?;
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        let mut groups: BTreeMap<String, IndicatorRow> = BTreeMap::new();
        let mut refusals: BTreeMap<String, i64> = BTreeMap::new();
        let mut keys: BTreeMap<i64, String> = BTreeMap::new();
        let mut last = 0;
        loop {
            let sql = format!(
                "SELECT {COLUMNS}{FROM} WHERE e.id > $1 AND e.received >= $2 AND e.received < $3 AND e.path >= $4 \
                 AND e.path < $5 ORDER BY e.id LIMIT 1000"
            );
            let ask = sqlx::query(AssertSqlSafe(sql)).bind(last).bind(ms(from)).bind(ms(to));
            let rows = ask.bind(reach.from().to_owned()).bind(reach.to()).fetch_all(&self.reading).await?;
            let Some(end) = rows.last() else { break };
            last = super::get(end, "id")?;
            for row in &rows {
                let case = CaseRow::of(row)?;
                let key = match by {
                    Group::Month => month(case.received, &zone),
                    Group::Site => case.site.name.clone(),
                    Group::Reader => case.reader.as_ref().map_or_else(|| "–".to_owned(), |r| r.name.clone()),
                    Group::Device => case.device.clone().unwrap_or_else(|| "–".to_owned()),
                };
                if matches!(case.case.state, State::Refused { .. }) {
                    *refusals.entry(case.reason.clone().unwrap_or_default()).or_default() += 1;
                }
                for group in ["all", key.as_str()] {
                    groups.entry(group.to_owned()).or_default().add(&case, &settings, &zone);
                }
                keys.insert(case.id, key);
            }
        }
        let statements = self.statement_quality(from, &mut groups, &keys, &zone).await?;
        let all = groups.remove("all");
        let rows = all.map(|row| ("all".to_owned(), row)).into_iter().chain(groups).map(|(group, mut row)| {
            row.finish();
            IndicatorRow { group, ..row }
        });
        let mut refusals: Vec<(String, i64)> = refusals.into_iter().collect();
        refusals.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(Indicators { rows: rows.collect(), statements, refusals })
    }

    /// Agreement of second readings into `groups`, and the statements' own figures: by the newest version of each case.
    async fn statement_quality(
        &self,
        from: Timestamp,
        groups: &mut BTreeMap<String, IndicatorRow>,
        keys: &BTreeMap<i64, String>,
        zone: &TimeZone,
    ) -> Result<Vec<StatementQuality>> {
        let mut newest = BTreeMap::new();
        for version in self.versions_between(from, Timestamp::MAX).await? {
            if keys.contains_key(&version.case) {
                newest.insert(version.case, version);
            }
        }
        let mut statements: BTreeMap<String, StatementQuality> = BTreeMap::new();
        for (case, version) in &newest {
            if let (Some(agreed), Some(key)) = (version.body.agreed, keys.get(case)) {
                for group in ["all", key.as_str()] {
                    let row = groups.entry(group.to_owned()).or_default();
                    row.second_read += 1;
                    row.second_agreed += i64::from(agreed);
                }
            }
            let d = &version.body.difference;
            let month = month(version.signed, zone);
            let mut count = |ids: &[String], add: [i64; 4]| {
                for id in ids {
                    let s = statements.entry(id.clone()).or_default();
                    let by_month = s.months.entry(month.clone()).or_default();
                    let [machine, confirmed, deleted, added] = add;
                    s.machine += machine;
                    s.confirmed += confirmed;
                    s.deleted += deleted;
                    s.added += added;
                    for (total, n) in by_month.iter_mut().zip([machine, confirmed, added]) {
                        *total += n;
                    }
                }
            };
            count(&d.confirmed, [1, 1, 0, 0]);
            count(&d.deleted, [1, 0, 1, 0]);
            count(&d.added, [0, 0, 0, 1]);
        }
        let finished = statements.into_iter().map(|(id, s)| StatementQuality {
            id,
            se: ratio(s.confirmed, s.confirmed + s.added),
            ppv: ratio(s.confirmed, s.machine),
            ..s
        });
        Ok(finished.collect())
    }
}
