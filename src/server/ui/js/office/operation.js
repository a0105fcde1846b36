// How the centre runs: health, back-ups, originals whose time has come, analysing the archive again.

import * as api from '../core/api.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { confirm, notice } from '../core/dialog.js';
import { bytes, moment } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { retention } from './retention.js';

const part = (title, ...content) => h('section', { class: 'panel' }, h('h2', null, title), content);

const ENOUGH = { ok: T.roomOk, low: T.roomLow, none: T.roomNone };

async function health() {
  const response = await fetch('/health');
  const state = await response.json();
  const { room } = state;
  const row = (name, good, words) =>
    h(
      'tr',
      null,
      h('th', { scope: 'row' }, name),
      h('td', { class: good ? 'good' : 'fault' }, `${good ? '✓' : '✗'} ${words}`),
    );
  return h(
    'table',
    { class: 'data narrow' },
    h(
      'tbody',
      null,
      row(say(T.status), state.status === 'ok', state.status === 'ok' ? say(T.allWell) : say(T.degraded)),
      row(say(T.database), state.database, ''),
      row(say(T.objectStore), state.objects, ''),
      room &&
        row(
          say(T.room),
          room.enough === 'ok',
          say(ENOUGH[room.enough], { free: bytes(room.free), reserve: bytes(room.reserve) }),
        ),
      row(
        say(T.queue),
        state.queue < 1000,
        `${state.queue}${state.oldest_queued_s ? ` · ${say(T.oldest)} ${state.oldest_queued_s} s` : ''}`,
      ),
      h('tr', null, h('th', { scope: 'row' }, say(T.versionName)), h('td', null, state.version)),
    ),
  );
}

async function backups() {
  const list = h('tbody');
  const load = async () => {
    const { backups: all } = await api.get('/api/backups');
    refill(
      list,
      all.map((b) =>
        h('tr', null, h('th', { scope: 'row' }, b.name), h('td', null, moment(b.made)), h('td', null, bytes(b.bytes))),
      ),
      all.length === 0 && h('tr', null, h('td', { class: 'hint' }, say(T.noBackups))),
    );
  };
  const make = button(
    say(T.backUpNow),
    async () => {
      make.disabled = true;
      try {
        const made = await api.post('/api/backups');
        notice(say(T.backedUp, { name: made.name, size: bytes(made.bytes) }));
        await load();
      } catch (error) {
        notice(error.message, 'fault');
      }
      make.disabled = false;
    },
    { class: 'primary' },
  );
  await load().catch((error) => refill(list, h('tr', null, h('td', { class: 'hint' }, error.message))));
  return [h('table', { class: 'data narrow' }, list), h('p', null, make)];
}

async function reanalysis() {
  const { sites } = await api.get('/api/sites');
  const [from, to] = [h('input', { type: 'date' }), h('input', { type: 'date' })];
  const site = choice([['', say(T.allSites)], ...sites.map((s) => [s.id, s.name])]);
  const state = h('p', { role: 'status' });
  const list = h('tbody');
  const iso = (input) => (input.value ? new Date(`${input.value}T00:00:00`).toISOString() : null);
  const load = async () => {
    const answer = await api.get('/api/reanalysis?limit=100');
    refill(state, say(T.reanalysisState, { pending: answer.pending, done: answer.done, n: answer.changes.length }));
    refill(
      list,
      answer.changes.map((c) =>
        h(
          'tr',
          null,
          h('th', { scope: 'row' }, h('a', { href: `#/case/${c.case}` }, `#${c.case}`)),
          h('td', null, `${c.before} → ${c.after}`),
          h('td', null, c.gone.map((id) => `− ${id}`).join(' ')),
          h('td', null, c.new.map((id) => `+ ${id}`).join(' ')),
          h('td', null, c.signed ? say(T.stateReported) : ''),
        ),
      ),
    );
  };
  const start = async () => {
    if (!(await confirm(say(T.reanalysis), say(T.reanalysisHow), say(T.start)))) return;
    const { queued } = await api.post('/api/reanalysis', {
      from: iso(from),
      to: iso(to),
      site: site.value ? Number(site.value) : null,
    });
    notice(say(T.queuedN, { n: queued }));
    await load();
  };
  await load().catch((error) => refill(state, error.message));
  return [
    h(
      'div',
      { class: 'filters' },
      field(say(T.from), from),
      field(say(T.toExclusive), to),
      field(say(T.site), site),
      button(say(T.start), start, { class: 'primary' }),
      button(say(T.keyRefresh), load),
    ),
    state,
    h('div', { class: 'scroll' }, h('table', { class: 'data' }, list)),
  ];
}

export async function operation(body) {
  refill(
    body,
    part(say(T.health), await health()),
    part(say(T.backups), await backups()),
    part(say(T.retention), await retention()),
    part(say(T.reanalysis), await reanalysis()),
  );
}
