//! An aECG document as a tree: references point forwards and backwards, so the order of elements says little.

use super::ID;
use crate::ingest::ReadError;
use crate::ingest::xml::{Element, Step, Walk};
use crate::text::text;

/// Elements of a document: a day of annotated beats stays below.
const MOST_NODES: usize = 1 << 20;

/// An element and what it holds.
#[derive(Debug, Default)]
pub struct Node {
    pub element: Element,
    pub children: Vec<Node>,
}

/// Reads a document's root.
pub fn parse(document: &str) -> Result<Node, ReadError> {
    let mut walk = Walk::new(document, ID);
    // Children of each open element, outermost first; the first are the root itself.
    let mut levels: Vec<Vec<Node>> = vec![Vec::new()];
    let mut count = 0;
    while let Some(step) = walk.next()? {
        match step {
            Step::Open => levels.push(Vec::new()),
            Step::Close(element) => {
                count += 1;
                if count > MOST_NODES {
                    return Err(ReadError::Limit {
                        what: text("XML 元素数", "number of XML elements"),
                        max: MOST_NODES as u64,
                    });
                }
                let children = levels.pop().unwrap_or_default();
                if let Some(siblings) = levels.last_mut() {
                    siblings.push(Node { element, children });
                }
            }
        }
    }
    let root = levels.pop().and_then(|mut l| l.pop());
    root.ok_or_else(|| ReadError::malformed(ID, "文档为空", "the document is empty", "byte 0"))
}

impl Node {
    /// Children of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |c| c.element.name == name)
    }

    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|c| c.element.name == name)
    }

    /// The node at the end of a path of first children.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// The first descendant of a name, in the document's order.
    pub fn find(&self, name: &str) -> Option<&Node> {
        self.children.iter().find_map(|c| if c.element.name == name { Some(c) } else { c.find(name) })
    }

    /// An attribute that is not empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.element.attribute(name).filter(|v| !v.is_empty())
    }

    /// The `code` attribute of the child `code`.
    pub fn code(&self) -> &str {
        self.child("code").and_then(|c| c.attribute("code")).unwrap_or("")
    }

    /// Its own words, else those of all it holds (a name in parts).
    pub fn words(&self) -> Option<String> {
        if let Some(words) = self.element.words() {
            return Some(words.to_string());
        }
        let parts: Vec<String> = self.children.iter().filter_map(Self::words).collect();
        let chinese = parts.iter().any(|p| p.chars().any(|c| c >= '\u{2E80}'));
        (!parts.is_empty()).then(|| parts.join(if chinese { "" } else { " " }))
    }

    /// A physical quantity: `value` and `unit`.
    pub fn quantity(&self) -> Option<(f64, &str)> {
        let value = self.attribute("value")?.parse().ok().filter(|v: &f64| v.is_finite())?;
        Some((value, self.attribute("unit").unwrap_or("")))
    }
}

/// Seconds of a time unit (UCUM).
pub fn seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" | "μs" => 1e-6,
        "ns" => 1e-9,
        "min" => 60.0,
        _ => return None,
    })
}
