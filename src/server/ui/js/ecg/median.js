// Median beats of all leads laid over each other, with the bounds of P, QRS and T as handles: drag one, or focus it and
// use the arrow keys (a sample; with Shift 10 ms). The intervals follow at once; `onchange` gets the changed bounds.

import { button, choice, h, refill } from '../core/dom.js';
import { number } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { FIDUCIALS, allowed, bounds, intervals } from './fiducials.js';
import { INK, grid } from './paper.js';
import { unit } from './scale.js';
import { Surface, drag } from './surface.js';

const NAMES = [
  ['p', 'P'],
  ['pr', 'PR'],
  ['qrs', 'QRS'],
  ['qt', 'QT'],
  ['qtcb', 'QTcB'],
  ['qtcf', 'QTcF'],
];
const COLOURS = {
  p_onset_ms: '#0b5394',
  p_offset_ms: '#0b5394',
  qrs_onset_ms: '#b3001b',
  qrs_offset_ms: '#b3001b',
  t_offset_ms: '#14663a',
};

export class MedianPanel {
  constructor({ onchange }) {
    this.onchange = onchange;
    this.canvas = h('canvas');
    this.handles = h('div', { class: 'fiducials' });
    this.stage = h('div', { class: 'median-stage' }, this.canvas, this.handles);
    this.side = h('div', { class: 'median-side' });
    this.element = h('div', { class: 'median' }, this.stage, this.side);
    this.surface = new Surface(this.stage, this.canvas, (...room) => this.#draw(...room));
    this.lit = null;
  }

  close() {
    this.surface.close();
  }

  /** `leads`: names in the medians' order; `rr`: ms of the dominant rhythm; `editable`: whether bounds may be moved. */
  show({ medians, leads, rr, edits, editable }) {
    Object.assign(this, { medians: medians ?? [], leads, rr, edits: { ...(edits ?? {}) }, editable });
    this.group = this.medians.some((m) => m.group === this.group) ? this.group : this.medians[0]?.group;
    this.#build();
  }

  get median() {
    return this.medians.find((m) => m.group === this.group) ?? null;
  }

  #current() {
    return bounds(this.median, this.median?.group === 0 ? this.edits : null);
  }

