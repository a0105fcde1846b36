//! Progress of a batch: a bar with rate and time left on a terminal, a plain line now and then elsewhere.

use crate::text::Lang;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Seconds between two plain lines: a log of hours stays readable.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Progress of `total` recordings.
pub struct Progress {
    bar: Option<ProgressBar>,
    done: AtomicU64,
    total: u64,
    started: Instant,
    said: Mutex<Instant>,
    lang: Lang,
}

impl Progress {
    /// Starts the clock.
    pub fn new(total: usize, lang: Lang) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = match lang {
                Lang::Zh => "{bar:30} {pos}/{len} 份 {per_sec:.0} 剩余 {eta}",
                Lang::En => "{bar:30} {pos}/{len} ECGs {per_sec:.0} {eta} left",
            };
            let bar = ProgressBar::new(total as u64);
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        let now = Instant::now();
        Self { bar, done: AtomicU64::new(0), total: total as u64, started: now, said: Mutex::new(now), lang }
    }

    /// One more is done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        } else if let Ok(mut said) = self.said.try_lock()
            && said.elapsed() >= PLAIN_EVERY
        {
            *said = Instant::now();
            let rate = done as f64 / self.started.elapsed().as_secs_f64();
            let left = (self.total - done) as f64 / rate.max(1e-9);
            match self.lang {
                Lang::Zh => eprintln!("{done}/{} 份，{rate:.0} 份/秒，剩余 {left:.0} 秒", self.total),
                Lang::En => eprintln!("{done}/{} ECGs, {rate:.0} a second, {left:.0} s left", self.total),
            }
        }
    }

    /// A message that does not tear the bar.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// Ends the bar; the mean rate in recordings a second.
    pub fn finish(&self) -> f64 {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.done.load(Ordering::Relaxed) as f64 / self.started.elapsed().as_secs_f64().max(1e-9)
    }
}
