//! What the user named, as a list of recordings: files, folders (recursive) and patterns; `-` is standard input.
//!
//! The files that belong to a recording (signal files of a WFDB header, annotations, side files) are no recordings of
//! their own. A folder's papers (README, LICENSE, RECORDS, …) and scripts are passed over and counted; everything else gets its
//! row, so that a wrong file is seen and not lost.

use crate::ingest::{self, Limits, Source, recognise};
use crate::text::{Lang, Text, text};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of a file that tell its format and name its companions, unless it says that there are more.
const HEAD: u64 = 4096;

/// Names that a database or a repository puts beside its recordings.
const PAPERS: &[&str] = &["README", "LICENSE", "LICENCE", "RECORDS", "ANNOTATORS", "SHA256SUMS", "MD5SUMS"];

/// One recording to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The file; `None` = standard input.
    pub path: Option<PathBuf>,
    /// As the user knows it: the path below the folder that was named, with `/`.
    pub label: String,
    /// Where its reports go below the output folder, without extension.
    pub base: String,
}

/// What the user's words came to.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Recordings in order of their label.
    pub found: Vec<Input>,
    /// Names that lead nowhere, with the reason.
    pub missing: Vec<(String, Text)>,
    /// Papers passed over.
    pub papers: usize,
}

impl Inputs {
    /// Looks up what the user named. `out` is never searched: yesterday's reports are no ECGs.
    pub fn find(words: &[String], out: Option<&Path>) -> Self {
        let mut inputs = Self::default();
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        let out = out.and_then(|o| o.canonicalize().ok());
        for word in words {
            if word == "-" {
                inputs.found.push(Input { path: None, label: "-".into(), base: "stdin".into() });
            } else {
                inputs.expand(word, out.as_deref(), &mut files);
            }
        }
        let claimed = claimed(&files);
        let labelled: Vec<(PathBuf, String)> = files.into_iter().filter(|(p, _)| !claimed.contains(p)).collect();
        inputs.found.extend(with_bases(labelled));
        inputs.found.sort_by(|a, b| a.label.cmp(&b.label));
        inputs
    }

    /// Says so where there is nothing to do: an empty folder is no failure, but mostly a wrong one.
    pub fn warn_if_empty(&self, lang: Lang) {
        if self.found.is_empty() && self.missing.is_empty() {
            let why = text("没有找到心电图文件：文件夹是空的？", "no ECG files found: is the folder empty?");
            eprintln!("{}", why.get(lang));
        }
    }

    fn expand(&mut self, word: &str, out: Option<&Path>, files: &mut BTreeMap<PathBuf, String>) {
        let path = Path::new(word);
        if path.is_dir() {
            self.walk(path, out, files);
        } else if path.exists() {
            files.entry(path.to_path_buf()).or_insert_with(|| file_name(path));
        } else {
            // Shells that do not expand patterns (and quoted ones) leave that to us.
            let matched: Vec<PathBuf> = glob::glob(word).map(|g| g.flatten().collect()).unwrap_or_default();
            if matched.is_empty() {
                self.missing.push((word.to_owned(), text("没有这个文件或文件夹", "no such file or folder")));
            }
            for path in matched {
                if path.is_dir() {
                    self.walk(&path, out, files);
                } else {
                    files.entry(path.clone()).or_insert_with(|| file_name(&path));
                }
            }
        }
    }

