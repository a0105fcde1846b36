// Draws a plan on a canvas: millimetre grid, calibration pulses, lead names, traces. Only what is in view is drawn, and
// a trace denser than the pixels is drawn as the least and greatest value of each column.

export const INK = {
  paper: '#fffaf8',
  fine: '#f6d3cf',
  bold: '#e3a39d',
  trace: '#12151a',
  name: '#12151a',
  other: '#0b5fa5',
  dim: '#6b7280',
};
const SPAN = [0, 0];
/** Samples a pixel from which on columns are drawn instead of samples. */
const DENSE = 8;
/** Columns are half a pixel wide, so that steep slopes stay thin lines. */
const COLUMN = 0.5;

/** Grid lines of the visible part: every mm while they are 2.5 px apart or more, every 5 mm always. */
export function grid(ctx, view, width, height) {
  ctx.fillStyle = INK.paper;
  ctx.fillRect(0, 0, width, height);
  // Rectangles at whole pixels: software fills them far faster than it strokes a path of some hundred lines.
  const lines = (step, colour, line, skip) => {
    const size = step * view.k;
    ctx.fillStyle = colour;
    for (let n = Math.floor(-view.x / size); view.x + n * size <= width; n += 1)
      if (!skip || n % skip !== 0) ctx.fillRect(Math.round(view.x + n * size), 0, line, height);
    for (let n = Math.floor(-view.y / size); view.y + n * size <= height; n += 1)
      if (!skip || n % skip !== 0) ctx.fillRect(0, Math.round(view.y + n * size), width, line);
  };
  if (view.k >= 2.5) lines(1, INK.fine, 1, 5);
  lines(5, INK.bold, view.k >= 12 ? 2 : 1, 0);
}

/** One stretch of samples into the current path. x = left + (n / rate − from) · xs, y = zero − mV · ys, in px. */
export function trace(ctx, shown, rate, { left, zero, xs, ys, from, seconds, clipLeft, clipRight }) {
  const { samples, extremes } = shown;
  const first = Math.max(0, Math.floor((from + Math.max(0, (clipLeft - left) / xs)) * rate) - 1);
  const last = Math.min(samples.length, Math.ceil((from + Math.min(seconds, (clipRight - left) / xs)) * rate) + 1);
  const perPixel = rate / xs;
  let open = false;
  const to = (x, y) => {
    if (open) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    open = true;
  };
  if (perPixel <= DENSE) {
    const end = Math.min(last, Math.floor((from + seconds) * rate) + 1);
    for (let n = Math.max(first, Math.ceil(from * rate)); n < end; n += 1) {
      const value = samples[n];
      if (Number.isNaN(value)) open = false;
      else to(left + (n / rate - from) * xs, zero - value * ys);
    }
    return;
  }
  const [start, stop] = [Math.max(left, clipLeft), Math.min(left + seconds * xs, clipRight)];
  let up = false;
  for (let x = start; x < stop; x += COLUMN) {
    const n = (from + (x - left) / xs) * rate;
    const [min, max] = extremes.range(n, n + perPixel * COLUMN + 1, SPAN);
    if (Number.isNaN(min)) {
      open = false;
      continue;
    }
    to(x, zero - (up ? max : min) * ys);
    to(x, zero - (up ? min : max) * ys);
    up = !up;
  }
}

/** The 1 mV pulse, 5 mm wide, at the left of a row. */
function pulse(ctx, view, y, gain) {
  const px = (mm) => view.x + mm * view.k;
  const [base, top] = [view.y + y * view.k, view.y + (y - gain) * view.k];
  ctx.moveTo(px(2.5), base);
  ctx.lineTo(px(4), base);
  ctx.lineTo(px(4), top);
  ctx.lineTo(px(9), top);
  ctx.lineTo(px(9), base);
  ctx.lineTo(px(10.5), base);
}

/** Where a strip is in px under a view. */
export const place = (strip, view, speed, gain) => ({
  left: view.x + strip.x * view.k,
  zero: view.y + strip.y * view.k,
  xs: speed * view.k,
  ys: (strip.inverted ? -gain : gain) * view.k,
  from: strip.from,
  seconds: strip.seconds,
});

/**
 * The whole sheet. scene: {waveform, plan, profile, gain, lit (Set of leads or null), other (a Waveform laid over, or null), shift}.
 */
export function sheet(ctx, scene, view, width, height) {
  const { waveform, plan, profile, gain, lit } = scene;
  grid(ctx, view, width, height);
  const line = Math.min(3, Math.max(1, 0.22 * view.k));
  ctx.lineJoin = 'round';
  ctx.lineWidth = line;
  ctx.strokeStyle = INK.trace;
  ctx.beginPath();
  for (const y of plan.rows) pulse(ctx, view, y, gain);
  ctx.stroke();
  const size = Math.max(11, Math.min(34, 3.4 * view.k));
  ctx.font = `600 ${size}px system-ui, sans-serif`;
  for (const strip of plan.strips) {
    const at = place(strip, view, plan.speed, gain);
    const right = at.left + strip.seconds * at.xs;
    if (right < 0 || at.left > width || at.zero < -400 || at.zero > height + 400) continue;
    const clip = { clipLeft: Math.max(at.left, 0), clipRight: Math.min(right, width) };
    if (scene.other)
      layer(ctx, scene.other, strip, { ...at, ...clip, from: at.from + (scene.shift ?? 0) }, profile, INK.other, line);
    layer(ctx, waveform, strip, { ...at, ...clip }, profile, INK.trace, line);
    label(ctx, strip, at, plan, view, lit?.has(strip.lead));
  }
}

function layer(ctx, waveform, strip, at, profile, colour, line) {
  const shown = waveform.lead(strip.lead, profile);
  if (!shown) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = line;
  ctx.beginPath();
  trace(ctx, shown, waveform.rate, at);
  ctx.stroke();
}

function label(ctx, strip, at, plan, view, lit) {
  const words = strip.inverted ? `−${strip.lead}` : strip.lead;
  const [x, y] = [Math.max(at.left, strip.rhythm ? 2 : at.left) + 2, at.zero - Math.min(plan.pitch * 0.3, 9) * view.k];
  const { width } = ctx.measureText(words);
  const tall = parseFloat(ctx.font.match(/(\d+(\.\d+)?)px/)[1]);
  ctx.fillStyle = lit ? '#0b5394' : 'rgb(255 250 248 / 0.75)';
  ctx.fillRect(x - 2, y - tall, width + 5, tall + 4);
  ctx.fillStyle = lit ? '#ffffff' : INK.name;
  ctx.fillText(words, x, y);
  if (strip.x > 13) {
    ctx.strokeStyle = INK.dim;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(at.left, at.zero - 3 * view.k);
    ctx.lineTo(at.left, at.zero + 3 * view.k);
    ctx.stroke();
  }
}
