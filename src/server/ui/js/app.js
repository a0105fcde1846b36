// The shell: who is here, which page is shown (by the part of the address after #), the bar above it.

import * as api from './core/api.js';
import * as live from './core/live.js';
import { button, h, refill } from './core/dom.js';
import { bind, help, listen } from './core/keys.js';
import { language, say, setLanguage } from './core/lang.js';
import { may, setWho, who } from './core/who.js';
import { notice } from './core/dialog.js';
import { T } from './texts.js';
import { loginPage, passwordPage } from './login.js';
import { account } from './account.js';
import { startAlarms, stopAlarms } from './clinic/alarm.js';

/** Pages: name, title, who sees it, and the module that makes it, loaded when first needed. */
const PAGES = [
  { name: 'worklist', title: T.worklist, act: 'see-worklist', load: () => import('./worklist/page.js') },
  { name: 'blind', title: T.blind, act: 'read', load: () => import('./review/blind.js') },
  { name: 'clinic', title: T.clinic, act: 'upload', load: () => import('./clinic/page.js') },
  { name: 'quality', title: T.quality, act: 'see-quality', load: () => import('./office/quality.js') },
  { name: 'cases', title: T.archive, act: 'see-cases', load: () => import('./worklist/archive.js') },
  { name: 'admin', title: T.admin, act: 'administer', load: () => import('./office/admin.js') },
  { name: 'case', act: 'see-cases', load: () => import('./review/page.js') },
];

const main = document.getElementById('main');
const bar = document.getElementById('bar');
let leave = null;
let wanted = 0;
let line = Promise.resolve();

const address = () => location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
const pages = () => PAGES.filter((p) => p.title && may(p.act) && !(p.name === 'cases' && may('upload')));

/** Goes to a page: go('case', 12). */
export function go(...parts) {
  const hash = `#/${parts.map(encodeURIComponent).join('/')}`;
  if (location.hash === hash) show();
  else location.hash = hash;
}

/**
 * Shows the page of the address. One after another: a page that is still opening is finished and left first, so that it
 * neither draws over the next one nor keeps its lock; what was only passed through is left out.
 */
function show() {
  wanted += 1;
  const turn = wanted;
  line = line.then(() => (turn === wanted && who() ? turnTo() : undefined));
  return line;
}

async function turnTo() {
  const [name, ...rest] = address();
  const page = PAGES.find((p) => p.name === name && may(p.act)) ?? pages()[0];
  if (!page) return;
  if (page.name !== name) history.replaceState(null, '', `#/${page.name}`);
  await leave?.();
  leave = null;
  if (!who()) return;
  bind([]);
  drawBar(page.name);
  document.body.dataset.page = page.name;
  document.title = `${say(page.title ?? T.review)} · ${say(who().centre)}`;
  document.body.dataset.turning = '';
  main.setAttribute('aria-busy', 'true');
  try {
    const module = await page.load();
    refill(main);
    leave = (await module.open(main, rest, go)) ?? null;
  } catch (error) {
    if (!who()) return;
    const again = button(say(T.tryAgain), show, { class: 'primary' });
    const first = pages()[0];
    const back = first.name !== page.name && h('a', { class: 'button', href: `#/${first.name}` }, say(first.title));
    refill(main, h('div', { class: 'failed', role: 'alert' }, h('p', null, error.message), again, ' ', back));
  } finally {
    delete document.body.dataset.turning;
    main.removeAttribute('aria-busy');
  }
}

function drawBar(current) {
  const me = who();
  const link = (p) =>
    h('a', { href: `#/${p.name}`, 'aria-current': p.name === current ? 'page' : undefined }, say(p.title));
  refill(
    bar,
    h('strong', { class: 'brand' }, say(me.centre)),
    me.demo && h('span', { class: 'badge demo' }, say(T.demo)),
    h('nav', { 'aria-label': say(T.pages) }, pages().map(link)),
    h('span', { class: 'line', id: 'line', role: 'status', hidden: live.isUp() }, say(T.lineDown)),
    h('span', { class: 'spacer' }),
    button(language() === 'zh' ? 'English' : '中文', switchLanguage, {
      class: 'quiet',
      lang: language() === 'zh' ? 'en' : 'zh-CN',
    }),
    button('?', help, { class: 'quiet keys-button', title: say(T.keyboard), 'aria-label': say(T.keyboard) }),
    button(`${me.name} · ${say(me.role_text)}`, () => account(start), { class: 'quiet me' }),
    button(say(T.logout), logout, { class: 'quiet' }),
  );
}

async function switchLanguage() {
  setLanguage(language() === 'zh' ? 'en' : 'zh');
  api.patch('/api/session', { lang: language() }).catch(() => {});
  if (may('acknowledge')) startAlarms(document.getElementById('alarms'));
  await show();
}

async function logout() {
  await leave?.();
  leave = null;
  live.close();
  await api.remove('/api/session').catch(() => {});
  location.hash = '';
  login();
}

function login(words) {
  live.close();
  stopAlarms();
  leave = null;
  wanted += 1;
  setWho(null);
  api.session(null);
  bind([]);
  refill(bar);
  document.body.dataset.page = 'login';
  loginPage(main, start, words);
}

/** Begins a session with what the server said of the person. */
async function start(me) {
  setWho(me);
  live.setClock(me.now);
  api.session(me.csrf, () => who() && login(say(T.sessionEnded)));
  setLanguage(me.lang);
  // Chosen on the log-in page: the centre answers in it too.
  if (me.chosen) await api.patch('/api/session', { lang: me.lang }).catch(() => {});
  if (me.must_change_password) {
    refill(bar);
    document.body.dataset.page = 'login';
    passwordPage(main, start);
    return;
  }
  live.open();
  if (may('acknowledge')) startAlarms(document.getElementById('alarms'));
  else stopAlarms();
  await show();
  // The pages that this person will open next are fetched while the first is looked at.
  setTimeout(() => PAGES.filter((p) => may(p.act)).forEach((p) => p.load().catch(() => {})), 1500);
}

live.listen((event) => {
  const line = document.getElementById('line');
  if (event.type === 'line' && line) line.hidden = event.up;
});
window.addEventListener('hashchange', () => who() && show());
window.addEventListener('unhandledrejection', (event) => {
  if (event.reason?.name !== 'AbortError') notice(event.reason?.message ?? String(event.reason), 'fault');
});
listen();

const kept = language();
api.get('/api/session').then(start, (error) => {
  setLanguage(kept);
  login(error.status === 401 ? undefined : error.message);
});
