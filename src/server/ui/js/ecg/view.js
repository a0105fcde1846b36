// The ECG on a canvas: pans, zooms, keeps true millimetres when the screen is calibrated. Two canvases lie on each
// other: paper and traces below, marks and tools above, so that a moving caliper redraws no trace.

import { h } from '../core/dom.js';
import { LEFT_MM, SHEET_SECONDS, plan } from './layout.js';
import { place, sheet } from './paper.js';
import { PROFILES } from './filter.js';
import { marks } from './marks.js';
import { Caliper } from './caliper.js';
import { Magnifier } from './magnifier.js';
import { pixelsPerMm, unit } from './scale.js';

/** How far a picture of the paper reaches beyond the window on each side, as a share of the window. */
const MARGIN = 0.3;

export class EcgView {
  #dirty = { sheet: false, place: false, over: false };
  #picture = null;
  #asked = 0;
  #pointers = new Map();
  #drag = null;

  /** onchange: called after a pan or zoom by hand; `label`: what a screen reader calls the canvas. */
  constructor({ label, onchange } = {}) {
    this.lower = h('canvas', { class: 'ecg-sheet' });
    this.upper = h('canvas', { class: 'ecg-over', tabindex: 0, role: 'img', 'aria-label': label });
    this.element = h('div', { class: 'ecg-view' }, this.lower, this.upper);
    this.onchange = onchange ?? (() => {});
    this.options = { layout: '3x4+1', cabrera: false, speed: 25, gain: 10, profile: PROFILES[1], from: 0, marks: true };
    this.view = { k: 4, x: 0, y: 0 };
    this.evidence = null;
    this.caliper = new Caliper(this);
    this.magnifier = new Magnifier(this);
    this.tool = 'pan';
    this.#listen();
    this.observer = new ResizeObserver(() => this.#resize());
    // Device pixels: it fires too when the window is moved to a screen of another density.
    this.observer.observe(this.lower, { box: 'device-pixel-content-box' });
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#asked);
  }

  /** Shows a recording with its machine report (beats, spikes); `report` may be null. */
  show(waveform, report) {
    this.waveform = waveform;
    this.beats = report?.beats ?? [];
    this.spikes = report?.pacemaker_spikes_ms ?? [];
    this.caliper.clear();
    this.set({ from: 0, other: null });
    this.fit();
  }

  /** Changes options (layout, cabrera, speed, gain, profile, from, marks, other, shift). */
  set(changes) {
    Object.assign(this.options, changes);
    this.#plan();
    this.redraw();
  }

  #plan() {
    if (!this.waveform || !this.width) return;
    const before = this.plan;
    this.plan = plan(this.waveform, { ...this.options, aspect: this.height / this.width });
    if (before && (before.strips.length !== this.plan.strips.length || before.speed !== this.plan.speed))
      this.caliper.clear();
    this.#clamp();
  }

  /** The sheet as wide as the window. */
  fit() {
    if (!this.width) return;
    this.view = { k: this.width / (LEFT_MM + SHEET_SECONDS * 25 + 2.5), x: 0, y: 0 };
    this.fitted = true;
    this.#plan();
    this.redraw();
  }

  /** A millimetre on the paper is one on the screen; false when the screen was never calibrated. */
  trueSize() {
    const k = pixelsPerMm();
    if (!k) return false;
    this.zoom(k / this.view.k, this.width / 2, this.height / 2);
    return true;
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const k = Math.min(60, Math.max(1.2, this.view.k * factor));
    const by = k / this.view.k;
    this.view = { k, x: x - (x - this.view.x) * by, y: y - (y - this.view.y) * by };
    this.fitted = false;
    this.#clamp();
    this.redraw();
    this.onchange();
  }

  pan(dx, dy) {
    this.view.x += dx;
    this.view.y += dy;
    this.#clamp();
    this.redraw('place');
    this.onchange();
  }

