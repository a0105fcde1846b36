// True millimetres: a browser does not know how large its pixels are, so the reader lays a bank card (ISO/IEC 7810
// ID-1, 85.60 mm) on the screen once; the figure is kept for this screen and devicePixelRatio.

import { h } from '../core/dom.js';
import { say } from '../core/lang.js';
import { modal } from '../core/dialog.js';
import { T } from '../texts.js';

const CARD_MM = 85.6;
const key = () => `einthoven.mm.${screen.width}x${screen.height}@${window.devicePixelRatio}`;

/** How much larger than on a small screen the page's letters are: canvas texts and marks follow the root's font size. */
export const unit = () => Math.max(1, (parseFloat(getComputedStyle(document.documentElement).fontSize) || 15) / 15);

/** CSS pixels a millimetre on this screen; null when it was never calibrated. */
export function pixelsPerMm() {
  const kept = Number(localStorage.getItem(key()));
  return kept > 1 && kept < 40 ? kept : null;
}

/** Asks for the width of a bank card; true when it was set. */
export function calibrate() {
  const first = (pixelsPerMm() ?? 96 / 25.4) * CARD_MM;
  const card = h(
    'div',
    { class: 'card-outline', style: { width: `${first}px`, height: `${first * 0.6306}px` } },
    '85.60 mm',
  );
  const slider = h('input', {
    type: 'range',
    min: 150,
    max: 1400,
    step: 0.5,
    value: first,
    autofocus: true,
    'aria-label': say(T.cardWidth),
    oninput: () => Object.assign(card.style, { width: `${slider.value}px`, height: `${slider.value * 0.6306}px` }),
  });
  return modal({
    title: say(T.calibrate),
    wide: true,
    body: [h('p', null, say(T.calibrateHow)), slider, card],
    submit: () => {
      localStorage.setItem(key(), String(Number(slider.value) / CARD_MM));
      return true;
    },
  });
}
