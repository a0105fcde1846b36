// Blind re-reading in the quality office: a sample is drawn, and how the two readings agree is shown by statement.

import * as api from '../core/api.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { notice } from '../core/dialog.js';
import { moment, number, percent } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { table } from './table.js';

function agreement(round) {
  const head = [T.statement, T.saidByBoth, T.signedOnly, T.rereadOnly, T.saidByNeither].map((t) => say(t));
  return [
    h('h3', null, say(T.agreementOf, { month: round.month, who: round.reader.name, n: round.read, all: round.number })),
    table(
      [...head, 'κ'],
      round.statements.map((s) => ({
        cells: [say(s.text), s.both, s.first, s.second, s.neither, s.kappa === null ? '—' : number(s.kappa, 2)],
      })),
      { tall: true },
    ),
    h('p', { class: 'hint' }, say(T.kappaHow)),
  ];
}

function form(readers, drawn) {
  const now = new Date();
  const month = h('input', {
    type: 'month',
    value: `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}`,
    pattern: '\\d{4}-\\d{2}',
    required: true,
  });
  const count = h('input', { type: 'number', min: 1, max: 200, value: 10, required: true });
  const reader = choice(
    readers.map((r) => [r.id, r.name]),
    readers[0]?.id,
    { required: true },
  );
  const seed = h('input', { type: 'number', min: 0, step: 1, placeholder: say(T.seedByClock) });
  const element = h(
    'form',
    { class: 'filters' },
    field(say(T.signedIn), month),
    field(say(T.sampleSize), count),
    field(say(T.rereadBy), reader),
    field(say(T.seed), seed),
    h('button', { type: 'submit', class: 'primary' }, say(T.drawSample)),
  );
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const round = await api.post('/api/blind', {
        month: month.value,
        number: Number(count.value),
        reader: Number(reader.value),
        seed: seed.value ? Number(seed.value) : null,
      });
      notice(say(T.drawnN, { n: round.number }));
      await drawn(round.id);
    } catch (error) {
      notice(error.message, 'fault');
    }
  });
  return element;
}

/** The section of the quality page. */
export async function blind() {
  const box = h('section', { class: 'blind' });
  const load = async (chosen) => {
    const { readers, rounds } = await api.get('/api/blind');
    const shown = rounds.find((r) => r.id === chosen) ?? rounds[0];
    const row = (r) => ({
      chosen: r.id === shown.id,
      cells: [
        button(r.month, () => load(r.id), { class: 'link' }),
        r.reader.name,
        moment(r.made),
        `${r.read} / ${r.number}`,
        [percent(r.same, r.read), h('small', null, ` ${r.same}/${r.read}`)],
        r.seed,
      ],
    });
    const head = [T.signedIn, T.rereadBy, T.drawnAt, T.rereadSoFar, T.sameConclusion, T.seed].map((t) => say(t));
    refill(
      box,
      h('h2', null, say(T.blind)),
      h('p', { class: 'hint' }, say(T.blindOffice)),
      form(readers, load),
      rounds.length > 0 && h('div', { class: 'two' }, table(head, rounds.map(row)), h('div', null, agreement(shown))),
    );
  };
  await load();
  return box;
}
