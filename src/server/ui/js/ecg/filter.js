// Display filters: they change what is shown, never what is stored or measured. Second-order Butterworth sections run
// forwards and backwards (no shift in time; −6 dB at the corner), after AHA/ACC/HRS part I (2007): 0.05–150 Hz is the
// diagnostic band; 0.5–40 Hz is the monitor band, in which ST levels must not be judged.

import { T } from '../texts.js';

/** Profiles that a reader can choose. */
export const PROFILES = [
  { id: 'raw', text: T.filterRaw },
  { id: 'diagnostic', text: T.filterDiagnostic, high: 0.05, low: 150 },
  { id: 'mains', text: T.filterMains, high: 0.05, low: 150, mains: 50 },
  { id: 'monitor', text: T.filterMonitor, high: 0.5, low: 40 },
];

const Q = Math.SQRT1_2;
/** Shorter stretches show less than three periods of 0.05 Hz: there the offset (the median) is taken out instead, since
 * what a filter makes of its own beginning would tilt the ST segment. */
const LONG_ENOUGH_S = 60;

function section(kind, rate, hz, q = Q) {
  const w = (2 * Math.PI * hz) / rate;
  const [cos, alpha] = [Math.cos(w), Math.sin(w) / (2 * q)];
  const b = {
    low: [(1 - cos) / 2, 1 - cos, (1 - cos) / 2],
    high: [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2],
    notch: [1, -2 * cos, 1],
  }[kind];
  return [...b, -2 * cos, 1 - alpha].map((c) => c / (1 + alpha));
}

/** One pass in place; the state begins as if the first value had lasted for ever. */
function pass(x, [b0, b1, b2, a1, a2], backwards) {
  const n = x.length;
  const first = x[backwards ? n - 1 : 0];
  const level = (first * (b0 + b1 + b2)) / (1 + a1 + a2);
  let [x1, x2, y1, y2] = [first, first, level, level];
  for (let i = 0; i < n; i += 1) {
    const at = backwards ? n - 1 - i : i;
    const y = b0 * x[at] + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x[at], y1, y];
    x[at] = y;
  }
}

/** A stretch without gaps, mirrored at its ends so that the filters settle outside what is shown. */
function stretch(samples, sections, padding) {
  const n = samples.length;
  const pad = Math.min(padding, n - 1);
  const x = new Float64Array(n + 2 * pad);
  for (let i = 0; i < pad; i += 1) {
    x[i] = 2 * samples[0] - samples[pad - i];
    x[n + pad + i] = 2 * samples[n - 1] - samples[n - 2 - i];
  }
  x.set(samples, pad);
  for (const coefficients of sections) {
    pass(x, coefficients, false);
    pass(x, coefficients, true);
  }
  return x.subarray(pad, pad + n);
}

function median(samples) {
  const sorted = Float32Array.from(samples).sort();
  return sorted[sorted.length >> 1];
}

/** The samples under a profile; gaps (NaN) stay gaps and each stretch between them is filtered for itself. */
export function filtered(samples, rate, profile) {
  if (profile.id === 'raw') return samples;
  const sections = [];
  if (profile.mains && profile.mains < rate / 2) sections.push(section('notch', rate, profile.mains, 15));
  if (profile.low < rate / 2) sections.push(section('low', rate, profile.low));
  const out = new Float32Array(samples.length).fill(NaN);
  for (let from = 0; from < samples.length;) {
    if (Number.isNaN(samples[from])) {
      from += 1;
      continue;
    }
    let to = from;
    while (to < samples.length && !Number.isNaN(samples[to])) to += 1;
    out.set(one(samples.subarray(from, to), rate, profile, sections), from);
    from = to;
  }
  return out;
}

/** A stretch under the profile; a few samples alone are left as they are. */
function one(samples, rate, profile, sections) {
  if (samples.length <= 8) return samples;
  const slow = profile.high < 0.1 && samples.length < LONG_ENOUGH_S * rate;
  const all = profile.high && !slow ? [...sections, section('high', rate, profile.high)] : sections;
  const out = stretch(samples, all, Math.round(rate * 4));
  if (!slow) return out;
  const offset = median(samples);
  return out.map((v) => v - offset);
}
