// The README's pictures: worklist, review page, clinic and quality office of a demonstration centre, in English, each at
// most 60 kB.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { start } from './centre.mjs';
import { enter, launch } from './people.mjs';
import { signs } from './other-ways.mjs';

const FOLDER = fileURLToPath(new URL('./pages', import.meta.url));
const MOST = 60_000;
/** Width in px and quality, the best first. */
const TRIED = [1200, 1100, 1000, 900].flatMap((width) => [0.8, 0.65, 0.5].map((quality) => ({ width, quality })));

/** A screenshot as WebP, in the best quality that fits. */
async function keep(page, name) {
  const png = (await page.screenshot()).toString('base64');
  const blank = await page.context().newPage();
  for (const { width, quality } of TRIED) {
    const webp = await blank.evaluate(
      async ({ png: data, width: w, quality: q }) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [w, Math.round((image.height * w) / image.width)];
        const context = canvas.getContext('2d');
        context.imageSmoothingQuality = 'high';
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        return canvas.toDataURL('image/webp', q).split(',')[1];
      },
      { png, width, quality },
    );
    const bytes = Buffer.from(webp, 'base64');
    if (bytes.length > MOST) continue;
    writeFileSync(join(FOLDER, `${name}.webp`), bytes);
    console.log(`${name}.webp: ${bytes.length} bytes, ${width} px at ${quality}`);
    await blank.close();
    return;
  }
  throw new Error(`${name} does not fit ${MOST} bytes`);
}

const centre = await start(process.argv[2], 'en_GB.UTF-8');
const browser = await launch();
try {
  mkdirSync(FOLDER, { recursive: true });
  const reader = await enter(browser, centre, 'reader', 'en');
  await reader.waitForFunction(() => document.querySelectorAll('.case').length > 40, null, { timeout: 180000 });
  await reader.waitForTimeout(2000);
  await keep(reader, 'worklist');
  // The first is critical; a few are signed, so that clinic and office have something to see.
  await reader.keyboard.press('Home');
  await reader.keyboard.press('Enter');
  await reader.waitForSelector('.finding');
  await reader.keyboard.press('ArrowDown');
  await reader.waitForTimeout(1200);
  await keep(reader, 'review');
  for (let n = 0; n < 8; n += 1) {
    await reader.waitForSelector('.actions [data-act=sign]');
    const id = Number(await reader.evaluate(() => location.hash.split('/').at(-1)));
    await signs(reader, id, centre.passwords.reader);
  }
  const clinic = await enter(browser, centre, 'clinic', 'en');
  await clinic.waitForSelector('.own .button');
  await clinic.waitForTimeout(800);
  await keep(clinic, 'clinic');
  const quality = await enter(browser, centre, 'quality', 'en');
  await quality.waitForSelector('.tiles');
  await quality.waitForTimeout(500);
  await keep(quality, 'quality');
} finally {
  await browser.close();
  await centre.stop();
}
