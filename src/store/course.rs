//! The course of a case: each step of `review` in one transaction with what follows from it.

use super::{CaseRow, Clinical, Draft, Entry, Job, Person, Result, Store, StoreError, at, get, ms};
use crate::interpret::Verdict;
use crate::review::{Act, Action, CriticalLoop, Refusal, Rules, State, apply, may};
use crate::text::Text;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What an analysis found, as far as lists and rules need it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Analysed {
    /// Version of the program.
    pub program: String,
    /// The object that holds all of it.
    pub analysis: String,
    /// The machine's conclusion.
    pub verdict: Verdict,
    /// The machine's findings: statement and words.
    pub machine: Vec<(String, Text)>,
    /// The four findings that a list shows, most severe first.
    pub summary: Vec<Text>,
    /// Critical values (not the major positive ones), as printed.
    pub critical: Vec<Text>,
    /// Small picture, SVG.
    pub thumbnail: String,
}

/// What a newer analysis says otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Version of the program before.
    pub before: String,
    /// Version of the program after.
    pub after: String,
    /// Statements that are gone.
    pub gone: Vec<String>,
    /// Statements that are new.
    pub new: Vec<String>,
    /// Whether a signed report is out.
    pub signed: bool,
}

/// What a step is called in the audit.
const fn called(action: &Action) -> &'static str {
    match action {
        Action::Analysed => "analysed",
        Action::SetAside { .. } => "set-aside",
        Action::Claim => "claimed",
        Action::Release => "released",
        Action::TakeOver => "taken-over",
        Action::HandOver { .. } => "handed-over",
        Action::AskSenior => "asked-senior",
        Action::Refuse { .. } => "refused",
        Action::Sign => "signed",
        Action::Amend => "amended",
    }
}

impl Store {
    /// Takes a step that is no signing. `note` goes into the draft for the next reader, or is why it is amended.
    pub async fn step(
        &self,
        case: i64,
        action: &Action,
        note: Option<&str>,
        by: &Person,
        (rules, now): (&Rules, Timestamp),
    ) -> Result<CaseRow> {
        let mut tx = self.begin().await?;
        let mut row = tx.case(case).await?;
        let renewed =
            matches!((&row.case.state, action), (State::Reading { by: holder, .. }, Action::Claim) if *holder == by.id);
        let (next, _) = apply(&row.case, action, Some(&by.actor()), now, rules)?;
        let opens = action == &Action::Amend;
        if opens && row.erased.is_some() {
            return Err(StoreError::Erased); // what cannot be drawn again cannot be amended
        }
        row.case = next;
        match action {
            Action::Refuse { reason } => row.reason = Some(reason.clone()),
            Action::Amend => {
                let reason = note.filter(|n| !n.trim().is_empty()).ok_or(Refusal::NoReason)?;
                let newest = tx.newest_version(case).await?.ok_or(StoreError::Missing)?;
                let fits = newest.body.draft.conclude(&row.machine).is_ok_and(|c| c.lines == newest.body.lines);
                let draft = if fits { newest.body.draft } else { Draft::of_lines(&row.machine, &newest.body.lines) };
                let draft = Draft { reason: Some(reason.to_owned()), first: None, ..draft };
                tx.keep_draft(case, &draft, by.id, now).await?;
            }
            _ => {}
        }
        if let Some(note) = note.filter(|_| !opens) {
            let draft = tx.draft(case).await?.unwrap_or_default();
            tx.keep_draft(case, &Draft { note: Some(note.to_owned()), ..draft }, by.id, now).await?;
        }
        tx.save(&mut row).await?;
        if !renewed {
            let entry = Entry { person: Some(by.id), action: called(action), case: Some(case), ..Entry::default() };
            let site = Some(row.site.id);
            tx.audit(Entry { site, ..entry }, now).await?;
            if matches!(action, Action::Refuse { .. }) {
                sqlx::query("UPDATE ecg SET refused = $1 WHERE id = $2")
                    .bind(ms(now))
                    .bind(case)
                    .execute(&mut *tx.inner)
                    .await?;
            }
        }
        tx.commit().await?;
        self.changed.notify_waiters();
        self.name_first(&mut row).await?;
        Ok(row)
    }

