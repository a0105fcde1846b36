// The review page: opening takes the case (and its lock), every change is kept as it is made, signing goes to the next
// case. All of it works without a mouse; `?` shows how.

import * as api from '../core/api.js';
import * as live from '../core/live.js';
import { refill, h } from '../core/dom.js';
import { bind } from '../core/keys.js';
import { notice } from '../core/dialog.js';
import { say } from '../core/lang.js';
import { may, who } from '../core/who.js';
import { T } from '../texts.js';
import { decode } from '../ecg/waveform.js';
import { Screen } from './screen.js';
import { bindings } from './bindings.js';

const RENEW = 60000;

/** Takes the lock if this person reads; a refusal is not a failure: the case is then only looked at. */
async function claim(id, takeOver = false) {
  if (!may('read')) return null;
  try {
    await api.ask(`/api/cases/${id}/claim`, takeOver ? { take_over: true } : {});
    return null;
  } catch (error) {
    if (error.status === 404 || error.code === 'network') throw error;
    return error;
  }
}

/** The first case of the worklist that is free and not `besides`. */
export async function nextCase(besides) {
  const { cases } = await api.ask('/api/cases/search', { view: 'worklist', limit: 30 });
  const free = (row) =>
    (row.state === 'waiting' && (!row.senior || may('read-second'))) ||
    (row.state === 'second-waiting' && may('read-second') && row.first?.id !== who().id) ||
    (row.state === 'reading' && row.reader?.id === who().id);
  return cases.find((row) => row.id !== besides && free(row))?.id ?? null;
}

export async function open(main, [number], go) {
  const id = Number(number);
  const started = performance.now();
  refill(main, h('p', { class: 'loading' }, say(T.opening)));
  const samples = api.bytes(`/api/cases/${id}/waveform`).then(decode, (error) => error);
  const refused = await claim(id);
  const whole = await api.get(`/api/cases/${id}`);
  const waveform = await samples;
  const screen = new Screen(main, { id, whole, waveform: waveform instanceof Error ? null : waveform, refused });
  screen.readyMs = performance.now() - started;

  const held = () =>
    may('read') &&
    screen.whole.row.reader?.id === who().id &&
    ['reading', 'second-reading'].includes(screen.whole.row.state);
  let over = false;
  const leave = async (to) => {
    over = true;
    await (to === null ? go('worklist') : go('case', to));
  };
  const reload = async (words) => {
    let whole;
    do {
      // what is changed meanwhile is kept first
      await screen.draft.flush().catch(() => {
        screen.draft.dirty = false;
      });
      whole = await api.get(`/api/cases/${id}`);
    } while (screen.draft.dirty && whole.may.includes('draft'));
    screen.update(whole);
    if (words) notice(words);
  };
  const control = {
    reload,
    take: async () => {
      const problem = await claim(id, true);
      if (problem) throw problem;
      await reload();
    },
    /** After a step that ended the reading. */
    ended: async (words, next) => {
      screen.draft.stop();
      screen.draft.dirty = false;
      over = true;
      notice(words);
      await leave(next === undefined ? await nextCase(id).catch(() => null) : next);
    },
    skip: async () => {
      const next = await nextCase(id);
      if (next === null) notice(say(T.noMore));
      else go('case', next);
    },
    back: () => go(may('see-worklist') ? 'worklist' : may('upload') ? 'clinic' : 'cases'),
  };
  screen.connect(control);
  bind(bindings(screen, control));

  const renew = setInterval(async () => {
    if (!held()) return;
    try {
      const row = await api.ask(`/api/cases/${id}/claim`);
      screen.draft.revision = Math.max(screen.draft.revision ?? 0, row.revision);
    } catch (error) {
      if (error.code !== 'network') await reload(error.message);
    }
  }, RENEW);
  const silent = live.listen((event) => {
    if (event.type !== 'case' || event.case !== id || over) return;
    const mine = event.by === who().id || event.by?.id === who().id;
    if (mine || event.action === 'drafted') return;
    reload(/^(critical|clinical|analysed)/.test(event.action) ? null : say(T.movedOn)).catch(() => {});
  });
  const unload = () => {
    if (held() && !over)
      fetch(`/api/cases/${id}/release`, {
        method: 'POST',
        keepalive: true,
        headers: { ...api.headers(), 'Content-Type': 'application/json' },
        body: '{}',
      });
  };
  window.addEventListener('pagehide', unload);
  const ticking = setInterval(() => screen.tick(), 15000);
  // The samples of the case that comes next are fetched while this one is read: the browser keeps them.
  const ahead = setTimeout(async () => {
    const next = held() ? await nextCase(id).catch(() => null) : null;
    if (next !== null && !over) fetch(`/api/cases/${next}/waveform`, { priority: 'low' }).catch(() => {});
  }, 2500);

  return async () => {
    clearInterval(renew);
    clearInterval(ticking);
    clearTimeout(ahead);
    silent();
    window.removeEventListener('pagehide', unload);
    await screen.draft.flush().catch((error) => notice(error.message, 'fault'));
    if (held() && !over) await api.ask(`/api/cases/${id}/release`).catch(() => {});
    screen.close();
  };
}
