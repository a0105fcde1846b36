// A recording as the page holds it: leads × samples in mV, missing samples are NaN.

import { Extremes } from './extremes.js';
import { filtered } from './filter.js';

/** The twelve in the order of the paper. */
export const TWELVE = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];

export class Waveform {
  #shown = new Map();

  /** `data`: a Float32Array a lead, mV. */
  constructor(rate, leads, data) {
    this.rate = rate;
    this.leads = leads;
    this.data = data;
    this.samples = Math.max(0, ...data.map((d) => d.length));
    this.duration = rate > 0 ? this.samples / rate : 0;
  }

  has(lead) {
    return this.leads.includes(lead);
  }

  /** A lead under a display profile with its min/max pyramid; null when it was not recorded. Made once, then kept. */
  lead(name, profile) {
    const at = this.leads.indexOf(name);
    if (at < 0) return null;
    const key = `${at} ${profile.id} ${profile.mains ?? 0}`;
    let shown = this.#shown.get(key);
    if (!shown) {
      const samples = filtered(this.data[at], this.rate, profile);
      shown = { samples, extremes: new Extremes(samples) };
      this.#shown.set(key, shown);
    }
    return shown;
  }
}

/**
 * The centre's binary form: `EWF1`, u32 LE length of a JSON header {leads, rate_hz, samples, uv_per_unit, missing}, the
 * header padded to a multiple of 8, then i16 LE samples, lead after lead.
 */
export function decode(buffer) {
  const view = new DataView(buffer);
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4));
  if (magic !== 'EWF1') throw new Error(`EWF1 ≠ ${magic}`);
  const length = view.getUint32(4, true);
  const {
    rate_hz: rate,
    leads,
    samples,
    uv_per_unit: unit,
    missing,
  } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const scale = unit / 1000;
  const data = leads.map((_, lead) => {
    const out = new Float32Array(samples);
    for (let n = 0, at = 8 + length + 2 * lead * samples; n < samples; n += 1, at += 2) {
      const raw = view.getInt16(at, true);
      out[n] = raw === missing ? NaN : raw * scale;
    }
    return out;
  });
  return new Waveform(rate, leads, data);
}
