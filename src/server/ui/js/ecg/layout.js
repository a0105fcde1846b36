// Which lead's which seconds stand where on the paper, in millimetres. Order, speed and gain after Kligfield et al.,
// AHA/ACC/HRS part I (2007); the Cabrera order is that paper's recommended alternative.

import { TWELVE } from './waveform.js';
import { T } from '../texts.js';

/** Layouts that a reader can choose. */
export const LAYOUTS = [
  { id: '3x4+1', text: { zh: '3×4+1', en: '3×4+1' }, columns: 4, rhythm: ['II'] },
  { id: '3x4+3', text: { zh: '3×4+3', en: '3×4+3' }, columns: 4, rhythm: ['V1', 'II', 'V5'] },
  { id: '6x2', text: { zh: '6×2', en: '6×2' }, columns: 2, rhythm: [] },
  { id: '12x1', text: { zh: '12×1', en: '12×1' }, columns: 1, rhythm: [] },
];
export const SPEEDS = [25, 50];
export const GAINS = [5, 10, 20];
export const GAIN_TEXT = T.gain;

/** Seconds that a sheet with columns shows. */
export const SHEET_SECONDS = 10;
/** The calibration zone at the left of each row, mm. */
export const LEFT_MM = 12.5;
const RIGHT_MM = 2.5;

const CABRERA = [['aVL'], ['I'], ['aVR', true], ['II'], ['aVF'], ['III']];

function order(cabrera) {
  const limb = cabrera ? CABRERA : TWELVE.slice(0, 6).map((lead) => [lead]);
  return [...limb, ...TWELVE.slice(6).map((lead) => [lead])];
}

/**
 * The plan of a sheet: {strips, rows, width, height}, all in mm. A strip: {lead, inverted, x, y (zero line), from,
 * seconds, rhythm, row}. `aspect` = height by width of the place it is drawn in, so that rows fill it.
 */
export function plan(waveform, { layout, cabrera, speed, from, aspect }) {
  const standard = TWELVE.filter((lead) => waveform.has(lead));
  const chosen = LAYOUTS.find((l) => l.id === layout) ?? LAYOUTS[0];
  const full = standard.length < 6 || chosen.columns === 1;
  const seconds = full ? waveform.duration : SHEET_SECONDS;
  const start = full ? 0 : from;
  const leads = standard.length < 6 ? waveform.leads.map((lead) => [lead]) : order(cabrera);
  const columns = full ? 1 : chosen.columns;
  const rhythm = full ? [] : chosen.rhythm.map((lead) => (waveform.has(lead) ? lead : waveform.leads[0]));
  const perColumn = Math.ceil(leads.length / columns);
  const count = perColumn + rhythm.length;
  const sheet = LEFT_MM + SHEET_SECONDS * speed + RIGHT_MM;
  const pitch = Math.min(45, Math.max(10, Math.floor((sheet * (25 / speed) * aspect) / count / 2.5) * 2.5));
  const rows = Array.from({ length: count }, (_, row) => (row + 0.5) * pitch);
  const sequential = columns > 1 && waveform.duration - start >= seconds - 0.5;
  const width = seconds / columns;
  const strips = leads.map(([lead, inverted = false], n) => {
    const [column, row] = [Math.floor(n / perColumn), n % perColumn];
    const x = LEFT_MM + column * width * speed;
    return {
      lead,
      inverted,
      x,
      y: rows[row],
      from: start + (sequential ? column * width : 0),
      seconds: width,
      rhythm: columns === 1,
      row,
    };
  });
  rhythm.forEach((lead, n) => {
    strips.push({
      lead,
      inverted: false,
      x: LEFT_MM,
      y: rows[perColumn + n],
      from: start,
      seconds,
      rhythm: true,
      row: perColumn + n,
    });
  });
  return { strips, rows, pitch, width: LEFT_MM + seconds * speed + RIGHT_MM, height: count * pitch, speed, sequential };
}
