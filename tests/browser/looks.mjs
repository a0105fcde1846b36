// Every page opens, in both languages, on a laptop, a 4K screen and a phone, and nothing runs off it. SHOTS=DIR keeps the
// pictures, which people look at.

import assert from 'node:assert/strict';
import { enter, picture } from './people.mjs';

/** What an administrator's page shows once it is there. */
const SHOWN = {
  sites: '.data tbody tr',
  users: '.data tbody tr',
  keys: '.office-body button.primary',
  settings: 'form.settings',
  audit: '.data tbody tr',
  operation: '.panel:nth-of-type(4)',
};

/** Nothing is wider than the window but what scrolls by itself. */
const fits = async (page, what) =>
  assert.ok(
    await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    `${what} runs off the screen`,
  );

/** Pages that only have to open, in both languages and on every screen. */
export async function looks(browser, centre) {
  for (const lang of ['zh', 'en']) {
    const admin = await enter(browser, centre, 'admin', lang);
    for (const [tab, shown] of Object.entries(SHOWN)) {
      await admin.goto(`${centre.base}/#/admin/${tab}`);
      await admin.waitForSelector(`.tabs a[href="#/admin/${tab}"][aria-current=page]`);
      await admin.waitForSelector(shown);
      await fits(admin, tab);
      await picture(admin, `admin-${tab}-${lang}`);
    }
    await admin.context().close();
    const phone = await enter(browser, centre, 'clinic', lang, { width: 390, height: 844, scale: 2, phone: true });
    await phone.waitForSelector('.own');
    await fits(phone, 'the clinic on a phone');
    await picture(phone, `clinic-phone-${lang}`);
    await phone.locator('.own a').first().click();
    await phone.waitForSelector('.finding');
    await fits(phone, 'a case on a phone');
    await picture(phone, `case-phone-${lang}`);
    await phone.context().close();
    const wall = await enter(browser, centre, 'reader', lang, { width: 3840, height: 2160 });
    await wall.waitForSelector('.worklist .case');
    await picture(wall, `worklist-4k-${lang}`);
    await wall.goto(`${centre.base}/#/cases`);
    await wall.waitForSelector('form.filters');
    await wall.waitForSelector('.case');
    await picture(wall, `cases-4k-${lang}`);
    await wall.locator('.case').first().click();
    await wall.waitForSelector('.finding');
    await wall.keyboard.press('t');
    await wall.waitForSelector('.matrix');
    await picture(wall, `review-4k-${lang}`);
    await wall.goto(`${centre.base}/#/case/999999`);
    await wall.waitForSelector('.failed button');
    assert.equal(await wall.textContent('.failed p'), lang === 'zh' ? '不存在' : 'there is none', 'one language');
    await picture(wall, `missing-${lang}`);
    await wall.context().close();
  }
}
