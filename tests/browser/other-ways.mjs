// The ways beside the main one: a lost network, refused for quality and recorded again, two readers at one case, a senior
// asked, second reading by a site's rule, an amendment.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { enter, picture } from './people.mjs';

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
const step = (words) => console.log(`  ${words}`);

/** Sends a sample (or `files` instead of it) and gives its case. */
export async function sends(clinic, name, files = ['hea', 'dat'].map((e) => join(SAMPLES, `${name}.${e}`))) {
  await clinic.setInputFiles('.drop input[type=file]:not([webkitdirectory])', files);
  await clinic.click('.send > button.big');
  const job = clinic.locator('.job', { hasText: `${name}.dat` }).first();
  await job.locator('a[href^="#/case/"]').waitFor();
  return Number((await job.locator('a[href^="#/case/"]').first().getAttribute('href')).split('/').at(-1));
}

export async function opens(page, id) {
  await page.evaluate((n) => {
    location.hash = `#/case/${n}`;
  }, id);
  await page.waitForFunction((n) => document.querySelector('.review-head')?.textContent.includes(`#${n}`), id);
  await page.waitForSelector('.finding, .failed');
}

/** Waits until the analysis is done: the case is in the worklist's page. */
export async function analysed(page, id) {
  await page.evaluate(() => {
    location.hash = '#/worklist';
  });
  await page.waitForSelector(`.case[data-id="${id}"]`);
}

export async function signs(page, id, secret) {
  await page.waitForSelector('.actions [data-act=sign]');
  await page.keyboard.press('s');
  await page.fill('dialog input[name=signing-secret]', secret);
  const signed = page.waitForResponse((r) => r.url().includes(`/api/cases/${id}/sign`) && r.ok());
  await page.keyboard.press('Enter');
  const answer = await (await signed).json();
  await page.waitForFunction((n) => location.hash !== `#/case/${n}`, id);
  return answer;
}

/** Closes whatever case is open, so that its lock is free. */
export async function backToList(page) {
  await page.evaluate(() => {
    location.hash = '#/worklist';
  });
  await page.waitForSelector('.worklist');
}

async function lostNetwork(clinic) {
  await clinic.context().setOffline(true);
  await clinic.setInputFiles(
    '.drop input[type=file]:not([webkitdirectory])',
    ['hea', 'dat'].map((e) => join(SAMPLES, `pac.${e}`)),
  );
  await clinic.click('.send > button.big');
  const job = clinic.locator('.job', { hasText: 'pac.dat' }).first();
  await clinic.waitForSelector('.job.waiting');
  await clinic.context().setOffline(false);
  await job.locator('a[href^="#/case/"]').waitFor();
}

async function refusedAndAgain(clinic, reader) {
  const id = await sends(clinic, 'noise-muscle');
  await analysed(reader, id);
  await opens(reader, id);
  await reader.keyboard.press('r');
  await reader.waitForSelector('dialog .chips');
  await picture(reader, 'refuse');
  await reader.locator('dialog .chip').first().click();
  await reader.locator('dialog textarea').pressSequentially(' V3');
  const reason = await reader.inputValue('dialog textarea');
  await reader.keyboard.press('Control+Enter');
  await reader.waitForFunction((n) => location.hash !== `#/case/${n}`, id);
  await backToList(reader);
  const own = clinic.locator('.own', { has: clinic.locator(`a[href="#/case/${id}"]`) });
  await own.locator('.again').waitFor();
  assert.ok((await own.locator('.again').textContent()).includes(reason), 'the clinic reads why');
}

async function twoReaders(browser, centre, clinic, reader) {
  const id = await sends(clinic, 'wpw');
  await analysed(reader, id);
  await opens(reader, id);
  await reader.waitForSelector('.actions [data-act=sign]');
  const senior = await enter(browser, centre, 'senior', 'zh');
  await opens(senior, id);
  await senior.waitForSelector('.actions [data-act=take-over]');
  assert.equal(await senior.locator('.actions [data-act=sign]').count(), 0, 'one case, one reader');
  assert.ok((await senior.textContent('.banner')).trim().length > 4, 'it is said who has it');
  await senior.click('.actions [data-act=take-over]');
  await senior.waitForSelector('.actions [data-act=sign]');
  await reader.waitForFunction(() => !document.querySelector('.actions [data-act=sign]'));
  await backToList(senior);
  await backToList(reader);
  return senior;
}

