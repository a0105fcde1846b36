// Every case in reach: search by patient, state, site, day and verdict; page after page.

import * as api from '../core/api.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { verdictText } from '../core/badges.js';
import { notice } from '../core/dialog.js';
import { bind } from '../core/keys.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { CaseList } from './list.js';

const VIEWS = [
  ['all', T.viewAll],
  ['done', T.viewDone],
  ['refused', T.viewRefused],
  ['critical', T.viewCritical],
  ['set-aside', T.viewAside],
];
const VERDICTS = ['normal', 'otherwise-normal', 'borderline', 'abnormal', 'critical', 'uninterpretable'];

export async function open(main, _, go) {
  const list = new CaseList({ label: say(T.archive) });
  const { sites } = await api.get('/api/sites');
  const view = choice(
    VIEWS.map(([v, t]) => [v, say(t)]),
    'all',
  );
  const site = choice([['', say(T.allSites)], ...sites.map((s) => [s.id, s.name])], '');
  const verdict = choice([['', say(T.anyVerdict)], ...VERDICTS.map((v) => [v, verdictText(v)])], '');
  const text = h('input', {
    type: 'search',
    placeholder: say(T.searchPatient),
    spellcheck: 'false',
    autocomplete: 'off',
  });
  const [from, to] = [h('input', { type: 'date' }), h('input', { type: 'date' })];
  const more = button(say(T.more), () => load(true), { hidden: true });
  const empty = h('p', { class: 'empty', hidden: true }, say(T.nothingFits));
  let rows = [];
  let next = null;
  const day = (input, add) =>
    input.value ? new Date(new Date(`${input.value}T00:00:00`).getTime() + add * 86400000).toISOString() : null;
  const load = async (further) => {
    try {
      const answer = await api.ask('/api/cases/search', {
        view: view.value,
        site: site.value ? Number(site.value) : null,
        verdict: verdict.value || null,
        text: text.value.trim().length >= 2 ? text.value.trim() : null,
        from: day(from, 0),
        to: day(to, 1),
        limit: 50,
        after: further ? next : null,
      });
      rows = further ? [...rows, ...answer.cases] : answer.cases;
      next = answer.next;
      list.show(rows);
      more.hidden = !next;
      empty.hidden = rows.length > 0;
    } catch (error) {
      notice(error.message, 'fault');
    }
  };
  const form = h(
    'form',
    { class: 'filters wide' },
    field(say(T.view), view),
    field(say(T.site), site),
    field(say(T.verdict), verdict),
    field(say(T.patient), text),
    field(say(T.from), from),
    field(say(T.to), to),
    h('button', { type: 'submit', class: 'primary' }, say(T.search)),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    load(false);
  });
  for (const control of [view, site, verdict, from, to]) control.addEventListener('change', () => load(false));
  refill(
    main,
    h(
      'div',
      { class: 'worklist' },
      h('div', { class: 'worklist-head' }, form),
      list.element,
      empty,
      h('p', null, more),
    ),
  );
  bind([
    { keys: ['ArrowDown', 'j'], text: T.keyDownRow, run: () => list.move(1) },
    { keys: ['ArrowUp', 'k'], text: T.keyUpRow, run: () => list.move(-1) },
    { keys: ['Enter', 'o'], text: T.keyOpen, run: () => list.id && go('case', list.id) },
    { keys: ['/'], text: T.keySearch, run: () => text.focus() },
  ]);
  await load(false);
}