  #build() {
    this.buttons = new Map();
    this.handles.replaceChildren();
    if (!this.median) {
      refill(this.side, h('p', { class: 'hint' }, say(T.noMedian)));
      return;
    }
    const now = this.#current();
    for (const f of FIDUCIALS) {
      if (now[f.key] === null) continue;
      const handle = h(
        'button',
        {
          type: 'button',
          class: 'fiducial',
          role: 'slider',
          'aria-label': say(f.text),
          title: say(f.text),
          data: { key: f.key },
          disabled: !this.#may(),
          onkeydown: (event) => this.#key(event, f),
          onpointerdown: (event) => this.#press(event, f),
        },
        h('span', null, f.short),
      );
      handle.style.setProperty('--mark', COLOURS[f.key]);
      this.buttons.set(f.key, handle);
      this.handles.append(handle);
    }
    this.#words();
    this.redraw();
  }

  #may() {
    return this.editable && this.median?.group === 0;
  }

  #set(f, ms) {
    const now = this.#current();
    const value = allowed(f.key, ms, now, this.median.rate_hz, this.length);
    const machine = this.median[f.wave]?.[f.edge] ?? null;
    if (machine !== null && Math.abs(value - machine) < 0.01) delete this.edits[f.key];
    else this.edits[f.key] = value;
    this.#words();
    this.redraw();
    this.onchange({ ...this.edits });
  }

  #key(event, f) {
    const step = event.shiftKey ? 10 : 1000 / this.median.rate_hz;
    const by = { ArrowLeft: -step, ArrowRight: step, ArrowDown: -step, ArrowUp: step }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    this.#set(f, this.#current()[f.key] + by);
  }

  #press(event, f) {
    if (!this.#may()) return;
    event.currentTarget.focus();
    const start = [event.clientX, this.#current()[f.key]];
    drag(event, (e) => this.#set(f, start[1] + ((e.clientX - start[0]) / this.xs) * 1000));
    event.preventDefault();
  }

  /** Takes a wave out (no P, no T), or gives it back. */
  #absent(wave, keys) {
    const gone = keys.every((k) => this.edits[k] === null);
    for (const key of keys) {
      if (gone) delete this.edits[key];
      else this.edits[key] = null;
    }
    this.#build();
    this.onchange({ ...this.edits });
  }

  #words() {
    const machine = intervals(bounds(this.median, null), this.rr);
    const now = intervals(this.#current(), this.rr);
    const rows = NAMES.map(([key, name]) => {
      const changed = now[key] !== machine[key] && Math.abs((now[key] ?? -1) - (machine[key] ?? -1)) >= 0.5;
      return h(
        'tr',
        { class: changed ? 'changed' : '' },
        h('th', { scope: 'row' }, name),
        h('td', null, number(now[key])),
        h('td', { class: 'was' }, changed ? number(machine[key]) : ''),
      );
    });
    const groups = this.medians.map((m) => [m.group, say(T.group, { n: m.group + 1, beats: m.beats })]);
    const edited = Object.keys(this.edits).length > 0;
    refill(
      this.side,
      h(
        'div',
        { class: 'row' },
        groups.length > 1 &&
          choice(groups, this.group, {
            'aria-label': say(T.beatGroup),
            onchange: (e) => {
              this.group = Number(e.target.value);
              this.#build();
            },
          }),
        choice([['', say(T.allLeads)], ...this.leads.map((l) => [l, l])], this.lit ?? '', {
          'aria-label': say(T.leadShown),
          onchange: (e) => {
            this.lit = e.target.value || null;
            this.redraw();
          },
        }),
      ),
      h(
        'table',
        { class: 'intervals' },
        h(
          'thead',
          null,
          h('tr', null, h('th', null, 'ms'), h('th', null, say(T.now)), h('th', null, say(T.machineShort))),
        ),
        h('tbody', null, rows),
      ),
      this.#may() &&
        h(
          'div',
          { class: 'row' },
          this.median.p &&
            button(
              say(this.edits.p_onset_ms === null ? T.pBack : T.noP),
              () => this.#absent('p', ['p_onset_ms', 'p_offset_ms']),
              { class: 'small' },
            ),
          edited &&
            button(
              say(T.machineBounds),
              () => {
                this.edits = {};
                this.#build();
                this.onchange({});
              },
              { class: 'small' },
            ),
        ),
    );
  }

  redraw() {
    this.surface.redraw();
  }

  #draw(ctx, width, height) {
    const { median } = this;
    if (!median) return;
    const count = median.samples[0]?.length ?? 0;
    this.length = (1000 * count) / median.rate_hz;
    this.xs = width / (this.length / 1000);
    const [low, high] = median.samples.flat().reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [-200, 200]);
    const mm = this.xs / 100; // 100 mm/s
    const gain = [40, 20, 10, 5, 2.5].find((g) => ((high - low) / 1000) * g * mm < height - 50) ?? 2.5;
    const zero = 24 + (high / 1000) * gain * mm + Math.max(0, (height - 50 - ((high - low) / 1000) * gain * mm) / 2);
    grid(ctx, { k: mm, x: 0, y: zero % (5 * mm) }, width, height);
    const line = (samples, colour, size) => {
      ctx.strokeStyle = colour;
      ctx.lineWidth = size;
      ctx.beginPath();
      samples.forEach((v, n) => ctx.lineTo((n / median.rate_hz) * this.xs, zero - (v / 1000) * gain * mm));
      ctx.stroke();
    };
    median.samples.forEach((samples, n) => {
      if (this.leads[n] !== this.lit) line(samples, this.lit ? '#9aa3ad' : INK.trace, this.lit ? 0.8 : 1.1);
    });
    const lit = this.leads.indexOf(this.lit);
    if (lit >= 0) line(median.samples[lit], INK.other, 2.2);
    ctx.fillStyle = INK.dim;
    ctx.font = `${12 * unit()}px system-ui, sans-serif`;
    ctx.fillText(`100 mm/s · ${gain} mm/mV`, 8, height - 8);
    this.#marks(ctx, height);
  }

  #marks(ctx, height) {
    const now = this.#current();
    for (const f of FIDUCIALS) {
      const handle = this.buttons.get(f.key);
      if (!handle || now[f.key] === null) continue;
      const x = (now[f.key] / 1000) * this.xs;
      ctx.strokeStyle = COLOURS[f.key];
      ctx.lineWidth = f.key in this.edits ? 2.5 : 1.4;
      ctx.setLineDash(f.key in this.edits ? [] : [6, 3]);
      ctx.beginPath();
      ctx.moveTo(x, 22);
      ctx.lineTo(x, height);
      ctx.stroke();
      ctx.setLineDash([]);
      handle.style.left = `${x}px`;
      handle.setAttribute('aria-valuenow', String(Math.round(now[f.key])));
      handle.setAttribute('aria-valuetext', `${Math.round(now[f.key])} ms`);
    }
  }
}
