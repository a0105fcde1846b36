// The five bounds on the median beat that a reader may move, and the intervals that follow from them.

import { T } from '../texts.js';

/** In the order of the beat. `wave` and `edge` name the machine's bound in a median's {p, qrs, t}. */
export const FIDUCIALS = [
  { key: 'p_onset_ms', wave: 'p', edge: 'onset_ms', text: T.pOnset, short: 'P⟨' },
  { key: 'p_offset_ms', wave: 'p', edge: 'offset_ms', text: T.pOffset, short: '⟩P' },
  { key: 'qrs_onset_ms', wave: 'qrs', edge: 'onset_ms', text: T.qrsOnset, short: 'QRS⟨' },
  { key: 'qrs_offset_ms', wave: 'qrs', edge: 'offset_ms', text: T.qrsOffset, short: '⟩QRS' },
  { key: 't_offset_ms', wave: 't', edge: 'offset_ms', text: T.tOffset, short: '⟩T' },
];

/** Bounds as they stand: the reader's where given (null = no such wave), else the machine's; null = none. */
export function bounds(median, edits) {
  const out = {};
  for (const { key, wave, edge } of FIDUCIALS) {
    out[key] = edits && key in edits && edits[key] !== undefined ? edits[key] : (median?.[wave]?.[edge] ?? null);
  }
  return out;
}

const between = (from, to) =>
  from === null || to === null || from === undefined || to === undefined ? null : to - from;

/** Intervals in ms from bounds; the corrected QT by Bazett and Fridericia where RR (ms) is known. */
export function intervals(b, rr) {
  const qt = between(b.qrs_onset_ms, b.t_offset_ms);
  const seconds = rr > 0 ? rr / 1000 : null;
  return {
    p: between(b.p_onset_ms, b.p_offset_ms),
    pr: between(b.p_onset_ms, b.qrs_onset_ms),
    qrs: between(b.qrs_onset_ms, b.qrs_offset_ms),
    qt,
    qtcb: qt !== null && seconds ? qt / Math.sqrt(seconds) : null,
    qtcf: qt !== null && seconds ? qt / Math.cbrt(seconds) : null,
  };
}

/** A bound cannot pass its neighbours; gives the nearest allowed value on the sampling grid. */
export function allowed(key, ms, b, rate, length) {
  const at = FIDUCIALS.findIndex((f) => f.key === key);
  const step = 1000 / rate;
  const before = FIDUCIALS.slice(0, at)
    .map((f) => b[f.key])
    .filter((v) => v !== null);
  const after = FIDUCIALS.slice(at + 1)
    .map((f) => b[f.key])
    .filter((v) => v !== null);
  const low = before.length ? Math.max(...before) + step : 0;
  const high = after.length ? Math.min(...after) - step : length - step;
  return Math.round(Math.min(high, Math.max(low, ms)) / step) * step;
}
