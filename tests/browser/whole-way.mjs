// The whole way, in both languages: the clinic uploads, a critical value rings and is acknowledged, the reader changes a
// finding, moves a fiducial and signs without a mouse, the clinic prints, the patient's next hospital verifies, the
// quality office sees the month.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { start } from './centre.mjs';
import { complaints, enter, launch, picture } from './people.mjs';
import { looks } from './looks.mjs';
import { officeWays } from './office-ways.mjs';
import { otherWays } from './other-ways.mjs';
import { redraws } from './redraws.mjs';
import { withoutAMouse } from './keyboard.mjs';

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
/** A critical ECG of its own for each language, so that none is a duplicate. */
const ECG = { zh: 'mi-inferior-acute', en: 'mi-anterior-acute' };
const WORDS = {
  zh: {
    typed: 'xfcd',
    added: '心房颤动',
    preliminary: '未经医师确认',
    advice: '建议动态心电图检查',
    done: '已联系 120 转诊',
  },
  en: {
    typed: 'atr fib',
    added: 'Atrial fibrillation',
    preliminary: 'Not confirmed by a physician',
    advice: 'Holter',
    done: 'Ambulance called',
  },
};

const step = (words) => console.log(`  ${words}`);

async function clinicSends(page, lang) {
  const stem = join(SAMPLES, ECG[lang]);
  await page.setInputFiles('.drop input[type=file]:not([webkitdirectory])', [
    `${stem}.hea`,
    `${stem}.dat`,
    join(SAMPLES, 'broken/prose.txt'),
  ]);
  await page.check('input[name=chest_pain]');
  assert.ok(await page.isVisible('input[name=chest_pain_onset]'), 'the onset is asked for');
  assert.equal(await page.inputValue('input[name=chest_pain_onset]'), '', 'no time is made up');
  await page.fill('input[name=chest_pain_onset]', '2026-11-25T03:05');
  await page.fill('input[name=symptoms]', 'x<b>y</b>');
  await picture(page, `clinic-staged-${lang}`);
  await page.dblclick('.send > button.big'); // a double click is harmless
  await page.waitForSelector('.job.refused');
  await page.waitForSelector('.job.sent');
  const reason = await page.textContent('.job.refused .result.refused');
  assert.ok(reason.replace('prose.txt', '').trim().length > 5, 'a refused file says why');
  assert.equal(await page.locator('.job').count(), 2, 'the double click sent nothing twice');
  const link = await page.getAttribute('.job.sent a[href^="#/case/"]', 'href');
  await picture(page, `clinic-sent-${lang}`);
  return Number(link.split('/').at(-1));
}

async function sendsAgain(page, lang, id) {
  const stem = join(SAMPLES, ECG[lang]);
  await page.setInputFiles('.drop input[type=file]:not([webkitdirectory])', [`${stem}.hea`, `${stem}.dat`]);
  await page.click('.send > button.big');
  await page.waitForSelector('.result.duplicate');
  assert.match(
    await page.getAttribute('.job:has(.duplicate) a[href^="#/case/"]', 'href'),
    new RegExp(`/${id}$`),
    'the same ECG again is the same case',
  );
}

async function criticalRings(page, lang, id) {
  const card = page.locator(`[data-alarm="${id}"]`);
  await card.waitFor();
  await page.waitForFunction(() => document.getElementById('alarms').dataset.ringing === 'true' && window.rung > 0);
  await picture(page, `alarm-${lang}`);
  await card.locator('button.danger').click();
  await card.locator('textarea').waitFor();
  await card.locator('.chip').nth(1).click();
  assert.match(await card.locator('textarea').inputValue(), new RegExp(WORDS[lang].done));
  await card.locator('button[type=submit]').click();
  await card.waitFor({ state: 'detached' });
}

/** Answers every other alarm of the demonstration, once all of it is analysed, after which nothing may ring. */
async function silence(page) {
  await page.waitForFunction(async () => (await (await fetch('/health')).json()).queue === 0, null, { polling: 500 });
  await page.waitForTimeout(1500); // the last alarm is on its way
  while ((await page.locator('.alarm-card').count()) > 0) {
    const id = await page.locator('.alarm-card').first().getAttribute('data-alarm');
    const card = page.locator(`[data-alarm="${id}"]`); // an acknowledged one changes its place
    if (await card.locator('button.danger').count()) await card.locator('button.danger').click();
    await card.locator('textarea').fill('ok');
    await card.locator('button[type=submit]').click();
    await card.waitFor({ state: 'detached' });
  }
  const before = await page.evaluate(() => window.rung);
  await page.waitForTimeout(3500);
  assert.equal(await page.evaluate(() => window.rung), before, 'it rings no more');
}

