//! Speed of each stage on one thread: twelve leads, ten seconds, 500 Hz, simulated with a little noise. `items` are
//! lead-samples, so that the throughput is lead-samples a second (50 Mitem/s = 20 ns each).

use divan::Bencher;
use divan::counter::ItemsCount;
use einthoven::detect::{condition, detect, envelope, groups, qrs, quality, spikes};
use einthoven::signal::{Mv, Recording};
use einthoven::simulate::{Script, rhythm, simulate};
use einthoven::{Options, diagnose};

fn main() {
    divan::main();
}

fn recording() -> Recording {
    let Some(sinus) = rhythm::find("sinus") else { unreachable!("the simulator has a sinus rhythm") };
    let mut script = Script::new("bench", sinus);
    script.noise.muscle = Mv(0.02);
    script.noise.wander = Mv(0.1);
    simulate(&script).recording
}

fn samples(recording: &Recording) -> ItemsCount {
    ItemsCount::new(recording.samples.len())
}

#[divan::bench]
fn conditioning(bencher: Bencher) {
    let recording = recording();
    bencher.counter(samples(&recording)).bench_local(|| condition(&recording));
}

#[divan::bench]
fn envelopes(bencher: Bencher) {
    let recording = recording();
    let signal = condition(&recording);
    bencher.counter(samples(&recording)).bench_local(|| envelope::envelopes(&signal));
}

#[divan::bench]
fn complexes(bencher: Bencher) {
    let recording = recording();
    let signal = condition(&recording);
    let envelopes = envelope::envelopes(&signal);
    bencher.counter(samples(&recording)).bench_local(|| qrs::find(&signal, &envelopes));
}

#[divan::bench]
fn shape_groups(bencher: Bencher) {
    let recording = recording();
    let signal = condition(&recording);
    let beats = qrs::find(&signal, &envelope::envelopes(&signal)).fiducials;
    bencher.counter(samples(&recording)).bench_local(|| groups::group(&signal, &beats, true));
}

#[divan::bench]
fn lead_quality(bencher: Bencher) {
    let recording = recording();
    let signal = condition(&recording);
    let envelopes = envelope::envelopes(&signal);
    bencher.counter(samples(&recording)).bench_local(|| quality::leads(&recording, &signal, &envelopes));
}

#[divan::bench]
fn stimuli(bencher: Bencher) {
    let recording = recording();
    let signal = condition(&recording);
    bencher.counter(samples(&recording)).bench_local(|| spikes::find(&signal));
}

#[divan::bench]
fn detection(bencher: Bencher) {
    let recording = recording();
    bencher.counter(samples(&recording)).bench_local(|| detect(&recording));
}

#[divan::bench]
fn everything_to_statements(bencher: Bencher) {
    let recording = recording();
    let options = Options::default();
    bencher.counter(samples(&recording)).bench_local(|| diagnose(&recording, &options));
}
