//! Speed of the outputs of one ten-second twelve-lead ECG, on one core.
#![allow(clippy::unwrap_used)]
use divan::Bencher;
use einthoven::report::{OUTPUTS, Report, Settings, render};
use einthoven::text::Lang;

#[path = "../tests/fixture.rs"]
mod fixture;

fn main() {
    // Fonts are loaded once a process; the figures are of what follows.
    let _ = render(&fixture::report(), "pdf", &Settings::new(Lang::Zh));
    divan::main();
}

#[divan::bench(args = OUTPUTS.iter().map(|o| o.id), sample_count = 20)]
fn output(bencher: Bencher, id: &str) {
    let report: Report = fixture::report();
    let settings = Settings::new(Lang::Zh);
    bencher.bench(|| render(&report, id, &settings));
}
