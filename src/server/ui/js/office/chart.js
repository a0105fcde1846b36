// Small charts in SVG: lines and bars over categories. Series differ by colour, by dash and by the shape of their points,
// and every value is in a <title>, so that none needs colour.

import { h, s } from '../core/dom.js';
import { number } from '../core/format.js';

const COLOURS = ['#0b5394', '#c77700', '#14663a', '#7a3e9d', '#5b6670'];
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2'];
const [W, H, LEFT, RIGHT, TOP, BOTTOM] = [470, 200, 40, 8, 14, 26];

/** A round number that is not less; from 4 on its quarters are whole, as counts are. */
function ceiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const round = [1, 2, 4, 6, 8, 10, 12].map((m) => m * power);
  return round.find((c) => c >= value - 1e-9 && (c < 4 || c % 4 === 0));
}

/** As much of a label as fits into so many px; a Chinese character takes the room of two letters. */
function fitting(label, room) {
  let left = room;
  const kept = [...label].findIndex((c) => {
    left -= c > '\u2e80' ? 12 : 6.5;
    return left < 0;
  });
  return kept < 0 ? label : `${[...label].slice(0, Math.max(1, kept - 1)).join('')}…`;
}

function axes(labels, top) {
  const step = Math.max(1, Math.ceil(labels.length / 12));
  const room = (step * (W - LEFT - RIGHT)) / Math.max(1, labels.length);
  const x = (n) => LEFT + ((n + 0.5) * (W - LEFT - RIGHT)) / Math.max(1, labels.length);
  const y = (v) => H - BOTTOM - (v / top) * (H - TOP - BOTTOM);
  const lines = [0, 0.25, 0.5, 0.75, 1].map((f) => [
    s('line', { x1: LEFT, x2: W - RIGHT, y1: y(f * top), y2: y(f * top), class: 'gridline' }),
    s(
      'text',
      { x: LEFT - 6, y: y(f * top) + 4, 'text-anchor': 'end' },
      number(f * top, top % 4 === 0 ? 0 : top < 4 ? 2 : 1),
    ),
  ]);
  const names = labels.map(
    (label, n) =>
      n % step === 0 &&
      s(
        'text',
        { x: x(n), y: H - BOTTOM + 18, 'text-anchor': 'middle' },
        fitting(label, room),
      ),
  );
  return { x, y, nodes: [lines, names] };
}

function point(shape, x, y, colour, title) {
  const props = { fill: colour };
  const marks = [
    () => s('circle', { cx: x, cy: y, r: 4, ...props }),
    () => s('rect', { x: x - 4, y: y - 4, width: 8, height: 8, ...props }),
    () => s('polygon', { points: `${x},${y - 5} ${x + 5},${y + 4} ${x - 5},${y + 4}`, ...props }),
    () => s('polygon', { points: `${x},${y - 6} ${x + 5},${y} ${x},${y + 6} ${x - 5},${y}`, ...props }),
  ];
  const node = marks[shape % marks.length]();
  node.append(s('title', null, title));
  return node;
}

function frame(title, legend, svg) {
  return h('figure', { class: 'chart' }, h('figcaption', null, title, legend), svg);
}

const legendOf = (series) =>
  series.length > 1 &&
  h(
    'span',
    { class: 'legend' },
    series.map(({ name }, n) =>
      h(
        'span',
        null,
        s(
          'svg',
          { viewBox: '0 0 28 12', width: 28, height: 12, 'aria-hidden': 'true' },
          s('line', {
            x1: 0,
            x2: 28,
            y1: 6,
            y2: 6,
            stroke: COLOURS[n],
            'stroke-width': 2,
            'stroke-dasharray': DASHES[n],
          }),
          point(n, 14, 6, COLOURS[n], name),
        ),
        name,
      ),
    ),
  );

/** Lines: series = [{name, values: [number | null]}] over labels. `top`: the axis' end (100 for per cent). */
export function lineChart({ title, labels, series, unit, top, digits = 1 }) {
  const end = top ?? ceiling(Math.max(0, ...series.flatMap((l) => l.values.filter((v) => v !== null))));
  const { x, y, nodes } = axes(labels, end);
  const paths = series.map(({ name, values }, n) => {
    let path = '';
    values.forEach((v, i) => {
      if (v !== null) path += `${path && values[i - 1] !== null ? 'L' : 'M'}${x(i)} ${y(v)}`;
    });
    return [
      s('path', {
        d: path || 'M0 0',
        fill: 'none',
        stroke: COLOURS[n],
        'stroke-width': 2,
        'stroke-dasharray': DASHES[n],
      }),
      values.map(
        (v, i) =>
          v !== null &&
          point(n, x(i), y(v), COLOURS[n], `${labels[i]} · ${name}: ${number(v, digits)}${unit ? ` ${unit}` : ''}`),
      ),
    ];
  });
  return frame(
    unit ? `${title} (${unit})` : title,
    legendOf(series),
    s('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': title }, nodes, paths),
  );
}

/** Bars side by side; the value stands above each while there are few. */
export function barChart({ title, labels, series, unit, top, digits = 0 }) {
  const end = top ?? ceiling(Math.max(digits ? 0 : 4, ...series.flatMap((l) => l.values.filter((v) => v !== null))));
  const { x, y, nodes } = axes(labels, end);
  const slot = (W - LEFT - RIGHT) / Math.max(1, labels.length);
  const width = Math.min(46, (slot * 0.8) / series.length);
  const bars = series.map(({ name, values }, n) =>
    values.map((v, i) => {
      if (v === null) return null;
      const left = x(i) - (width * series.length) / 2 + n * width;
      const bar = s('rect', {
        x: left,
        y: y(v),
        width: Math.max(1, width - 2),
        height: Math.max(0, H - BOTTOM - y(v)),
        fill: COLOURS[n],
      });
      bar.append(s('title', null, `${labels[i]} · ${name}: ${number(v, digits)}${unit ? ` ${unit}` : ''}`));
      return [
        bar,
        labels.length * series.length <= 8 &&
          v > 0 &&
          s(
            'text',
            { x: left + width / 2 - 1, y: y(v) - 4, 'text-anchor': 'middle', class: 'value' },
            number(v, digits),
          ),
      ];
    }),
  );
  return frame(
    unit ? `${title} (${unit})` : title,
    legendOf(series),
    s('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': title }, nodes, bars),
  );
}
