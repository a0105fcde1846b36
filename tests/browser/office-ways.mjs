// The office's ways: a first password, a site moved, closed and opened, years of retention, an ECG compared with the one
// before, a sample read blindly.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { enter, picture } from './people.mjs';
import { analysed, backToList, opens, sends, signs } from './other-ways.mjs';

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
const step = (words) => console.log(`  ${words}`);
const tab = async (page, name) => {
  await page.evaluate((n) => {
    location.hash = `#/admin/${n}`;
  }, name);
  await page.waitForSelector(`.tabs a[href="#/admin/${name}"][aria-current=page]`);
};

/** A sample as another ECG of the patient H2024-77, recorded in `year`. */
function dated(name, year) {
  const header = readFileSync(join(SAMPLES, `${name}.hea`), 'utf8').split('\n');
  header[0] = `${header[0].split(' ').slice(0, 4).join(' ')} 08:00:00 01/02/${year}`;
  const said = ['# Age: 60', '# Sex: Male', '# Patient ID: H2024-77'];
  const text = [...header.filter((line) => line && !line.startsWith('#')), ...said, ''].join('\n');
  return [
    { name: `${name}.hea`, mimeType: 'text/plain', buffer: Buffer.from(text) },
    { name: `${name}.dat`, mimeType: 'application/octet-stream', buffer: readFileSync(join(SAMPLES, `${name}.dat`)) },
  ];
}

async function comparesWithTheLast(clinic, reader) {
  await sends(clinic, 'sinus-bradycardia', dated('sinus-bradycardia', 2023));
  const id = await sends(clinic, 'mi-anterior-acute', dated('mi-anterior-acute', 2025));
  await analysed(reader, id);
  await opens(reader, id);
  await reader.waitForSelector('.actions [data-act=sign]');
  await reader.keyboard.press('o');
  const said = reader.locator('.changes li').first();
  await said.waitFor();
  await picture(reader, 'review-compared');
  const words = (await said.locator('b').textContent()).trim();
  const before = await reader.locator('.finding').count();
  await said.locator('button').click();
  await reader.waitForFunction((n) => document.querySelectorAll('.finding').length === n, before + 1);
  assert.ok((await reader.locator('.finding .words').last().textContent()).startsWith(words), 'taken into the conclusion');
  await reader.waitForFunction(() => document.querySelector('.saved')?.textContent.length > 0);
  await backToList(reader);
}

async function firstPassword(browser, centre, admin) {
  await tab(admin, 'users');
  await admin.locator('.office-body > p button.primary').click();
  const input = admin.locator('dialog input');
  await input.nth(0).fill('reader2');
  await input.nth(1).fill('周复读');
  await admin.locator('dialog select').nth(0).selectOption('reader');
  await picture(admin, 'admin-add-user');
  await admin.click('dialog button.primary');
  const password = await admin.locator('dialog .secret code').textContent();
  await admin.locator('dialog footer button').click();
  await admin.waitForSelector('dialog', { state: 'detached' });
  const page = await enter(browser, { ...centre, passwords: { reader2: password } }, 'reader2', 'zh', { first: true });
  await page.waitForSelector('input[autocomplete=new-password]');
  await picture(page, 'first-password');
  const fields = page.locator('form.login input');
  await fields.nth(0).fill(password);
  for (const n of [1, 2]) await fields.nth(n).fill('a second long password');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.worklist');
  return page;
}

async function readsBlindly(quality, again, signed) {
  await quality.reload(); // the new reader is not on the page yet
  await quality.waitForSelector('.blind form');
  const who = await quality.locator('.blind select option', { hasText: '周复读' }).getAttribute('value');
  await quality.locator('.blind select').selectOption(who);
  await quality.locator('.blind input[type=number]').first().fill('2');
  await quality.click('.blind form button[type=submit]');
  await quality.waitForSelector('.blind table');
  await again.evaluate(() => {
    location.hash = '#/blind';
  });
  // The worklist that is being left holds cases as well.
  await again.waitForSelector('body[data-page=blind]:not([data-turning]) .case');
  const count = await again.locator('.case').count();
  assert.ok(count >= 1 && count <= 2, `${count} drawn`);
  await picture(again, 'blind-list');
  await again.keyboard.press('Enter');
  await again.waitForSelector('.actions [data-act=blind]');
  const head = await again.textContent('.review-head');
  assert.ok(!signed.some((name) => head.includes(name)), 'nobody is named who signed');
  await again.keyboard.press('a');
  await again.keyboard.type('xfcd');
  await again.waitForSelector('.adder-list [aria-selected=true]');
  await again.keyboard.press('Enter');
  await again.keyboard.press('Escape');
  await picture(again, 'blind-reading');
  await again.keyboard.press('s');
  await again.waitForSelector('dialog .sign-lines');
  const sent = again.waitForResponse((r) => r.url().endsWith('/blind') && r.request().method() === 'POST' && r.ok());
  await again.click('dialog button.primary');
  const { next } = await (await sent).json();
  assert.equal(next === null, count === 1);
  await quality.reload();
  await quality.waitForSelector('.blind table');
  assert.match(await quality.locator('.blind tbody tr').first().textContent(), new RegExp(`1 / ${count}`));
  await quality.locator('.blind').scrollIntoViewIfNeeded();
  await picture(quality, 'quality-blind');
}