    /// Keeps a draft: for the holder of the lock only, which it renews.
    pub async fn save_draft(
        &self,
        case: i64,
        draft: &Draft,
        revision: Option<i64>,
        by: &Person,
        (rules, now): (&Rules, Timestamp),
    ) -> Result<CaseRow> {
        let mut tx = self.begin().await?;
        let mut row = tx.case(case).await?;
        let holds =
            matches!(row.case.state, State::Reading { by: h, .. } | State::SecondReading { by: h, .. } if h == by.id);
        if !holds {
            return Err(Refusal::NotHeld.into());
        }
        if revision.is_some_and(|seen| seen != row.revision) {
            return Err(StoreError::Stale);
        }
        row.case = apply(&row.case, &Action::Claim, Some(&by.actor()), now, rules)?.0;
        let before = tx.draft(case).await?.unwrap_or_default();
        let draft = Draft { reason: before.reason, first: before.first, ..draft.clone() };
        tx.keep_draft(case, &draft, by.id, now).await?;
        tx.save(&mut row).await?;
        let detail = json!({ "edits": draft.edits.len(), "fiducials": draft.fiducials.is_some() });
        let (case, site) = (Some(case), Some(row.site.id));
        tx.audit(Entry { person: Some(by.id), action: "drafted", case, site, detail, ..Entry::default() }, now).await?;
        tx.commit().await?;
        self.changed.notify_waiters();
        Ok(row)
    }

