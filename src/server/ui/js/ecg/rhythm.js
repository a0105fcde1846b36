// The whole recording as one strip: where the sheet stands, what beats there are; press, drag or use the arrow keys to
// turn the sheet to another time.

import { h } from '../core/dom.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { INK, trace } from './paper.js';
import { CLASSES, mark } from './marks.js';
import { unit } from './scale.js';
import { Surface, drag } from './surface.js';

export class RhythmStrip {
  /** `seek(seconds)` is called with the moment that was pressed. */
  constructor({ seek }) {
    this.canvas = h('canvas', { tabindex: 0, role: 'slider', 'aria-label': say(T.wholeRecording), 'aria-valuemin': 0 });
    this.element = h('div', { class: 'rhythm-strip' }, this.canvas);
    this.surface = new Surface(this.element, this.canvas, (...room) => this.#draw(...room));
    const to = (event) => {
      const box = this.canvas.getBoundingClientRect();
      if (this.waveform) seek(((event.clientX - box.left) / box.width) * this.waveform.duration);
    };
    this.canvas.addEventListener('pointerdown', (event) => {
      drag(event, to);
      to(event);
    });
    this.canvas.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -5, ArrowRight: 5, PageUp: -10, PageDown: 10 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      seek((this.span?.[0] ?? 0) + by + 1);
    });
  }

  close() {
    this.surface.close();
  }

  show(waveform, report, profile) {
    Object.assign(this, { waveform, beats: report?.beats ?? [], profile });
    this.lead = waveform.has('II') ? 'II' : waveform.leads[0];
    this.canvas.setAttribute('aria-valuemax', String(Math.round(waveform.duration)));
    this.redraw();
  }

  /** The seconds that the sheet shows. */
  window(span) {
    this.span = span;
    this.canvas.setAttribute('aria-valuenow', String(Math.round(span[0])));
    this.redraw();
  }

  redraw() {
    this.surface.redraw();
  }

  #draw(ctx, width, height) {
    const { waveform } = this;
    if (!waveform) return;
    ctx.fillStyle = '#ffffff';
    ctx.fillRect(0, 0, width, height);
    const xs = width / waveform.duration;
    if (this.span) {
      ctx.fillStyle = '#dbe8f5';
      ctx.fillRect(this.span[0] * xs, 0, Math.max(3, (this.span[1] - this.span[0]) * xs), height);
    }
    const shown = waveform.lead(this.lead, this.profile);
    const [min, max] = shown.extremes.range(0, waveform.samples, [0, 0]);
    const ys = (height - 22) / Math.max(0.5, max - min || 1);
    ctx.strokeStyle = INK.trace;
    ctx.lineWidth = 1;
    ctx.beginPath();
    trace(ctx, shown, waveform.rate, {
      left: 0,
      zero: 18 + max * ys,
      xs,
      ys,
      from: 0,
      seconds: waveform.duration,
      clipLeft: 0,
      clipRight: width,
    });
    ctx.stroke();
    const size = unit();
    ctx.font = `700 ${11 * size}px system-ui, sans-serif`;
    const dense = this.beats.length * 14 > width;
    for (const beat of this.beats) {
      if (beat.class !== 'N')
        mark(ctx, beat.class in CLASSES ? beat.class : 'Q', (beat.at_ms / 1000) * xs, 8 * size, {
          letter: !dense,
          unit: size,
        });
    }
    ctx.fillStyle = INK.dim;
    ctx.fillText(`${this.lead} · ${waveform.duration.toFixed(0)} s`, 4, height - 4);
  }
}