async function movesAndCloses(admin) {
  await tab(admin, 'sites');
  const row = (name) => admin.locator('.data tbody tr', { hasText: name });
  const edit = async (name, change) => {
    await row(name).locator('button').first().click();
    await change(admin.locator('dialog'));
    await admin.click('dialog button.primary');
  };
  const closed = () => admin.waitForSelector('dialog', { state: 'detached' });
  await row('石桥村').waitFor();
  // Below the hospital instead of the township hospital.
  await edit('石桥村', async (dialog) => {
    const hospital = await dialog.locator('select').nth(1).locator('option', { hasText: '人民医院' }).getAttribute('value');
    assert.equal(await dialog.locator('select').nth(1).locator('option', { hasText: '石桥村' }).count(), 0);
    await dialog.locator('select').nth(1).selectOption(hospital);
    await picture(admin, 'admin-move-site');
  });
  await closed();
  // It stands beside what it stood below.
  await admin.waitForFunction(() => {
    const indent = (name) =>
      [...document.querySelectorAll('.indent')].find((e) => e.textContent.includes(name))?.style.paddingInlineStart;
    return indent('石桥村') && indent('石桥村') === indent('青山镇');
  });
  // What has open sites below it stays open, and says so.
  await edit('人民医院', (dialog) => dialog.locator('input[type=checkbox]').uncheck());
  await admin.waitForSelector('dialog .fault:not([hidden])');
  assert.match(await admin.textContent('dialog .fault'), /下级单位/);
  await admin.keyboard.press('Escape');
  await closed();
  await edit('青山镇', (dialog) => dialog.locator('input[type=checkbox]').uncheck());
  await closed();
  await admin.waitForSelector('.data tbody tr.off');
  await edit('青山镇', (dialog) => dialog.locator('input[type=checkbox]').check());
  await closed();
  await admin.waitForFunction(() => !document.querySelector('.data tbody tr.off'));
}

async function setsYears(admin) {
  await tab(admin, 'operation');
  await admin.waitForSelector('.panel .hint');
  await admin.locator('.panel', { hasText: '永久保存' }).waitFor();
  await tab(admin, 'settings');
  await admin.waitForSelector('form.settings');
  await admin.locator('label', { hasText: '原始文件保存年限' }).locator('input').fill('15');
  const kept = admin.waitForResponse((r) => r.url().endsWith('/api/settings') && r.request().method() === 'PUT' && r.ok());
  await admin.click('form.settings > button.primary');
  await kept;
  await tab(admin, 'operation');
  await admin.locator('.panel', { hasText: '保存 15 年' }).waitFor();
  await admin.locator('.panel', { hasText: '保存 15 年' }).scrollIntoViewIfNeeded();
  await picture(admin, 'admin-retention');
}

export async function officeWays(browser, centre) {
  console.log('office');
  const [clinic, reader, admin, quality] = [
    await enter(browser, centre, 'clinic', 'zh'),
    await enter(browser, centre, 'reader', 'en'),
    await enter(browser, centre, 'admin', 'zh'),
    await enter(browser, centre, 'quality', 'en'),
  ];
  await comparesWithTheLast(clinic, reader);
  step('compared with the patient’s last ECG; a statement taken into the conclusion');
  const again = await firstPassword(browser, centre, admin);
  step('a new reader changed the one-time password');
  await readsBlindly(quality, again, ['王诊断', '赵审核']);
  step('a sample was read blindly, the office sees the agreement');
  await movesAndCloses(admin);
  step('a site was moved, closed and opened');
  await setsYears(admin);
  step('years of retention were set, nothing has expired');
  for (const page of [clinic, reader, admin, quality, again]) await page.context().close();
}
