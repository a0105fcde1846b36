// Browser windows of people: each has a session of its own; whatever a page complains of in the console is kept.

import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const { chromium } = createRequire(`${process.env.PLAYWRIGHT_HOME}/`)('playwright-core');
const shots = process.env.SHOTS;

export const complaints = [];

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--autoplay-policy=user-gesture-required'],
  });

/**
 * What is expected: the question who is logged in, before anybody is; the wrong secret that the test signs with; a case
 * that another reader has; a site that is closed above open ones; a case that is not there; the network that the test
 * takes away.
 */
const EXPECTED = [
  [/status of 401/, /\/api\/session$/],
  [/status of 403/, /\/sign$/],
  [/status of 409/, /\/claim$/],
  [/status of 409/, /\/api\/sites\/\d+$/],
  [/status of 404/, /\/api\/cases\/999999\//],
  [/ERR_INTERNET_DISCONNECTED/, /./],
];
const expected = (m) => EXPECTED.some(([text, url]) => text.test(m.text()) && url.test(m.location().url));

/** Counts what rings: every oscillator that is started while the sound is on. */
function countRinging() {
  window.rung = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function counted(...when) {
    if (this.context.state === 'running') window.rung += 1;
    return start.apply(this, when);
  };
}

/** Opens a window and logs in by hand; `lang` 'zh' or 'en' is chosen on the log-in page. */
export async function enter(browser, { base, passwords }, login, lang, size = {}) {
  const { width = 1366, height = 768, scale = 1, phone = false, first = false } = size;
  // The other language to begin with, so that the switch is tried.
  const context = await browser.newContext({
    locale: lang === 'zh' ? 'en-GB' : 'zh-CN',
    viewport: { width, height },
    deviceScaleFactor: scale,
    hasTouch: phone,
    isMobile: phone,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(120000);
  page.on(
    'console',
    (m) =>
      m.type() === 'error' && !expected(m) && complaints.push(`${login} (${lang}): ${m.text()} ${m.location().url}`),
  );
  page.on('pageerror', (e) => complaints.push(`${login} (${lang}): ${e.stack}`));
  await page.addInitScript(countRinging);
  await page.goto(base);
  await page.waitForSelector('input[name=login]');
  if (!(await page.evaluate(() => document.documentElement.lang)).startsWith(lang)) await page.click('button[lang]');
  await page.waitForFunction((l) => document.documentElement.lang.startsWith(l), lang);
  await picture(page, `login-${lang}${phone ? '-phone' : ''}`);
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', passwords[login]);
  await page.keyboard.press('Enter');
  if (first) return page; // the one-time password comes next
  await page.waitForFunction(() => document.body.dataset.page !== 'login');
  await page.waitForFunction((l) => document.documentElement.lang.startsWith(l), lang);
  return page;
}

/** Keeps a picture where SHOTS asks for it. */
export async function picture(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}