async function openByKeyboard(page, id, lang) {
  await page.waitForSelector(`.case[data-id="${id}"]`);
  assert.ok(
    await page
      .locator('.case')
      .first()
      .evaluate((c) => c.classList.contains('priority-row-critical')),
    'the most urgent is on top',
  );
  await picture(page, `worklist-${lang}`);
  await page.keyboard.press('Home');
  for (let n = 0; n < 60; n += 1) {
    if ((await page.getAttribute('.case.chosen', 'data-id')) === String(id)) break;
    await page.keyboard.press('ArrowDown');
  }
  assert.equal(await page.getAttribute('.case.chosen', 'data-id'), String(id));
  await page.keyboard.press('Enter');
  await page.waitForSelector('.finding');
}

const kept = (page, method, path) =>
  page.waitForResponse((r) => r.request().method() === method && r.url().includes(path) && r.ok());

async function changesFindings(page, id, lang) {
  const words = WORDS[lang];
  assert.match(await page.textContent('.review-head'), new RegExp(words.preliminary));
  assert.match(await page.textContent('.review-head'), /x<b>y<\/b>/, 'what a clinic writes is text, never HTML');
  const finding = page.locator('.finding').nth(1);
  const gone = await finding.locator('.words').textContent();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.waitForSelector('.finding.selected .evidence');
  let saved = kept(page, 'PUT', `/api/cases/${id}/draft`);
  await page.keyboard.press('Delete');
  await saved;
  const texts = () => page.locator('.finding .words').allTextContents();
  assert.ok(!(await texts()).includes(gone), 'deleted');
  await page.keyboard.press('a');
  await page.keyboard.type(words.typed);
  await page.waitForSelector('.adder-list [aria-selected=true]');
  await picture(page, `review-adding-${lang}`);
  saved = kept(page, 'PUT', `/api/cases/${id}/draft`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await saved;
  assert.ok((await texts()).includes(words.added), `typing ${words.typed} added ${words.added}: ${await texts()}`);
  return gone;
}

async function movesFiducial(page, id, lang) {
  await page.keyboard.press('d');
  await page.waitForSelector('.fiducial[data-key=qrs_onset_ms]');
  const value = async () => Number(await page.getAttribute('.fiducial[data-key=qrs_onset_ms]', 'aria-valuenow'));
  await page.waitForFunction(() =>
    document.querySelector('.fiducial[data-key=qrs_onset_ms]').hasAttribute('aria-valuenow'),
  );
  const qrs = () => page.locator('.intervals tr', { hasText: 'QRS' }).locator('td').first().textContent();
  const [before, width] = [await value(), Number(await qrs())];
  const saved = kept(page, 'PUT', `/api/cases/${id}/draft`);
  for (let n = 0; n < 5; n += 1) await page.keyboard.press('ArrowLeft');
  const body = (await saved).request().postDataJSON();
  assert.ok((await value()) < before, 'the bound moved');
  assert.ok(Number(await qrs()) > width, 'the interval followed');
  assert.ok(body.fiducials.qrs_onset_ms < before, 'the change is kept as an edit');
  // And by mouse: back to the right.
  const box = await page.locator('.fiducial[data-key=qrs_onset_ms]').boundingBox();
  const moved = await value();
  const again = kept(page, 'PUT', `/api/cases/${id}/draft`);
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 12, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await again;
  assert.ok((await value()) < moved, 'the bound follows the mouse');
  await picture(page, `review-median-${lang}`);
}

async function usesThePaper(page, lang) {
  await page.keyboard.press('c');
  await page.keyboard.press('m');
  await page.waitForTimeout(300);
  await picture(page, `review-caliper-${lang}`);
  for (const key of ['Escape', 'l', 'l', 'q', 'g', 'f', '+', '0', 't']) await page.keyboard.press(key);
  await page.waitForSelector('.matrix');
  await picture(page, `review-matrix-${lang}`);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog .keys');
  await picture(page, `review-keys-${lang}`);
  await page.keyboard.press('Escape');
  for (const key of ['l', 'l', 'q', 'g', 'g', 'f', 'f', 'f', 't']) await page.keyboard.press(key);
}

async function signs(page, id, secret) {
  await page.keyboard.press('s');
  await page.waitForSelector('dialog input[name=signing-secret]');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog .fault:not([hidden])');
  await page.fill('dialog input[name=signing-secret]', secret);
  const signed = page.waitForResponse((r) => r.url().includes(`/api/cases/${id}/sign`) && r.ok());
  await page.keyboard.press('Enter');
  const answer = await (await signed).json();
  await page.waitForFunction((n) => location.hash !== `#/case/${n}`, id);
  if (answer.next !== null)
    assert.match(
      await page.evaluate(() => location.hash),
      new RegExp(`/case/${answer.next}$`),
      'the next case is opened',
    );
  return answer;
}

async function clinicPrints(page, id, lang, gone) {
  const own = page.locator('.own', { has: page.locator(`a[href="#/case/${id}"]`) });
  await own.locator('button.primary').waitFor();
  const words = await own.textContent();
  assert.ok(!words.includes(gone) || gone.length < 3, 'the deleted finding is not in the conclusion');
  await picture(page, `clinic-reported-${lang}`);
  const pdf = page.waitForResponse((r) => r.url().includes(`/api/cases/${id}/report.pdf`));
  await own.locator('button.primary').click();
  const response = await pdf;
  assert.equal(response.status(), 200);
  assert.match(response.headers()['content-type'], /application\/pdf/);
  const body = await page.request.get(response.url());
  assert.equal((await body.body()).subarray(0, 5).toString(), '%PDF-');
  // What the printed conclusion says, by the same report as data.
  const report = await (await page.request.get(response.url().replace('report.pdf', 'report.json'))).json();
  assert.ok(report.signature.conclusion.includes(WORDS.zh.added), report.signature.conclusion);
  assert.equal(report.signature.decision, 'changed');
  await page.evaluate(() => document.getElementById('print-frame')?.remove());
}

async function verifies(browser, base, code, lang) {
  const page = await (await browser.newContext({ locale: lang === 'zh' ? 'zh-CN' : 'en-GB' })).newPage();
  page.on('pageerror', (e) => complaints.push(`verify: ${e.stack}`));
  await page.goto(`${base}/v/${code}`);
  await page.waitForSelector('.verify .good');
  assert.equal(await page.locator('.verify .bad').count(), 0, 'genuine and newest');
  await picture(page, `verify-${lang}`);
  await page.goto(`${base}/v/${code.slice(0, -1)}${code.endsWith('7') ? '8' : '7'}`);
  await page.waitForSelector('.verify .bad, .fault');
  await page.context().close();
}

async function officeSees(page, lang, reports) {
  await page.waitForSelector('.tiles');
  const tiles = await page.locator('.tile small').allTextContents();
  const reported = Number(/(\d+)/.exec(tiles[0])[1]);
  assert.equal(reported, reports, `the month has what was signed: ${tiles}`);
  const added = page.locator('.two tbody tr', { hasText: WORDS[lang].added }).first().locator('td');
  assert.equal(Number(await added.nth(3).textContent()), reports, 'what the reader added is counted against the machine');
  assert.ok((await page.locator('.chart svg').count()) >= 5, 'charts');
  await picture(page, `quality-${lang}`);
  const csv = page.waitForEvent('download');
  await page.click('a[data-kind=csv]');
  const stream = await (await csv).createReadStream();
  let text = '';
  for await (const chunk of stream) text += chunk;
  assert.ok(text.trim().split('\n').length >= 2, `CSV with a head and rows: ${text.slice(0, 200)}`);
}

async function way(browser, centre, lang, reports) {
  console.log(lang);
  const clinic = await enter(browser, centre, 'clinic', lang);
  const reader = await enter(browser, centre, 'reader', lang);
  const id = await clinicSends(clinic, lang);
  step(`the clinic sent case ${id}, a text file was refused`);
  await sendsAgain(clinic, lang, id);
  await criticalRings(clinic, lang, id);
  await silence(clinic);
  step('the critical value rang, was acknowledged and closed');
  await openByKeyboard(reader, id, lang);
  await picture(reader, `review-${lang}`);
  const gone = await changesFindings(reader, id, lang);
  await movesFiducial(reader, id, lang);
  await usesThePaper(reader, lang);
  const { code, version } = await signs(reader, id, centre.passwords.reader);
  assert.equal(version, 1);
  step('the reader changed a finding, moved a fiducial, signed');
  await clinicPrints(clinic, id, lang, gone);
  step('the clinic printed');
  await verifies(browser, centre.base, code, lang);
  const office = await enter(browser, centre, 'quality', lang);
  await officeSees(office, lang, reports);
  step('the quality office saw the month');
  for (const page of [clinic, reader, office]) await page.context().close();
}

const centre = process.env.CENTRE
  ? { base: process.env.CENTRE, passwords: JSON.parse(process.env.PASSWORDS), stop: () => {} }
  : await start(process.argv[2]);
const browser = await launch();
try {
  for (const [n, lang] of ['zh', 'en'].entries()) await way(browser, centre, lang, n + 1);
  await withoutAMouse(browser, centre);
  await otherWays(browser, centre);
  await officeWays(browser, centre);
  await looks(browser, centre);
  await redraws(browser, centre);
  assert.deepEqual(complaints, [], 'no page complains');
  console.log('the whole way held in both languages');
} finally {
  await browser.close();
  await centre.stop();
}
