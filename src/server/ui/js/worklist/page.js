// The readers' worklist: live, most urgent first, with counts that filter.

import * as api from '../core/api.js';
import * as live from '../core/live.js';
import { choice, h, refill } from '../core/dom.js';
import { notice } from '../core/dialog.js';
import { PRIORITIES, priorityText } from '../core/badges.js';
import { bind } from '../core/keys.js';
import { say } from '../core/lang.js';
import { may } from '../core/who.js';
import { T } from '../texts.js';
import { nextCase } from '../review/page.js';
import { CaseList } from './list.js';

const PAUSE = 1500;
const LIMIT = 100;
const kept = { priorities: new Set(), view: 'worklist', site: '', text: '' };

const VIEWS = [
  ['worklist', T.viewWorklist],
  ['mine', T.viewMine],
  ['second', T.viewSecond],
];

/** Calls `run` at once, then at most once in `pause` ms; the last call always. */
function calmly(run, pause) {
  let [timer, again] = [0, false];
  const call = () => {
    again = timer !== 0;
    if (again) return;
    run();
    timer = setTimeout(() => {
      timer = 0;
      if (again) call();
    }, pause);
  };
  return call;
}

export async function open(main, _, go) {
  const list = new CaseList({ label: say(T.worklist) });
  const counts = h('div', { class: 'counts', role: 'group', 'aria-label': say(T.counts) });
  const search = h('input', {
    type: 'search',
    placeholder: say(T.searchPatient),
    'aria-label': say(T.searchPatient),
    value: kept.text,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const { sites } = await api.get('/api/sites');
  const site = choice([['', say(T.allSites)], ...sites.map((s) => [s.id, s.name])], kept.site, {
    'aria-label': say(T.site),
  });
  const view = choice(
    VIEWS.filter(([name]) => name !== 'second' || may('read-second')).map(([v, t]) => [v, say(t)]),
    kept.view,
    { 'aria-label': say(T.view) },
  );
  const empty = h('p', { class: 'empty', hidden: true });
  const more = h('p', { class: 'hint', hidden: true }, say(T.moreBelow, { n: LIMIT }));
  refill(
    main,
    h(
      'div',
      { class: 'worklist' },
      h(
        'div',
        { class: 'worklist-head' },
        counts,
        h('div', { class: 'filters' }, view, sites.length > 1 && site, search),
      ),
      list.element,
      empty,
      more,
    ),
  );

  let [turn, left] = [0, false];
  const refresh = async () => {
    const mine = (turn += 1);
    const query = {
      view: kept.view,
      priorities: [...kept.priorities],
      site: kept.site ? Number(kept.site) : null,
      text: kept.text.length >= 2 ? kept.text : null,
      limit: LIMIT,
    };
    const answer = await api.ask('/api/cases/search', query);
    if (mine !== turn || left) return;
    list.show(answer.cases);
    drawCounts(answer.counts);
    refill(empty, say(kept.priorities.size || kept.text || kept.site ? T.nothingFits : T.allRead)).hidden =
      answer.cases.length > 0;
    more.hidden = !answer.next;
    document.title = `(${answer.counts.waiting}) ${say(T.worklist)}`;
  };
  const safely = () => refresh().catch((error) => error.name !== 'AbortError' && notice(error.message, 'fault'));

  const toggle = (priority) => {
    if (!kept.priorities.delete(priority)) kept.priorities.add(priority);
    safely();
  };
  const drawCounts = (c) => {
    const of = { critical: c.critical, 'chest-pain': c.chest_pain, urgent: c.urgent, routine: c.routine };
    refill(
      counts,
      PRIORITIES.map((p, n) =>
        h(
          'button',
          {
            type: 'button',
            class: `count count-${p}`,
            'aria-pressed': String(kept.priorities.has(p)),
            title: `${n + 1}`,
            onclick: () => toggle(p),
          },
          h('b', null, of[p]),
          ` ${priorityText(p)}`,
        ),
      ),
      h('span', { class: 'count plain' }, h('b', null, c.waiting), ` ${say(T.countWaiting)}`),
      h('span', { class: 'count plain' }, h('b', null, c.reading), ` ${say(T.countReading)}`),
      h('span', { class: 'count plain' }, h('b', null, c.second), ` ${say(T.countSecond)}`),
      c.overdue > 0 && h('span', { class: 'count overdue' }, h('b', null, c.overdue), ` ${say(T.countOverdue)}`),
      c.set_aside > 0 && h('span', { class: 'count plain' }, h('b', null, c.set_aside), ` ${say(T.countAside)}`),
      c.alarms > 0 && h('span', { class: 'count overdue' }, h('b', null, c.alarms), ` ${say(T.countAlarms)}`),
    );
  };

  view.addEventListener('change', () => {
    kept.view = view.value;
    safely();
    view.blur();
  });
  site.addEventListener('change', () => {
    kept.site = site.value;
    safely();
    site.blur();
  });
  let typing = 0;
  search.addEventListener('input', () => {
    kept.text = search.value.trim();
    clearTimeout(typing);
    typing = setTimeout(safely, 250);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') search.blur();
  });

  const enter = () => list.id && go('case', list.id);
  const first = async () => {
    const id = await nextCase(null);
    if (id === null) notice(say(T.noMore));
    else go('case', id);
  };
  bind([
    { keys: ['ArrowDown', 'j'], text: T.keyDownRow, run: () => list.move(1) },
    { keys: ['ArrowUp', 'k'], text: T.keyUpRow, run: () => list.move(-1) },
    { keys: ['PageDown'], run: () => list.move(8) },
    { keys: ['PageUp'], run: () => list.move(-8) },
    { keys: ['Home'], run: () => list.move(-999) },
    { keys: ['End'], run: () => list.move(999) },
    { keys: ['Enter', 'o'], text: T.keyOpen, run: enter },
    { keys: ['n'], text: T.keyFirst, run: () => first().catch((e) => notice(e.message, 'fault')) },
    { keys: ['/'], text: T.keySearch, run: () => search.focus() },
    ...PRIORITIES.map((p, n) => ({
      keys: [String(n + 1)],
      text: { zh: `只看${priorityText(p)}`, en: `Only: ${priorityText(p)}` },
      run: () => toggle(p),
    })),
    { keys: ['r'], text: T.keyRefresh, run: safely },
  ]);

  await refresh();
  const soon = calmly(safely, PAUSE);
  // What was only received waits for no reader yet.
  const silent = live.listen((event) => event.type !== 'line' && event.action !== 'received' && soon());
  const ticking = setInterval(() => list.tick(), 10000);
  const slow = setInterval(() => !live.isUp() && safely(), 20000);
  return () => {
    left = true;
    silent();
    clearInterval(ticking);
    clearInterval(slow);
  };
}