    /// Keeps what an analysis found and lets the case wait for a reader. An analysis of a case that has moved on (by
    /// another worker, or because a reader has it open) changes nothing.
    pub async fn analysed(&self, job: Job, found: &Analysed, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.done(job.case).await?;
        let mut row = tx.case(job.case).await?;
        let open =
            matches!(row.case.state, State::Reading { .. } | State::SecondReading { .. } | State::SecondWaiting { .. });
        let first = row.analysis.is_none();
        if open && !first {
            return tx.commit().await;
        }
        if !first {
            let change = change(&row, found);
            if !change.gone.is_empty() || !change.new.is_empty() {
                let sql = "INSERT INTO change (ecg, at, body) VALUES ($1, $2, $3)";
                let add = sqlx::query(sql).bind(job.case).bind(ms(now)).bind(serde_json::to_string(&change)?);
                add.execute(&mut *tx.inner).await?;
            }
        }
        let site = tx.site(row.site.id).await?;
        row.case.second = row.case.second || site.second.demands(found.verdict);
        row.case = apply(&row.case, &Action::Analysed, None, now, &Rules::default())?.0;
        row.program = Some(found.program.clone());
        row.analysis = Some(found.analysis.clone());
        row.machine.clone_from(&found.machine);
        if row.case.versions == 0 {
            row.reason = None;
            row.verdict = Some(found.verdict);
            row.summary.clone_from(&found.summary);
            tx.drop_draft(job.case).await?;
        }
        // Only what waits rings: a report that is out was seen by a physician.
        let rings = row.alarm.is_none() && !found.critical.is_empty() && row.case.versions == 0;
        if rings {
            row.alarm = Some(CriticalLoop::raise(now));
        }
        tx.save(&mut row).await?;
        let sql = "INSERT INTO thumbnail (ecg, svg) VALUES ($1, $2) ON CONFLICT (ecg) DO UPDATE SET svg = excluded.svg";
        sqlx::query(sql).bind(job.case).bind(found.thumbnail.clone()).execute(&mut *tx.inner).await?;
        let (case, site) = (Some(job.case), Some(row.site.id));
        let detail = json!({ "program": found.program, "attempt": job.attempt });
        tx.audit(Entry { action: "analysed", case, site, detail, ..Entry::default() }, now).await?;
        if rings {
            tx.audit(Entry { action: "critical-raised", case, site, ..Entry::default() }, now).await?;
        }
        tx.commit().await?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Moves the loop of a critical value by `next`; refused where that leads nowhere.
    pub async fn alarm(
        &self,
        case: i64,
        next: impl FnOnce(Option<CriticalLoop>) -> Option<CriticalLoop> + Send,
        entry: Entry,
        now: Timestamp,
    ) -> Result<CaseRow> {
        let mut tx = self.begin().await?;
        let mut row = tx.case(case).await?;
        let before = row.alarm.clone();
        let after = next(row.alarm.take()).ok_or(Refusal::OutOfTurn)?;
        row.alarm = Some(after);
        if row.alarm != before {
            tx.save(&mut row).await?;
            tx.audit(Entry { case: Some(case), site: Some(row.site.id), ..entry }, now).await?;
            tx.commit().await?;
            self.changed.notify_waiters();
        }
        Ok(row)
    }

    /// Keeps what the clinic corrected, while no report is out.
    pub async fn change_clinical(
        &self,
        case: i64,
        clinical: &Clinical,
        entry: Entry,
        now: Timestamp,
    ) -> Result<CaseRow> {
        let mut tx = self.begin().await?;
        let mut row = tx.case(case).await?;
        if row.case.versions > 0 {
            return Err(Refusal::OutOfTurn.into());
        }
        let site = tx.site(row.site.id).await?;
        row.clinical = clinical.clone();
        row.due = row.received.min(now) + site.limit(clinical.urgent || clinical.chest_pain);
        tx.save(&mut row).await?;
        tx.audit(Entry { case: Some(case), site: Some(row.site.id), ..entry }, now).await?;
        tx.commit().await?;
        self.changed.notify_waiters();
        Ok(row)
    }

    /// After the clock was set back to `now`: what came at times that are still to come, and is not reported yet, is due as
    /// if it came now. By its own time it would stand last in the worklist until then. Returns how many; the audit says so.
    pub async fn set_back(&self, now: Timestamp) -> Result<u64> {
        let late = now + SignedDuration::from_mins(5); // as far apart as clocks may be
        let mut tx = self.begin().await?;
        let sql = "UPDATE ecg SET due = $1 + due - received WHERE received > $2 \
                   AND due > $1 + due - received AND state NOT IN ('reported', 'refused')";
        let mend = sqlx::query(sql).bind(ms(now)).bind(ms(late)).execute(&mut *tx.inner).await?.rows_affected();
        if mend > 0 {
            let detail = json!({ "due_again": mend });
            tx.audit(Entry { action: "clock-set-back", detail, ..Entry::default() }, now).await?;
        }
        tx.commit().await?;
        Ok(mend)
    }

    /// What newer analyses said otherwise, newest first.
    pub async fn changes(&self, most: i64) -> Result<Vec<(i64, Timestamp, Change)>> {
        let sql = "SELECT ecg, at, body FROM change ORDER BY id DESC LIMIT $1";
        let rows = sqlx::query(sql).bind(most).fetch_all(&self.reading).await?;
        let one = |row: &sqlx::any::AnyRow| {
            let body: String = get(row, "body")?;
            Ok((get(row, "ecg")?, at(get(row, "at")?), serde_json::from_str(&body)?))
        };
        rows.iter().map(one).collect()
    }
}

fn change(row: &CaseRow, found: &Analysed) -> Change {
    let without = |a: &[(String, Text)], b: &[(String, Text)]| -> Vec<String> {
        a.iter().filter(|(id, _)| !b.iter().any(|(other, _)| other == id)).map(|(id, _)| id.clone()).collect()
    };
    Change {
        before: row.program.clone().unwrap_or_default(),
        after: found.program.clone(),
        gone: without(&row.machine, &found.machine),
        new: without(&found.machine, &row.machine),
        signed: row.case.versions > 0,
    }
}

/// What `person` may do with the case now, by the names of the interface: each is tried on a copy.
pub fn possible(row: &CaseRow, person: &Person, now: Timestamp) -> Vec<&'static str> {
    let actor = person.actor();
    let reason = "?".to_owned();
    let steps = [
        ("claim", Action::Claim),
        ("release", Action::Release),
        ("take-over", Action::TakeOver),
        ("ask-senior", Action::AskSenior),
        ("refuse", Action::Refuse { reason }),
        ("sign", Action::Sign),
        ("amend", Action::Amend),
    ];
    let kept = row.erased.is_none();
    let can = |action: &Action| {
        (kept || *action != Action::Amend) && apply(&row.case, action, Some(&actor), now, &Rules::default()).is_ok()
    };
    let mut names: Vec<&'static str> = steps.iter().filter(|(_, a)| can(a)).map(|(name, _)| *name).collect();
    if can(&Action::Sign) {
        names.retain(|name| *name != "take-over"); // from oneself
        names.extend(["draft", "hand-over"]);
    }
    let open = row
        .alarm
        .as_ref()
        .is_some_and(|l| l.overdue(Timestamp::MAX, &crate::review::CriticalLimits::default()).is_some());
    let raised = row.alarm.as_ref().is_some_and(|l| l.step() == crate::review::CriticalStep::Raised);
    if may(person.role, Act::Acknowledge) && open {
        names.extend(if raised { &["acknowledge", "dispose"][..] } else { &["dispose"][..] });
    }
    if may(person.role, Act::Read) {
        names.push(if open { "withdraw" } else { "raise" });
    }
    if kept
        && matches!(row.case.state, State::SetAside { .. })
        && (may(person.role, Act::Read) || may(person.role, Act::Administer))
    {
        names.push("retry");
    }
    names
}
