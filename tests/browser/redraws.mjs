// How long one redraw of the paper takes while it is dragged: 12 leads, 10 s. The whole frame's script is timed (traces,
// marks, rhythm strip), with the canvas read back so that software drawing is in it; 60 frames a second leave 16.7 ms.

import assert from 'node:assert/strict';
import { enter } from './people.mjs';

const FRAMES = 200;
/** On a loaded machine without a graphics card; the median is far below. */
const MOST_MS = 16;

/** Times every animation frame's callbacks. */
function timeFrames() {
  window.frames_ms = [];
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (run) =>
    ask((now) => {
      const start = performance.now();
      run(now);
      document.querySelector('canvas.ecg-sheet')?.getContext('2d').getImageData(0, 0, 1, 1);
      window.frames_ms.push(performance.now() - start);
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
  const times = (await page.evaluate(() => window.frames_ms)).sort((a, b) => a - b);
  await page.context().close();
  assert.ok(times.length > FRAMES / 3, `${times.length} frames were drawn`);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  console.log(
    `  ${width}×${height}: ${times.length} redraws, median ${at(0.5).toFixed(1)} ms, P99 ${at(0.99).toFixed(1)} ms`,
  );
  return at(0.5);
}

export async function redraws(browser, centre) {
  console.log('redraws');
  const median = await measure(browser, centre, 1366, 768);
  assert.ok(median < MOST_MS, `a redraw takes ${median} ms`);
  await measure(browser, centre, 3840, 2160);
}