async function asksSenior(clinic, reader, senior) {
  const id = await sends(clinic, 'brugada');
  await analysed(reader, id);
  await opens(reader, id);
  await reader.waitForSelector('.actions [data-act=ask-senior]');
  await reader.keyboard.press('y');
  await reader.fill('dialog textarea', 'V1–V2？');
  await reader.keyboard.press('Control+Enter');
  await reader.waitForFunction((n) => location.hash !== `#/case/${n}`, id);
  await backToList(reader);
  await opens(reader, id);
  assert.equal(await reader.locator('.actions [data-act=sign]').count(), 0, 'only a senior may take it now');
  await backToList(reader);
  await opens(senior, id);
  await senior.waitForSelector('.actions [data-act=sign]');
  await backToList(senior);
}

async function secondReading(browser, centre, clinic, reader, senior) {
  const admin = await enter(browser, centre, 'admin', 'zh');
  await admin.waitForSelector('.data tbody tr');
  const row = admin.locator('.data tbody tr', { hasText: '石桥村' });
  await row.locator('button').first().click();
  await admin.locator('dialog select').nth(2).selectOption('always');
  await admin.click('dialog button.primary');
  await admin.waitForSelector('dialog', { state: 'detached' });
  await admin.context().close();
  const id = await sends(clinic, 'long-qt');
  await analysed(reader, id);
  await opens(reader, id);
  const first = await signs(reader, id, centre.passwords.reader);
  assert.equal(first.version, null, 'a second reader must agree first');
  await backToList(reader);
  await opens(senior, id);
  const second = await signs(senior, id, centre.passwords.senior);
  assert.equal(second.version, 1);
  await backToList(senior);
}

async function amends(clinic, reader, senior, centre) {
  const id = await sends(clinic, 'lafb');
  await analysed(reader, id);
  await opens(reader, id);
  assert.equal((await signs(reader, id, centre.passwords.reader)).version, 1);
  await backToList(reader);
  await opens(senior, id);
  await senior.waitForSelector('.actions [data-act=amend]');
  await senior.click('.actions [data-act=amend]');
  await senior.fill('dialog textarea', '补充');
  await senior.keyboard.press('Control+Enter');
  await senior.waitForSelector('.actions [data-act=sign]');
  await senior.keyboard.press('a');
  await senior.keyboard.type('请结合临床病史');
  await senior.keyboard.press('Control+Enter');
  await senior.keyboard.press('Escape');
  await senior.locator('.finding .words', { hasText: '请结合临床病史' }).waitFor();
  assert.equal((await signs(senior, id, centre.passwords.senior)).version, 2);
  const own = clinic.locator('.own', { has: clinic.locator(`a[href="#/case/${id}"]`) });
  await own.locator('.badge.amended').waitFor();
  assert.ok((await own.textContent()).includes('请结合临床病史'));
  await backToList(senior);
  await opens(clinic, id);
  const newest = await clinic.locator('.finding .words').allTextContents();
  assert.ok(newest.includes('请结合临床病史'), `the newest version is shown: ${newest}`);
  assert.match(await clinic.textContent('.review-head .signed'), /第 2 版/);
  await clinic.goBack();
  await clinic.waitForSelector('.drop');
}

export async function otherWays(browser, centre) {
  console.log('other ways');
  const clinic = await enter(browser, centre, 'clinic', 'zh');
  const reader = await enter(browser, centre, 'reader', 'zh');
  await lostNetwork(clinic);
  step('sent after the network came back');
  await refusedAndAgain(clinic, reader);
  step('refused for quality, the clinic reads why');
  const senior = await twoReaders(browser, centre, clinic, reader);
  step('two readers, one case; the senior takes over');
  await asksSenior(clinic, reader, senior);
  step('a senior was asked');
  await amends(clinic, reader, senior, centre);
  step('amended: version 2 is at the clinic');
  await secondReading(browser, centre, clinic, reader, senior);
  step('second reading by the site’s rule');
  for (const page of [clinic, reader, senior]) await page.context().close();
}
