// From the worklist to two signed cases and back without a mouse: every press of a pointer is counted.

import assert from 'node:assert/strict';
import { enter } from './people.mjs';

const kept = (page, method, path) =>
  page.waitForResponse((r) => r.request().method() === method && r.url().includes(path) && r.ok());

/** Waits until the page of the address has taken the keys, not the one before it; gives its case. */
async function shown(page) {
  await page.waitForFunction(() => {
    const id = location.hash.split('/').at(-1);
    const head = document.querySelector('.review-head')?.textContent ?? '';
    return new RegExp(`#${id}(?!\\d)`).test(head);
  });
  await page.waitForSelector('.actions [data-act=sign]');
  return page.evaluate(() => Number(location.hash.split('/').at(-1)));
}

/** Signs the open case with the keys, and gives the next one's number. */
async function signsByKeys(page, secret) {
  const id = await shown(page);
  await page.keyboard.press('s');
  await page.waitForSelector('dialog input[name=signing-secret]:focus');
  const signed = kept(page, 'POST', `/api/cases/${id}/sign`);
  await page.keyboard.type(secret);
  await page.keyboard.press('Enter');
  const { version, next } = await (await signed).json();
  assert.equal(version, 1);
  await page.waitForFunction((n) => location.hash === `#/case/${n}`, next);
  return next;
}

export async function withoutAMouse(browser, centre) {
  console.log('without a mouse');
  const page = await enter(browser, centre, 'reader', 'zh');
  await page.evaluate(() => {
    window.pressed = 0;
    window.addEventListener('pointerdown', () => (window.pressed += 1), true);
  });
  await page.waitForSelector('.case');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.startsWith('#/case/'));
  const id = await shown(page);
  const words = () => page.locator('.finding .words').allTextContents();
  const before = await words();
  // One finding away and back again, another one by its pinyin initials, moved up, the advice, a bound.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Delete');
  assert.equal((await words()).length, before.length - 1);
  await page.keyboard.press('u');
  assert.deepEqual(await words(), before, 'undone');
  await page.keyboard.press('a');
  await page.keyboard.type('xfcd');
  await page.waitForSelector('.adder-list [aria-selected=true]');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  assert.equal((await words()).at(-1), '心房颤动');
  await page.keyboard.press('Alt+ArrowUp');
  assert.equal((await words()).at(-2), '心房颤动', 'moved up');
  await page.keyboard.press('d');
  await page.waitForSelector('.fiducial[data-key=qrs_onset_ms]:focus');
  const saved = kept(page, 'PUT', `/api/cases/${id}/draft`);
  await page.keyboard.press('ArrowLeft');
  await saved;
  await page.keyboard.press('d');
  const next = await signsByKeys(page, centre.passwords.reader);
  console.log(`  case ${id} changed and signed, case ${next} came up`);
  await signsByKeys(page, centre.passwords.reader);
  await shown(page);
  await page.keyboard.press('w');
  await page.waitForSelector('.worklist .case');
  assert.equal(await page.evaluate(() => window.pressed), 0, 'nothing was pressed but keys');
  console.log('  the next one signed, back at the worklist');
  await page.context().close();
}
