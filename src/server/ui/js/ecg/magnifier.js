// A lens that follows the pointer and draws the sheet anew, not enlarged pixels.

import { sheet } from './paper.js';

const FACTOR = 2.6;

export class Magnifier {
  constructor(view) {
    this.view = view;
    this.active = false;
    this.spot = null;
  }

  move(x, y) {
    this.spot = [x, y];
    if (this.active) this.view.redraw('over');
  }

  leave() {
    this.spot = null;
    if (this.active) this.view.redraw('over');
  }

  draw(ctx) {
    if (!this.active || !this.spot) return;
    const [x, y] = this.spot;
    const [width, height] = [Math.min(420, this.view.width / 2), Math.min(300, this.view.height / 2)];
    const left = Math.max(0, Math.min(this.view.width - width, x - width / 2));
    const top = y - height - 24 > 0 ? y - height - 24 : Math.min(this.view.height - height, y + 24);
    const base = this.view.view;
    const inner = { k: base.k * FACTOR, x: width / 2 - (x - base.x) * FACTOR, y: height / 2 - (y - base.y) * FACTOR };
    ctx.save();
    ctx.translate(left, top);
    ctx.beginPath();
    ctx.rect(0, 0, width, height);
    ctx.clip();
    sheet(ctx, this.view.scene(), inner, width, height);
    ctx.strokeStyle = '#12151a';
    ctx.lineWidth = 4;
    ctx.strokeRect(0, 0, width, height);
    ctx.restore();
  }
}
