// How long one redraw of the paper takes while it is dragged: 12 leads, 10 s. All scripts of a frame are timed (traces,
// marks, rhythm strip), and apart from them the reading back of a pixel, which waits for the software to draw what the
// scripts ordered; 60 frames a second leave 16.7 ms for both.

import assert from 'node:assert/strict';
import { enter } from './people.mjs';

const FRAMES = 200;
/** Asked of the fastest tenth: on a machine that does other work at the same time the rest measures that work. */
const MOST_MS = 16;

/** Times the callbacks of every animation frame, and the drawing that they ordered: [script, script and drawing]. */
function timeFrames() {
  window.frames_ms = [];
  const ask = window.requestAnimationFrame.bind(window);
  let last = null;
  window.requestAnimationFrame = (run) =>
    ask((now) => {
      if (last !== now) window.frames_ms.push([0, 0]);
      last = now;
      const frame = window.frames_ms.at(-1);
      const start = performance.now();
      run(now);
      const ran = performance.now();
      document.querySelector('canvas.ecg-sheet')?.getContext('2d').getImageData(0, 0, 1, 1);
      frame[0] += ran - start;
      frame[1] += performance.now() - start;
    });
}

async function measure(browser, centre, width, height) {
  const page = await enter(browser, centre, 'reader', 'zh', { width, height });
  await page.addInitScript(timeFrames);
  await page.reload();
  await page.waitForSelector('.case');
  await page.locator('.case').first().click();
  await page.waitForSelector('.finding');
  const box = await page.locator('canvas.ecg-over').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.waitForTimeout(300);
  await page.evaluate(() => {
    window.frames_ms = [];
  });
  await page.mouse.down();
  for (let n = 0; n < FRAMES; n += 1) {
    await page.mouse.move(x + 200 * Math.sin(n / 9), y + 30 * Math.sin(n / 7));
    await page.evaluate(() => new Promise((next) => setTimeout(next, 4)));
  }
  await page.mouse.up();
  const times = await page.evaluate(() => window.frames_ms);
  await page.context().close();
  assert.ok(times.length > FRAMES / 4, `${times.length} frames were drawn`);
  const of = (part) => {
    const sorted = times.map((t) => t[part]).sort((a, b) => a - b);
    return (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  };
  const words = (at) => `median ${at(0.5).toFixed(1)}, P99 ${at(0.99).toFixed(1)} ms`;
  console.log(`  ${width}×${height}, ${times.length} redraws: script ${words(of(0))}; with drawing ${words(of(1))}`);
  return of(1)(0.1);
}

export async function redraws(browser, centre) {
  console.log('redraws');
  const fast = await measure(browser, centre, 1366, 768);
  assert.ok(fast < MOST_MS, `a redraw takes ${fast} ms`);
  await measure(browser, centre, 3840, 2160);
}
