//! What a reader does with the machine's findings: accept, change, delete, add, free text; and the difference in the end,
//! from which the quality office learns how often the machine is overruled.

use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A line of a conclusion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Statement id of the catalog; `None` = free text.
    pub statement: Option<String>,
    /// As printed.
    pub text: Text,
    /// Whose it is.
    pub origin: LineOrigin,
}

/// Whose a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineOrigin {
    /// The machine's, left as it was.
    Machine,
    /// The machine's, in other words.
    Changed,
    /// The reader's.
    Added,
}

/// One change, in the order in which the reader made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum Edit {
    /// Takes line `at` out.
    Delete {
        /// Line, from 0.
        at: usize,
    },
    /// Gives line `at` other words; the statement stays what it is.
    Reword {
        /// Line, from 0.
        at: usize,
        /// New words.
        text: Text,
    },
    /// Puts a statement of the catalog, or free text, at place `at` (the end when beyond it).
    Add {
        /// Place, from 0.
        at: usize,
        /// Statement id; `None` = free text.
        statement: Option<String>,
        /// As printed.
        text: Text,
    },
    /// Moves line `from` to place `to`.
    Move {
        /// Line, from 0.
        from: usize,
        /// Place, from 0.
        to: usize,
    },
}

/// A conclusion: the machine's findings after the reader's edits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// Lines in the order in which they are printed.
    pub lines: Vec<Line>,
}

/// How a conclusion differs from the machine's findings, by statement id in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The machine's that stand.
    pub confirmed: Vec<String>,
    /// The machine's that were deleted: false positives by this reader.
    pub deleted: Vec<String>,
    /// Of the catalog, added by the reader: what the machine missed.
    pub added: Vec<String>,
}

/// The conclusion after `edits` on the machine's findings (statement id and words). An edit of a line that does not
/// exist is refused with its number: a page that shows another state than ours must reload, not guess.
pub fn conclude(machine: &[(String, Text)], edits: &[Edit]) -> Result<Conclusion, usize> {
    let machine_line = |(id, text): &(String, Text)| Line {
        statement: Some(id.clone()),
        text: text.clone(),
        origin: LineOrigin::Machine,
    };
    let mut lines: Vec<Line> = machine.iter().map(machine_line).collect();
    for (number, edit) in edits.iter().enumerate() {
        let exists = |at: &usize| *at < lines.len();
        match edit {
            Edit::Delete { at } if exists(at) => {
                lines.remove(*at);
            }
            Edit::Reword { at, text } if exists(at) => {
                let line = &mut lines[*at];
                line.text = text.clone();
                if line.origin == LineOrigin::Machine {
                    line.origin = LineOrigin::Changed;
                }
            }
            Edit::Add { at, statement, text } => {
                let line = Line { statement: statement.clone(), text: text.clone(), origin: LineOrigin::Added };
                lines.insert((*at).min(lines.len()), line);
            }
            Edit::Move { from, to } if exists(from) => {
                let line = lines.remove(*from);
                lines.insert((*to).min(lines.len()), line);
            }
            _ => return Err(number),
        }
    }
    Ok(Conclusion { lines })
}

/// How `conclusion` differs from the machine's findings.
pub fn difference(machine: &[(String, Text)], conclusion: &Conclusion) -> Difference {
    let said: BTreeSet<&str> = machine.iter().map(|(id, _)| id.as_str()).collect();
    let stands: BTreeSet<&str> = conclusion.lines.iter().filter_map(|l| l.statement.as_deref()).collect();
    let owned = |ids: &mut dyn Iterator<Item = &&str>| ids.map(|id| (*id).to_owned()).collect();
    Difference {
        confirmed: owned(&mut said.intersection(&stands)),
        deleted: owned(&mut said.difference(&stands)),
        added: owned(&mut stands.difference(&said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::text;

    fn machine() -> Vec<(String, Text)> {
        vec![("sinus-rhythm".into(), text("窦性心律", "Sinus rhythm")), ("lvh".into(), text("左心室肥厚", "LVH"))]
    }

    #[test]
    fn the_difference_counts_statements_not_words() {
        let edits = [
            Edit::Delete { at: 1 },
            Edit::Add {
                at: 9, statement: Some("first-degree-av-block".into()), text: text("一度房室阻滞", "1° AVB")
            },
            Edit::Add { at: 0, statement: None, text: text("请结合临床", "Correlate clinically") },
            Edit::Reword { at: 1, text: text("窦性心律，心率 60 次/分", "Sinus rhythm at 60") },
            Edit::Move { from: 0, to: 2 },
        ];
        let conclusion = conclude(&machine(), &edits).unwrap();
        let origins: Vec<_> = conclusion.lines.iter().map(|l| l.origin).collect();
        assert_eq!(origins, [LineOrigin::Changed, LineOrigin::Added, LineOrigin::Added]);
        let d = difference(&machine(), &conclusion);
        assert_eq!(d.confirmed, ["sinus-rhythm"]);
        assert_eq!(d.deleted, ["lvh"]);
        assert_eq!(d.added, ["first-degree-av-block"]);
    }

    #[test]
    fn deleting_and_adding_it_again_is_no_difference_and_a_stale_edit_is_refused() {
        let again = Edit::Add { at: 1, statement: Some("lvh".into()), text: text("左心室肥厚", "LVH") };
        let conclusion = conclude(&machine(), &[Edit::Delete { at: 1 }, again]).unwrap();
        assert_eq!(difference(&machine(), &conclusion).deleted, Vec::<String>::new());
        assert_eq!(conclude(&machine(), &[Edit::Delete { at: 1 }, Edit::Delete { at: 1 }]), Err(1));
    }
}
