// Marks over the ECG: classes of the beats on the rhythm strips, pacemaker spikes, and the light on the beats and leads
// that a finding rests on. A class has a letter, a shape and a colour, so that none of the three is needed alone.

import { place } from './paper.js';
import { T } from '../texts.js';

/** Classes after ANSI/AAMI EC57. */
export const CLASSES = {
  N: { text: T.beatN, colour: '#4b5563', shape: 'dot' },
  S: { text: T.beatS, colour: '#0b5394', shape: 'triangle' },
  V: { text: T.beatV, colour: '#b3001b', shape: 'diamond' },
  F: { text: T.beatF, colour: '#7a3e9d', shape: 'diamond' },
  P: { text: T.beatP, colour: '#14663a', shape: 'square' },
  Q: { text: T.beatQ, colour: '#8a5a00', shape: 'dot' },
};

const LIGHT = 'rgb(11 83 148 / 0.15)';
const LIGHT_EDGE = 'rgb(11 83 148 / 0.75)';

export function marks(ctx, view) {
  const { plan, options, evidence } = view;
  for (const strip of plan.strips) {
    const at = place(strip, view.view, plan.speed, options.gain);
    if (at.left > view.width || at.left + strip.seconds * at.xs < 0) continue;
    if (evidence) light(ctx, view, strip, at, evidence);
    if (
      options.marks &&
      strip.rhythm &&
      (plan.strips.length <= 4 || strip.row === plan.rows.length - 1 || strip.row === 0 || plan.strips.length > 12)
    ) {
      classes(ctx, view, strip, at);
    }
  }
}

function light(ctx, view, strip, at, evidence) {
  const { leads = [], beats = [] } = evidence;
  if (leads.length && !leads.includes(strip.lead)) return;
  if (!leads.length && !beats.length) return;
  const half = (view.plan.pitch * view.view.k) / 2;
  const band = (from, to) => {
    const [a, b] = [Math.max(from, strip.from), Math.min(to, strip.from + strip.seconds)];
    if (b <= a) return;
    const [x, width] = [at.left + (a - strip.from) * at.xs, (b - a) * at.xs];
    ctx.fillStyle = LIGHT;
    ctx.fillRect(x, at.zero - half + 2, width, 2 * half - 4);
    ctx.fillStyle = LIGHT_EDGE;
    ctx.fillRect(x, at.zero + half - 5, width, 3);
  };
  if (!beats.length) {
    band(strip.from, strip.from + strip.seconds);
    return;
  }
  for (const index of beats) {
    const beat = view.beats[index];
    if (!beat) continue;
    const from = beat.p?.onset_ms ?? beat.qrs.onset_ms - 40;
    const to = beat.t?.offset_ms ?? beat.qrs.offset_ms + 120;
    band(from / 1000, to / 1000);
  }
}

function classes(ctx, view, strip, at) {
  const { unit } = view;
  const top = at.zero - (view.plan.pitch / 2) * view.view.k + 9 * unit;
  const inside = (ms) => ms / 1000 >= strip.from && ms / 1000 <= strip.from + strip.seconds;
  const x = (ms) => at.left + (ms / 1000 - strip.from) * at.xs;
  ctx.font = `700 ${12 * unit}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  const beats = view.beats;
  const dense = beats.length > 1 && ((beats.at(-1).at_ms - beats[0].at_ms) / 1000 / (beats.length - 1)) * at.xs < 14;
  for (const beat of beats) {
    if (!inside(beat.at_ms)) continue;
    const place_ = x(beat.at_ms);
    if (place_ < -20 || place_ > view.width + 20 || (dense && beat.class === 'N')) continue;
    mark(ctx, beat.class, place_, top, { letter: !dense, unit });
  }
  ctx.strokeStyle = CLASSES.P.colour;
  ctx.lineWidth = 1.5;
  for (const spike of view.spikes) {
    if (!inside(spike)) continue;
    ctx.beginPath();
    ctx.moveTo(x(spike), top + 4);
    ctx.lineTo(x(spike), top + 16 * unit);
    ctx.stroke();
  }
  ctx.textAlign = 'start';
}

/** The mark of a class, its letter beside it. */
export function mark(ctx, name, x, y, { letter = true, unit = 1 } = {}) {
  const { colour, shape } = CLASSES[name] ?? CLASSES.Q;
  ctx.fillStyle = colour;
  ctx.beginPath();
  if (shape === 'dot') ctx.arc(x, y, 2.5 * unit, 0, 2 * Math.PI);
  else if (shape === 'square') ctx.rect(x - 4 * unit, y - 4 * unit, 8 * unit, 8 * unit);
  else if (shape === 'triangle')
    for (const [dx, dy] of [
      [0, -5],
      [5, 4],
      [-5, 4],
    ])
      ctx.lineTo(x + dx * unit, y + dy * unit);
  else
    for (const [dx, dy] of [
      [0, -6],
      [5, 0],
      [0, 6],
      [-5, 0],
    ])
      ctx.lineTo(x + dx * unit, y + dy * unit);
  ctx.fill();
  if (letter && name !== 'N') ctx.fillText(name, x + 11 * unit, y + 4 * unit);
}
