//! The states of a case and the steps between them.
//!
//! received → waiting → reading → reported, with second reading, refusal for quality, amendment and setting aside beside
//! the main way. [`apply`] is the only place where a state changes. A signed version is never changed: a step from
//! `Reported` makes the next version.

use super::role::{Act, Role, may};
use crate::text::{Text, text};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A person who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Identifier of the account.
    pub id: i64,
    /// What the person is.
    pub role: Role,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Stored durably; not analysed yet.
    Received,
    /// Could not be analysed: unreadable, or it killed the worker three times. Somebody must look.
    SetAside {
        /// Why, in words.
        reason: Text,
    },
    /// In the worklist with its preliminary findings.
    Waiting {
        /// Only a senior reader may take it: a reader asked for help.
        senior: bool,
    },
    /// Open at a reader, for whom it is locked.
    Reading {
        /// Who.
        by: i64,
        /// The lock falls then unless it is renewed.
        until: Timestamp,
    },
    /// Signed by a first reader; a second one must agree before the clinic gets it.
    SecondWaiting {
        /// The first reader.
        first: i64,
    },
    /// Open at the second reader.
    SecondReading {
        /// The first reader.
        first: i64,
        /// The second reader.
        by: i64,
        /// The lock falls then.
        until: Timestamp,
    },
    /// Refused: the signal does not allow a reading; the clinic records again.
    Refused {
        /// Who refused.
        by: i64,
        /// Why, for the clinic.
        reason: String,
    },
    /// The signed report is out.
    Reported,
}

/// A case as far as its course depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Where it stands.
    pub state: State,
    /// Number of signed versions; 0 = none yet.
    pub versions: u32,
    /// Whether a second reading is demanded, by the site's rule or the finding's severity.
    pub second: bool,
}

/// A step that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Action {
    /// The analysis is done. By the program, not a person.
    Analysed,
    /// The analysis cannot be done. By the program.
    SetAside {
        /// Why.
        reason: Text,
    },
    /// Open it to read; on one's own lock it renews it.
    Claim,
    /// Close it unread.
    Release,
    /// Take it from a reader who holds the lock. Senior readers only.
    TakeOver,
    /// Give it to a colleague, for whom it is locked.
    HandOver {
        /// Who.
        to: Actor,
    },
    /// Give it to the senior readers.
    AskSenior,
    /// Refuse for quality.
    Refuse {
        /// Why, for the clinic.
        reason: String,
    },
    /// Sign.
    Sign,
    /// Open a signed report to amend it.
    Amend,
}

/// What a step brings about beside the new state; the caller carries it out in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The worklist changed.
    Worklist,
    /// A version was signed and goes to the clinic.
    Published {
        /// Its number, from 1.
        version: u32,
    },
    /// The clinic must record again.
    RecordAgain,
}

/// Rules of the centre that the steps depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long an unrenewed lock holds.
    pub lock: SignedDuration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { lock: SignedDuration::from_mins(10) }
    }
}

/// Why a step is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The role does not allow it.
    Forbidden,
    /// Another reader has it open.
    Locked {
        /// Who.
        by: i64,
        /// Until when, unless renewed.
        until: Timestamp,
    },
    /// The lock has fallen, or was never there: open the case again.
    NotHeld,
    /// The first reader cannot be the second.
    SameReader,
    /// A senior reader is asked for.
    SeniorOnly,
    /// A refusal needs a reason.
    NoReason,
    /// The case does not stand where this step begins.
    OutOfTurn,
}

impl Refusal {
    /// As said to the person.
    pub const fn text(&self) -> Text {
        match self {
            Self::Forbidden => text("您的角色无权执行此操作", "your role does not allow this"),
            Self::Locked { .. } => text("另一位医师正在阅读此份心电图", "another reader has this ECG open"),
            Self::NotHeld => text("锁定已失效，请重新打开", "your lock has run out: open the case again"),
            Self::SameReader => text("审核医师不能是初诊医师本人", "the second reader cannot be the first"),
            Self::SeniorOnly => text("此份已请求上级医师阅读", "a senior reader was asked for"),
            Self::NoReason => text("请填写退回原因", "say why it is refused"),
            Self::OutOfTurn => text("此份心电图的状态已改变，请刷新", "the case has moved on: reload it"),
        }
    }
}