  #clamp() {
    if (!this.plan) return;
    const within = (at, size, room) => (size <= room ? 0 : Math.min(0, Math.max(room - size, at)));
    this.view.x = within(this.view.x, this.plan.width * this.view.k, this.width);
    const tall = this.plan.height * this.view.k;
    this.view.y = tall <= this.height ? (this.height - tall) / 2 : within(this.view.y, tall, this.height);
  }

  /** Lights beats (indexes) and leads; null takes the light away. */
  light(evidence) {
    this.evidence = evidence;
    this.redraw();
  }

  /** Brings a moment into view: the sheet is turned, or the long strip pushed. */
  goTo(seconds) {
    const strip = this.plan?.strips.find((s) => s.rhythm);
    if (!strip) return;
    if (strip.from + strip.seconds < this.waveform.duration || strip.from > 0) {
      const last = Math.max(0, this.waveform.duration - SHEET_SECONDS);
      this.set({ from: Math.min(last, Math.max(0, Math.floor(seconds - 1))) });
    } else {
      const at = this.view.x + (strip.x + (seconds - strip.from) * this.plan.speed) * this.view.k;
      if (at < 40 || at > this.width - 40) this.pan(this.width / 2 - at, 0);
    }
  }

  /** The seconds in view: [from, to]. */
  window() {
    const strip = this.plan?.strips.find((s) => s.rhythm) ?? this.plan?.strips[0];
    if (!strip) return [0, 0];
    const left = this.view.x + strip.x * this.view.k;
    const xs = this.plan.speed * this.view.k;
    const seconds = this.plan.strips.some((s) => s.rhythm) ? strip.seconds : SHEET_SECONDS;
    return [strip.from + Math.max(0, -left / xs), strip.from + Math.min(seconds, (this.width - left) / xs)];
  }

  setTool(tool) {
    this.tool = tool;
    this.magnifier.active = tool === 'magnifier';
    this.upper.dataset.tool = tool;
    if (tool === 'caliper') this.caliper.begin();
    else this.caliper.clear();
    this.redraw('over');
  }

  /** `what`: 'sheet' when anything of the paper changed, 'place' when it was only moved, 'over' for the marks alone. */
  redraw(what = 'sheet') {
    this.#dirty[what] = true;
    this.#dirty.over = true;
    if (!this.#asked) this.#asked = requestAnimationFrame(() => this.#draw());
  }

  /** What `sheet` draws. */
  scene() {
    const { profile, gain, other, shift } = this.options;
    const lit = this.evidence?.leads?.length ? new Set(this.evidence.leads) : null;
    return { waveform: this.waveform, plan: this.plan, profile, gain, other, shift, lit };
  }

  #draw() {
    this.#asked = 0;
    if (!this.plan || !this.width) return;
    const start = performance.now();
    const context = (canvas) => {
      const ctx = canvas.getContext('2d');
      ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      return ctx;
    };
    if (this.#dirty.sheet) {
      this.#picture = null;
      sheet(context(this.lower), this.scene(), this.view, this.width, this.height);
    } else if (this.#dirty.place) this.#slide(this.lower.getContext('2d'));
    const ctx = context(this.upper);
    ctx.clearRect(0, 0, this.width, this.height);
    marks(ctx, this);
    this.caliper.draw(ctx);
    this.magnifier.draw(ctx);
    this.#dirty = { sheet: false, place: false, over: false };
    this.drawMs = performance.now() - start;
  }

  /** Moves a picture of the paper that reaches beyond the window; a new one is taken where it ends. */
  #slide(ctx) {
    const [mx, my] = [Math.ceil(this.width * MARGIN), Math.ceil(this.height * MARGIN)];
    const { x, y, k } = this.view;
    const old = this.#picture;
    if (!old || Math.abs(x - old.x) > mx || Math.abs(y - old.y) > my) {
      const canvas = old?.canvas ?? document.createElement('canvas');
      const [width, height] = [this.width + 2 * mx, this.height + 2 * my];
      [canvas.width, canvas.height] = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
      const inner = canvas.getContext('2d');
      inner.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      sheet(inner, this.scene(), { k, x: x + mx, y: y + my }, width, height);
      this.#picture = { canvas, x, y };
    }
    const { canvas, x: left, y: top } = this.#picture;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(canvas, Math.round((x - left - mx) * this.ratio), Math.round((y - top - my) * this.ratio));
  }

  #resize() {
    const box = this.element.getBoundingClientRect();
    if (!box.width || !box.height) return;
    [this.width, this.height, this.ratio, this.unit] = [box.width, box.height, window.devicePixelRatio || 1, unit()];
    for (const canvas of [this.lower, this.upper]) {
      canvas.width = Math.round(box.width * this.ratio);
      canvas.height = Math.round(box.height * this.ratio);
    }
    if (this.fitted !== false) this.fit();
    this.#plan();
    this.redraw();
    this.onchange();
  }

  /** The strip under a point, with the moment and mV there. */
  at(x, y) {
    let best = null;
    for (const [index, strip] of (this.plan?.strips ?? []).entries()) {
      const p = place(strip, this.view, this.plan.speed, this.options.gain);
      const seconds = (x - p.left) / p.xs;
      const away = Math.abs(y - p.zero);
      if (seconds < 0 || seconds > strip.seconds || (best && best.away <= away)) continue;
      best = { index, strip, away, time: strip.from + seconds, mv: (p.zero - y) / p.ys };
    }
    return best;
  }

  #listen() {
    const canvas = this.upper;
    const spot = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
          this.pan(-(event.deltaX || event.deltaY), 0);
        else this.zoom(Math.exp(-event.deltaY * 0.0015), ...spot(event));
      },
      { passive: false },
    );
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      const [x, y] = spot(event);
      this.#pointers.set(event.pointerId, [x, y]);
      this.#drag = this.tool === 'caliper' && this.#pointers.size === 1 ? this.caliper.press(x, y) : null;
    });
    canvas.addEventListener('pointermove', (event) => this.#move(event, ...spot(event)));
    for (const name of ['pointerup', 'pointercancel']) {
      canvas.addEventListener(name, (event) => {
        this.#pointers.delete(event.pointerId);
        this.#drag = null;
      });
    }
    canvas.addEventListener('pointerleave', () => this.magnifier.leave());
    canvas.addEventListener('dblclick', () => this.fit());
  }

  #move(event, x, y) {
    this.magnifier.move(x, y);
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      if (this.tool === 'caliper') this.upper.style.cursor = this.caliper.cursor(x, y);
      else this.upper.style.cursor = '';
      return;
    }
    if (this.#pointers.size === 2) {
      const [, other] = [...this.#pointers].find(([id]) => id !== event.pointerId);
      const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
      this.zoom(apart([x, y], other) / apart(before, other), (x + other[0]) / 2, (y + other[1]) / 2);
    } else if (this.#drag) {
      this.#drag(x, y);
    } else {
      this.pan(x - before[0], y - before[1]);
    }
    this.#pointers.set(event.pointerId, [x, y]);
  }
}
