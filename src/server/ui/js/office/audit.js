// The audit: who did what when; and the check of its chain.

import * as api from '../core/api.js';
import { button, field, h, refill } from '../core/dom.js';
import { moment } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { table } from './table.js';

const cells = (e) => [
  e.seq,
  moment(e.at, { whole: true, seconds: true }),
  e.actor?.name ?? (e.key ? `${say(T.apiKey)} ${e.key}` : say(T.program)),
  say(e.action_text),
  e.case ? `#${e.case}` : '',
  Object.keys(e.detail ?? {}).length > 0 && h('span', { class: 'detail' }, JSON.stringify(e.detail)),
  h('code', { title: e.hash }, e.hash.slice(0, 10)),
];

export async function audit(body) {
  const number = h('input', { type: 'number', min: 1 });
  const list = h('div');
  const check = h('p', { role: 'status' });
  const more = button(say(T.more), () => load(true), { hidden: true });
  let [rows, next] = [[], null];
  const load = async (further) => {
    const query = new URLSearchParams({
      limit: '100',
      ...(number.value && { case: number.value }),
      ...(further && next && { before: String(next) }),
    });
    const answer = await api.get(`/api/audit?${query}`);
    next = answer.next;
    more.hidden = !next;
    rows = [...(further ? rows : []), ...answer.entries.map((e) => ({ cells: cells(e) }))];
    const head = [T.entry, T.time, T.person, T.action, T.caseNumber, T.detail].map((t) => say(t));
    refill(list, rows.length > 0 ? table([...head, 'SHA-256'], rows) : h('p', { class: 'empty' }, say(T.noCases)));
  };
  number.addEventListener('change', () => load(false));
  const verify = async () => {
    refill(check, say(T.checking));
    const answer = await api.get('/api/audit/verify');
    refill(
      check,
      h(
        'span',
        { class: answer.whole ? 'good' : 'fault' },
        answer.whole
          ? `✓ ${say(T.chainWhole, { n: answer.entries })}`
          : `✗ ${say(T.chainBroken, { n: answer.broken_at })}`,
      ),
      ' ',
      h('code', null, answer.head.slice(0, 16)),
    );
  };
  refill(
    body,
    h('div', { class: 'filters' }, field(say(T.caseNumber), number), button(say(T.checkChain), verify), check),
    list,
    h('p', null, more),
  );
  await load(false);
}