/// Takes one step at `now`. `by` is `None` for the program itself.
pub fn apply(
    case: &Case,
    action: &Action,
    by: Option<&Actor>,
    now: Timestamp,
    rules: &Rules,
) -> Result<(Case, Vec<Event>), Refusal> {
    let step = Step { case, by, now, rules };
    match action {
        Action::Analysed => Ok(step.analysed()),
        Action::SetAside { reason } => step.set_aside(reason),
        Action::Claim => step.claim(false),
        Action::TakeOver => step.claim(true),
        Action::Release => step.release(false),
        Action::AskSenior => step.release(true),
        Action::HandOver { to } => step.hand_over(to),
        Action::Refuse { reason } => step.refuse(reason),
        Action::Sign => step.sign(),
        Action::Amend => step.amend(),
    }
}

type Stepped = Result<(Case, Vec<Event>), Refusal>;

struct Step<'a> {
    case: &'a Case,
    by: Option<&'a Actor>,
    now: Timestamp,
    rules: &'a Rules,
}

impl Step<'_> {
    fn to(&self, state: State, events: Vec<Event>) -> (Case, Vec<Event>) {
        (Case { state, ..self.case.clone() }, events)
    }

    fn reader(&self) -> Result<&Actor, Refusal> {
        self.by.filter(|a| may(a.role, Act::Read)).ok_or(Refusal::Forbidden)
    }

    /// The reader, if the case is open at that very person.
    fn holder(&self) -> Result<&Actor, Refusal> {
        let reader = self.reader()?;
        match &self.case.state {
            State::Reading { by, until } | State::SecondReading { by, until, .. } => {
                if *by != reader.id {
                    return Err(Refusal::Locked { by: *by, until: *until });
                }
                if *until < self.now { Err(Refusal::NotHeld) } else { Ok(reader) }
            }
            State::Waiting { .. } | State::SecondWaiting { .. } => Err(Refusal::NotHeld),
            _ => Err(Refusal::OutOfTurn),
        }
    }

    fn analysed(&self) -> (Case, Vec<Event>) {
        match self.case.state {
            // A second analysis (a newer program) of a case that is under way changes nothing of its course.
            State::Received | State::SetAside { .. } => {
                self.to(State::Waiting { senior: false }, vec![Event::Worklist])
            }
            _ => self.to(self.case.state.clone(), vec![]),
        }
    }

    fn set_aside(&self, reason: &Text) -> Stepped {
        match self.case.state {
            State::Received => Ok(self.to(State::SetAside { reason: reason.clone() }, vec![Event::Worklist])),
            _ => Err(Refusal::OutOfTurn),
        }
    }

    fn claim(&self, take_over: bool) -> Stepped {
        let reader = self.reader()?;
        let until = self.now.checked_add(self.rules.lock).unwrap_or(self.now);
        if take_over && !may(reader.role, Act::ReadSecond) {
            return Err(Refusal::Forbidden);
        }
        // A lock that ends later than any could is of a clock that has been set back since: it holds nobody off.
        let held = |by: i64, lock: Timestamp| by != reader.id && (self.now..=until).contains(&lock) && !take_over;
        match self.case.state {
            State::Waiting { senior: true } if !may(reader.role, Act::ReadSecond) => Err(Refusal::SeniorOnly),
            State::Reading { by, until: lock } | State::SecondReading { by, until: lock, .. } if held(by, lock) => {
                Err(Refusal::Locked { by, until: lock })
            }
            State::Waiting { .. } | State::Reading { .. } => {
                Ok(self.to(State::Reading { by: reader.id, until }, vec![Event::Worklist]))
            }
            State::SecondWaiting { first } | State::SecondReading { first, .. } => {
                if !may(reader.role, Act::ReadSecond) {
                    return Err(Refusal::SeniorOnly);
                }
                if first == reader.id {
                    return Err(Refusal::SameReader);
                }
                Ok(self.to(State::SecondReading { first, by: reader.id, until }, vec![Event::Worklist]))
            }
            _ => Err(Refusal::OutOfTurn),
        }
    }

    fn release(&self, senior: bool) -> Stepped {
        self.holder()?;
        match self.case.state {
            State::SecondReading { first, .. } if !senior => {
                Ok(self.to(State::SecondWaiting { first }, vec![Event::Worklist]))
            }
            // An amendment that is given up leaves the signed version as it was.
            State::Reading { .. } if self.case.versions > 0 && !senior => {
                Ok(self.to(State::Reported, vec![Event::Worklist]))
            }
            State::Reading { .. } => Ok(self.to(State::Waiting { senior }, vec![Event::Worklist])),
            _ => Err(Refusal::OutOfTurn),
        }
    }

    /// The colleague gets the lock as if by claiming it; who does not come loses it by time.
    fn hand_over(&self, to: &Actor) -> Stepped {
        self.holder()?;
        let free = match self.case.state {
            State::SecondReading { first, .. } => State::SecondWaiting { first },
            _ => State::Waiting { senior: false },
        };
        let case = Case { state: free, ..self.case.clone() };
        Step { case: &case, by: Some(to), ..*self }.claim(false)
    }

    fn refuse(&self, reason: &str) -> Stepped {
        let by = self.holder()?.id;
        if reason.trim().is_empty() {
            return Err(Refusal::NoReason);
        }
        if self.case.versions > 0 {
            return Err(Refusal::OutOfTurn); // a report is out already: it is amended, not refused
        }
        Ok(self.to(State::Refused { by, reason: reason.to_owned() }, vec![Event::Worklist, Event::RecordAgain]))
    }

    fn sign(&self) -> Stepped {
        let reader = self.holder()?.id;
        match self.case.state {
            State::Reading { .. } if self.case.second => {
                Ok(self.to(State::SecondWaiting { first: reader }, vec![Event::Worklist]))
            }
            State::Reading { .. } | State::SecondReading { .. } => {
                let version = self.case.versions + 1;
                let case = Case { state: State::Reported, versions: version, ..self.case.clone() };
                Ok((case, vec![Event::Worklist, Event::Published { version }]))
            }
            _ => Err(Refusal::OutOfTurn),
        }
    }

    fn amend(&self) -> Stepped {
        let reader = self.reader()?.id;
        match self.case.state {
            State::Reported => {
                let until = self.now.checked_add(self.rules.lock).unwrap_or(self.now);
                Ok(self.to(State::Reading { by: reader, until }, vec![Event::Worklist]))
            }
            _ => Err(Refusal::OutOfTurn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Actor = Actor { id: 1, role: Role::Reader };
    const BEN: Actor = Actor { id: 2, role: Role::Reader };
    const SUN: Actor = Actor { id: 3, role: Role::SeniorReader };
    const CLINIC: Actor = Actor { id: 4, role: Role::Clinic };

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn walk(second: bool, steps: &[(Action, Option<&Actor>, i64)]) -> Result<Case, Refusal> {
        let start = Case { state: State::Received, versions: 0, second };
        steps.iter().try_fold(start, |case, (action, by, minute)| {
            apply(&case, action, *by, at(*minute), &Rules::default()).map(|(case, _)| case)
        })
    }

    #[test]
    fn from_upload_to_signed_and_amended() {
        let case = walk(
            false,
            &[
                (Action::Analysed, None, 0),
                (Action::Claim, Some(&ANN), 1),
                (Action::Sign, Some(&ANN), 5),
                (Action::Amend, Some(&SUN), 60),
                (Action::Sign, Some(&SUN), 62),
            ],
        )
        .unwrap();
        assert_eq!((case.state, case.versions), (State::Reported, 2));
    }

    #[test]
    fn two_readers_never_write_one_report() {
        let open = [(Action::Analysed, None, 0), (Action::Claim, Some(&ANN), 1)];
        let with = |last: (Action, Option<&'static Actor>, i64)| {
            let mut steps = open.to_vec();
            steps.push(last);
            walk(false, &steps)
        };
        assert!(matches!(with((Action::Claim, Some(&BEN), 2)), Err(Refusal::Locked { by: 1, .. })));
        assert!(matches!(with((Action::Sign, Some(&BEN), 2)), Err(Refusal::Locked { by: 1, .. })));
        assert!(with((Action::Claim, Some(&BEN), 12)).is_ok(), "the lock has run out");
        assert!(with((Action::Claim, Some(&BEN), -500)).is_ok(), "the clock was set back by hours");
        assert_eq!(with((Action::Sign, Some(&ANN), 12)), Err(Refusal::NotHeld));
        assert!(with((Action::TakeOver, Some(&SUN), 2)).is_ok());
        assert_eq!(with((Action::TakeOver, Some(&BEN), 2)), Err(Refusal::Forbidden));
    }

    #[test]
    fn the_holder_hands_over_and_nobody_else() {
        let open = walk(false, &[(Action::Analysed, None, 0), (Action::Claim, Some(&ANN), 1)]).unwrap();
        let give = |by, to: &Actor| {
            apply(&open, &Action::HandOver { to: to.clone() }, Some(by), at(2), &Rules::default()).map(|(c, _)| c.state)
        };
        assert!(matches!(give(&ANN, &BEN), Ok(State::Reading { by: 2, until }) if until == at(12)));
        assert!(matches!(give(&BEN, &BEN), Err(Refusal::Locked { .. })));
        assert_eq!(give(&ANN, &CLINIC), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_second_reading_needs_another_and_senior_reader() {
        let signed = [(Action::Analysed, None, 0), (Action::Claim, Some(&SUN), 1), (Action::Sign, Some(&SUN), 2)];
        let case = walk(true, &signed).unwrap();
        assert_eq!((case.state.clone(), case.versions), (State::SecondWaiting { first: 3 }, 0));
        let claim = |by| apply(&case, &Action::Claim, Some(by), at(3), &Rules::default());
        assert_eq!(claim(&SUN), Err(Refusal::SameReader));
        assert_eq!(claim(&ANN), Err(Refusal::SeniorOnly));
    }

    #[test]
    fn a_refusal_has_a_reason_and_no_report_is_refused() {
        let open = [(Action::Analysed, None, 0), (Action::Claim, Some(&ANN), 1)];
        let case = walk(false, &open).unwrap();
        let refuse = |case: &Case, reason: &str| {
            apply(case, &Action::Refuse { reason: reason.into() }, Some(&ANN), at(2), &Rules::default())
        };
        assert_eq!(refuse(&case, "  "), Err(Refusal::NoReason));
        assert!(refuse(&case, "V1 lead off").is_ok());
        let amended = walk(
            false,
            &[
                (Action::Analysed, None, 0),
                (Action::Claim, Some(&ANN), 1),
                (Action::Sign, Some(&ANN), 1),
                (Action::Amend, Some(&ANN), 2),
            ],
        )
        .unwrap();
        assert_eq!(refuse(&amended, "noise"), Err(Refusal::OutOfTurn));
    }

    #[test]
    fn a_clinic_reads_nothing_and_a_signed_case_is_not_claimed() {
        assert_eq!(
            walk(false, &[(Action::Analysed, None, 0), (Action::Claim, Some(&CLINIC), 1)]),
            Err(Refusal::Forbidden)
        );
        let signed = [
            (Action::Analysed, None, 0),
            (Action::Claim, Some(&ANN), 1),
            (Action::Sign, Some(&ANN), 2),
            (Action::Claim, Some(&ANN), 3),
        ];
        assert_eq!(walk(false, &signed), Err(Refusal::OutOfTurn));
    }
}
