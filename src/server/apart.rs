//! One ECG analysed in a process of its own, with limits of memory and time: what a file that ended a worker before gets.
//! If that process dies, the file is to blame; if the worker dies with it, somebody killed the centre and the file is not.
//!
//! The two speak over standard input and output: a `u32` length, so many bytes of JSON, then the bytes it speaks of.

use super::analysis;
use crate::ingest::Source;
use crate::interpret::Settings as Thresholds;
use crate::store::{Analysed, Clinical, StoreError};
use crate::text::{Text, text};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The subcommand of this program that answers.
pub const COMMAND: &str = "analyze-apart";
/// Memory such a process may take (24 h of 12 leads take about 0.5 GB).
#[cfg(unix)]
const MEMORY_BYTES: u64 = 3 << 30;
/// Longest it may take, processor and wall.
const LONGEST: Duration = Duration::from_mins(5);

/// What an analysis comes to: the object and what lists need of it, or why there is none.
pub type Made = Result<(Vec<u8>, Analysed), Text>;

/// What is asked; the files' contents follow.
#[derive(Serialize, Deserialize)]
struct Asked {
    clinical: Clinical,
    thresholds: Thresholds,
    /// Name and length of each file, the recording's own first.
    files: Vec<(String, u64)>,
}

/// What is answered; the object follows.
#[derive(Serialize, Deserialize)]
enum Answered {
    Analysed(Analysed),
    Refused(Text),
}

/// This program, also after its file was replaced by a newer one.
pub fn this_program() -> Option<PathBuf> {
    let own = Path::new("/proc/self/exe");
    if own.exists() { Some(own.to_path_buf()) } else { std::env::current_exe().ok() }
}

/// Reads, analyses and packs one ECG.
pub fn make(source: &Source, clinical: &Clinical, thresholds: &Thresholds) -> Made {
    let (recording, diagnosis) = analysis::examine(source, clinical, thresholds)?;
    analysis::result(recording, diagnosis)
}

/// The same in a process of its own; `None` where that process died of it. It is waited for.
pub fn make_apart(
    program: &Path,
    files: &[(String, Vec<u8>)],
    clinical: Clinical,
    thresholds: Thresholds,
) -> Result<Option<Made>, StoreError> {
    let failed = |e: std::io::Error| StoreError::Corrupt(format!("analysis apart: {e}"));
    let lengths = files.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect();
    let mut asked = packed(&Asked { clinical, thresholds, files: lengths })?;
    for (_, bytes) in files {
        asked.extend_from_slice(bytes);
    }
    let mut command = Command::new(program);
    command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0); // Ctrl-C is for the centre, which then ends in order
    }
    let mut child = command.spawn().map_err(failed)?;
    let input = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // One that dies before it has read all is seen by how it ended.
        scope.spawn(move || input.map(|mut input| input.write_all(&asked)));
        child.wait_with_output()
    });
    let output = output.map_err(failed)?;
    if output.status.success() {
        let mut said = output.stdout.as_slice();
        let answered = unpacked(&mut said).map_err(failed)?;
        return Ok(Some(match answered {
            Answered::Analysed(found) => Ok((said.to_vec(), found)),
            Answered::Refused(why) => Err(why),
        }));
    }
    if ended_from_outside(output.status) {
        return Err(StoreError::Corrupt("analysis apart: ended from outside".to_owned()));
    }
    Ok(None)
}

/// Whether somebody asked the process to end: the machine shuts down, the centre is stopped.
#[cfg(unix)]
fn ended_from_outside(status: std::process::ExitStatus) -> bool {
    use rustix::process::Signal;
    use std::os::unix::process::ExitStatusExt;
    let asked = [Signal::HUP, Signal::INT, Signal::TERM].map(Signal::as_raw);
    status.signal().is_some_and(|signal| asked.contains(&signal))
}

#[cfg(not(unix))]
fn ended_from_outside(_: std::process::ExitStatus) -> bool {
    false
}

/// The other side: reads one ECG from `input`, writes what it comes to. Sets the limits of this very process.
pub fn answer(input: &mut impl Read, output: &mut impl Write) -> std::io::Result<()> {
    limit();
    std::thread::spawn(|| {
        std::thread::sleep(LONGEST);
        std::process::abort();
    });
    let asked: Asked = unpacked(input)?;
    let mut source: Option<Source> = None;
    for (name, length) in asked.files {
        let mut bytes = Vec::new();
        input.by_ref().take(length).read_to_end(&mut bytes)?;
        source = Some(match source {
            None => Source::memory(name, bytes),
            Some(source) => source.with(name, bytes),
        });
    }
    let none = || text("没有文件", "there is no file");
    let made = source.ok_or_else(none).and_then(|source| make(&source, &asked.clinical, &asked.thresholds));
    let (answered, object) = match made {
        Ok((object, found)) => (Answered::Analysed(found), object),
        Err(why) => (Answered::Refused(why), Vec::new()),
    };
    output.write_all(&packed(&answered).map_err(std::io::Error::other)?)?;
    output.write_all(&object)?;
    output.flush()
}

/// Memory and processor of this process; where the system has no such limits the time is all there is.
fn limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Of data, not of addresses: allocators reserve far more than they use.
        for (what, most) in [(Resource::Data, MEMORY_BYTES), (Resource::Cpu, LONGEST.as_secs())] {
            let _ = setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) });
        }
    }
}

fn packed(said: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(said)?;
    let length = u32::try_from(json.len()).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    Ok([&length.to_le_bytes(), json.as_slice()].concat())
}

fn unpacked<T: DeserializeOwned>(from: &mut impl Read) -> std::io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut json = Vec::new();
    from.take(u64::from(u32::from_le_bytes(length))).read_to_end(&mut json)?;
    serde_json::from_slice(&json).map_err(std::io::Error::other)
}