    fn walk(&mut self, folder: &Path, out: Option<&Path>, files: &mut BTreeMap<PathBuf, String>) {
        let hidden = |e: &walkdir::DirEntry| e.depth() > 0 && e.file_name().to_string_lossy().starts_with('.');
        let ours = |e: &walkdir::DirEntry| {
            e.file_type().is_dir() && out.is_some_and(|o| e.path().canonicalize().is_ok_and(|p| p == o))
        };
        let entries = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
        for entry in entries.filter_entry(|e| !hidden(e) && !ours(e)) {
            match entry {
                Ok(e) if e.file_type().is_file() => {
                    if is_paper(e.path()) || is_script(e.path()) {
                        self.papers += 1;
                        continue;
                    }
                    let label = e.path().strip_prefix(folder).unwrap_or(e.path()).to_string_lossy().replace('\\', "/");
                    files.entry(e.into_path()).or_insert(label);
                }
                Ok(_) => {}
                Err(error) => {
                    let name = error.path().map_or_else(|| folder.to_path_buf(), Path::to_path_buf);
                    let cause = error.to_string();
                    let why = error.io_error().map_or_else(|| Text::of(cause.clone(), cause), ingest::plain);
                    self.missing.push((
                        name.display().to_string(),
                        Text::of(format!("无法读取：{}", why.zh), format!("cannot be read: {}", why.en)),
                    ));
                }
            }
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

fn is_paper(path: &Path) -> bool {
    let name = file_name(path).to_uppercase();
    let stem = name.split('.').next().unwrap_or_default();
    // the truth beside a simulated ECG
    let truth = name.ends_with(".TRUTH.JSON");
    truth || PAPERS.contains(&stem) || name.rsplit_once('.').is_some_and(|(_, e)| e == "MD")
}

/// Whether the file is a program for a shell: nobody's ECG.
fn is_script(path: &Path) -> bool {
    let mut mark = [0; 2];
    File::open(path).and_then(|mut f| f.read_exact(&mut mark)).is_ok() && mark == *b"#!"
}

/// Files that belong to another of `files`.
fn claimed(files: &BTreeMap<PathBuf, String>) -> BTreeSet<PathBuf> {
    let mut claimed = BTreeSet::new();
    let mut headers: BTreeSet<PathBuf> = BTreeSet::new(); // paths without extension of recordings in several files
    let mut unknown = Vec::new();
    for path in files.keys() {
        let Some(head) = head(path) else { continue };
        let Some(format) = recognise(&head) else {
            unknown.push(path);
            continue;
        };
        let mut companions = (format.companions)(&head);
        if companions.is_empty() {
            continue;
        }
        if head.bytes().len() as u64 == HEAD
            && let Ok(whole) = Source::open(path, &Limits::default())
        {
            companions = (format.companions)(&whole);
        }
        headers.insert(path.with_extension(""));
        claimed.extend(companions.iter().map(|c| path.with_file_name(c)).filter(|c| c != path));
    }
    // Annotations carry their record's name and an annotator's extension, and nothing that tells what they are.
    claimed.extend(unknown.into_iter().filter(|p| headers.contains(&p.with_extension(""))).cloned());
    claimed
}

fn head(path: &Path) -> Option<Source> {
    if !path.is_file() {
        return None; // opening a pipe would wait for a writer
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEAD).read_to_end(&mut bytes).ok()?;
    Some(Source::memory(file_name(path), bytes))
}

/// Gives each file its place below the output folder: its label without extension, and with it where two would meet.
fn with_bases(files: Vec<(PathBuf, String)>) -> Vec<Input> {
    let stem = |label: &str| {
        let (folder, name) = label.rsplit_once('/').map_or(("", label), |(f, n)| (f, n));
        let stem = name.rsplit_once('.').map_or(name, |(s, _)| if s.is_empty() { name } else { s });
        if folder.is_empty() { stem.to_owned() } else { format!("{folder}/{stem}") }
    };
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for (_, label) in &files {
        *uses.entry(stem(label).to_lowercase()).or_default() += 1;
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut inputs = Vec::with_capacity(files.len());
    for (path, label) in files {
        let mut base = stem(&label);
        if uses.get(&base.to_lowercase()).is_some_and(|n| *n > 1) || base == "index" || base == "summary" {
            base.clone_from(&label);
        }
        let mut n = 2;
        let plain = base.clone();
        while !taken.insert(base.to_lowercase()) {
            base = format!("{plain}-{n}"); // the same name below two folders that were both named
            n += 1;
        }
        inputs.push(Input { path: Some(path), label, base });
    }
    inputs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        dir
    }

    #[test]
    fn two_files_of_one_name_keep_both_reports() {
        let dir = folder(&[("a.csv", "1"), ("a.edf", "2"), ("b.csv", "3"), ("sub/a.csv", "4"), ("README.md", "5")]);
        let inputs = Inputs::find(&[dir.path().display().to_string()], None);
        let bases: Vec<_> = inputs.found.iter().map(|i| i.base.as_str()).collect();
        assert_eq!(bases, ["a.csv", "a.edf", "b", "sub/a"]);
        assert_eq!(inputs.papers, 1);
    }

    #[test]
    fn the_output_folder_is_not_searched_and_what_is_missing_is_said() {
        let dir = folder(&[("a.csv", "1"), ("reports/a.json", "2")]);
        let out = dir.path().join("reports");
        let inputs = Inputs::find(&[dir.path().display().to_string(), "/no/such/file".into()], Some(&out));
        assert_eq!(inputs.found.len(), 1);
        assert_eq!(inputs.missing.len(), 1);
    }

    #[test]
    fn scripts_are_no_ecgs_unless_they_are_named() {
        let dir = folder(&[("a.csv", "1"), ("make", "#!/bin/sh\necho"), ("tool.py", "#!/usr/bin/env python3\n")]);
        let inputs = Inputs::find(&[dir.path().display().to_string()], None);
        assert_eq!((inputs.found.len(), inputs.papers), (1, 2));
        let inputs = Inputs::find(&[dir.path().join("make").display().to_string()], None);
        assert_eq!(inputs.found.len(), 1, "what the user names gets its row");
    }

    #[test]
    fn patterns_and_repeated_names_count_once() {
        let dir = folder(&[("a.csv", "1"), ("b.csv", "2"), ("c.txt", "3")]);
        let root = dir.path().display();
        let inputs = Inputs::find(&[format!("{root}/*.csv"), format!("{root}/a.csv"), format!("{root}/?.csv")], None);
        assert_eq!(inputs.found.len(), 2);
    }
}
