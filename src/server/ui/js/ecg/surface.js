// A canvas that fills its box, sharp on every screen and drawn at most once a frame; and dragging with the pointer held.

/** Keeps `canvas` as large as `box`; `draw(ctx, width, height)` draws in CSS pixels when it is asked to by `redraw`. */
export class Surface {
  #asked = 0;

  constructor(box, canvas, draw) {
    Object.assign(this, { box, canvas, draw });
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(box);
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.#asked);
  }

  redraw() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      if (!this.width) return;
      const ctx = this.canvas.getContext('2d');
      ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.draw(ctx, this.width, this.height);
    });
  }

  #resize() {
    const { width, height } = this.box.getBoundingClientRect();
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.redraw();
  }
}

/** Follows the pointer of a `pointerdown` until it is lifted, wherever it goes: `move(event)` at each step. */
export function drag(down, move) {
  const target = down.currentTarget;
  target.setPointerCapture(down.pointerId);
  const stop = () => {
    target.removeEventListener('pointermove', move);
    for (const name of ['pointerup', 'pointercancel']) target.removeEventListener(name, stop);
  };
  target.addEventListener('pointermove', move);
  for (const name of ['pointerup', 'pointercancel']) target.addEventListener(name, stop);
}
