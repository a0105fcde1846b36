// The audit: who did what when; and the check of its chain.

import * as api from '../core/api.js';
import { button, field, h, refill } from '../core/dom.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

const when = (iso) => new Date(iso).toLocaleString();

export async function audit(body) {
  const number = h('input', { type: 'number', min: 1 });
  const rows = h('tbody');
  const check = h('p', { role: 'status' });
  const more = button(say(T.more), () => load(true), { hidden: true });
  let next = null;
  const load = async (further) => {
    const query = new URLSearchParams({
      limit: '100',
      ...(number.value && { case: number.value }),
      ...(further && next && { before: String(next) }),
    });
    const answer = await api.get(`/api/audit?${query}`);
    next = answer.next;
    more.hidden = !next;
    if (!further) rows.replaceChildren();
    rows.append(
      ...answer.entries.map((e) =>
        h(
          'tr',
          null,
          h('td', null, e.seq),
          h('td', null, when(e.at)),
          h('td', null, e.actor?.name ?? (e.key ? `${say(T.apiKey)} ${e.key}` : say(T.program))),
          h('td', null, say(e.action_text)),
          h('td', null, e.case ? `#${e.case}` : ''),
          h('td', { class: 'detail' }, Object.keys(e.detail ?? {}).length ? JSON.stringify(e.detail) : ''),
          h('td', null, h('code', { title: e.hash }, e.hash.slice(0, 10))),
        ),
      ),
    );
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
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        { class: 'data' },
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            ['', T.time, T.person, T.action, T.caseNumber, T.detail, 'SHA-256'].map((t) =>
              h('th', { scope: 'col' }, say(t)),
            ),
          ),
        ),
        rows,
      ),
    ),
    h('p', null, more),
  );
  await load(false);
}
