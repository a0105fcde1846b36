// Calipers: two uprights and two levels on one strip measure ms, the rate in bpm and mV; marching out repeats the
// interval over the strip. By mouse: draw, drag an edge, drag the middle. By keyboard: nudge a sample at a time.

import { place } from './paper.js';

const COLOUR = '#00695c';
const NEAR = 7;

export class Caliper {
  constructor(view) {
    this.view = view;
    this.march = false;
    this.end = 't2';
    this.clear();
  }

  clear() {
    this.state = null;
  }

  #strip() {
    return this.state ? this.view.plan?.strips[this.state.index] : null;
  }

  /** Lays the calipers on two beats in the middle of the window when nothing is measured yet. */
  begin() {
    const { plan, beats } = this.view;
    if (this.state || !plan) return;
    let index = plan.strips.findIndex((s) => s.rhythm);
    if (index < 0) index = 0;
    const strip = plan.strips[index];
    const [from, to] = this.view.window();
    const middle = (Math.max(from, strip.from) + Math.min(to, strip.from + strip.seconds)) / 2;
    const second = beats.findIndex((b) => b.at_ms / 1000 > middle);
    const inside = (b) => b && b.at_ms / 1000 >= strip.from && b.at_ms / 1000 <= strip.from + strip.seconds;
    const [a, b] = [beats[second - 1], beats[second]];
    const [t1, t2] = inside(a) && inside(b) ? [a.at_ms / 1000, b.at_ms / 1000] : [middle - 0.4, middle + 0.4];
    this.state = { index, t1, t2, v1: 0, v2: 1 };
    this.view.redraw('over');
  }

  /** Moves the chosen end by samples. */
  nudge(samples) {
    if (!this.state) this.begin();
    if (!this.state) return;
    this.state[this.end] += samples / this.view.waveform.rate;
    this.view.redraw('over');
  }

  swap() {
    this.end = this.end === 't1' ? 't2' : 't1';
    this.view.redraw('over');
  }

  /** What is measured: {ms, bpm, mv}; null without calipers. */
  reading() {
    if (!this.state) return null;
    const ms = Math.abs(this.state.t2 - this.state.t1) * 1000;
    return { ms, bpm: ms > 0 ? 60000 / ms : null, mv: this.state.v2 - this.state.v1 };
  }

  #px() {
    const strip = this.#strip();
    if (!strip) return null;
    const at = place(strip, this.view.view, this.view.plan.speed, this.view.options.gain);
    const x = (t) => at.left + (t - strip.from) * at.xs;
    const y = (v) => at.zero - v * at.ys;
    const { t1, t2, v1, v2 } = this.state;
    return { at, strip, x, y, x1: x(t1), x2: x(t2), y1: y(v1), y2: y(v2) };
  }

  #hit(x, y) {
    const px = this.#px();
    if (!px) return null;
    const half = (this.view.plan.pitch * this.view.view.k) / 2;
    if (Math.abs(y - px.at.zero) > half && this.view.plan.strips.length <= 16 && !px.strip.rhythm) return null;
    if (Math.abs(x - px.x2) < NEAR) return 't2';
    if (Math.abs(x - px.x1) < NEAR) return 't1';
    const [left, right] = [Math.min(px.x1, px.x2), Math.max(px.x1, px.x2)];
    if (x < left || x > right || Math.abs(y - px.at.zero) > half) return null;
    if (Math.abs(y - px.y2) < NEAR) return 'v2';
    if (Math.abs(y - px.y1) < NEAR) return 'v1';
    return 'all';
  }

  cursor(x, y) {
    return (
      { t1: 'ew-resize', t2: 'ew-resize', v1: 'ns-resize', v2: 'ns-resize', all: 'move' }[this.#hit(x, y)] ??
      'crosshair'
    );
  }

  /** A press at a point; gives what a drag from there does. */
  press(x, y) {
    const hit = this.#hit(x, y);
    if (hit === 't1' || hit === 't2') this.end = hit;
    const to = (px, py) => {
      const strip = this.#strip();
      const at = place(strip, this.view.view, this.view.plan.speed, this.view.options.gain);
      return [strip.from + (px - at.left) / at.xs, (at.zero - py) / at.ys];
    };
    if (!hit) {
      const spot = this.view.at(x, y);
      if (!spot) return () => {};
      this.state = { index: spot.index, t1: spot.time, t2: spot.time, v1: spot.mv, v2: spot.mv };
      this.end = 't2';
    }
    let [t0, v0] = to(x, y);
    return (px, py) => {
      const [t, v] = to(px, py);
      const state = this.state;
      if (!hit) [state.t2, state.v2] = [t, v];
      else if (hit === 'all') {
        for (const key of ['t1', 't2']) state[key] += t - t0;
        for (const key of ['v1', 'v2']) state[key] += v - v0;
        [t0, v0] = [t, v];
      } else state[hit] = hit[0] === 't' ? t : v;
      this.view.redraw('over');
    };
  }

  draw(ctx) {
    const px = this.#px();
    if (!px) return;
    const half = (this.view.plan.pitch * this.view.view.k) / 2;
    const whole = this.view.plan.strips.every((s) => s.rhythm) || px.strip.rhythm;
    const [top, bottom] =
      whole && this.view.plan.strips.every((s) => s.rhythm)
        ? [0, this.view.height]
        : [px.at.zero - half, px.at.zero + half];
    const line = (x1, y1, x2, y2, width) => {
      ctx.lineWidth = width;
      ctx.beginPath();
      ctx.moveTo(x1, y1);
      ctx.lineTo(x2, y2);
      ctx.stroke();
    };
    ctx.strokeStyle = COLOUR;
    ctx.fillStyle = 'rgb(0 105 92 / 0.08)';
    ctx.fillRect(Math.min(px.x1, px.x2), top, Math.abs(px.x2 - px.x1), bottom - top);
    if (this.march) this.#marched(line, px, top, bottom);
    line(px.x1, top, px.x1, bottom, this.end === 't1' ? 2.5 : 1.5);
    line(px.x2, top, px.x2, bottom, this.end === 't2' ? 2.5 : 1.5);
    ctx.setLineDash([5, 4]);
    line(px.x1, px.y1, px.x2, px.y1, 1.2);
    line(px.x1, px.y2, px.x2, px.y2, 1.2);
    ctx.setLineDash([]);
    this.#words(ctx, px, top, bottom);
  }

  #marched(line, px, top, bottom) {
    const step = Math.abs(px.x2 - px.x1);
    if (step < 8) return;
    const [left, right] = [
      Math.max(px.at.left, 0),
      Math.min(px.at.left + px.strip.seconds * px.at.xs, this.view.width),
    ];
    for (let x = px.x1 - Math.floor((px.x1 - left) / step) * step; x <= right; x += step) line(x, top, x, bottom, 1);
  }

  #words(ctx, px, top, bottom) {
    const { ms, bpm, mv } = this.reading();
    const words = `${ms.toFixed(0)} ms  ·  ${bpm ? bpm.toFixed(0) : '—'} bpm  ·  ${mv.toFixed(2).replace('-', '−')} mV`;
    const { unit } = this.view;
    ctx.font = `600 ${14 * unit}px system-ui, sans-serif`;
    const width = ctx.measureText(words).width + 14;
    const tall = 23 * unit;
    const x = Math.max(2, Math.min(this.view.width - width - 2, (px.x1 + px.x2) / 2 - width / 2));
    const y = Math.max(2, Math.min(this.view.height - tall - 3, top > tall + 3 ? top - tall - 1 : bottom - tall - 3));
    ctx.fillStyle = COLOUR;
    ctx.fillRect(x, y, width, tall);
    ctx.fillStyle = '#ffffff';
    ctx.fillText(words, x + 7, y + 16 * unit);
  }
}
