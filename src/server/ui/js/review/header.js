// The line above the paper: whose ECG it is, what the clinic says, where the case stands, and that nobody has confirmed
// it yet.

import { h, refill } from '../core/dom.js';
import { loopBadge, priorityBadge, stateBadge, verdictBadge } from '../core/badges.js';
import { moment, sexAge, span } from '../core/format.js';
import { say } from '../core/lang.js';
import { now } from '../core/live.js';
import { T } from '../texts.js';

/** The time left to the site's limit, as words and whether it is over. */
export function left(row) {
  const ms = Date.parse(row.due) - now();
  return { over: ms < 0, soon: ms < 5 * 60000, words: say(ms < 0 ? T.overdueBy : T.timeLeft, { t: span(ms) }) };
}

const OPEN = new Set(['received', 'waiting', 'reading', 'second-waiting', 'second-reading']);

export function leftBadge(row) {
  if (!OPEN.has(row.state)) return null;
  const { over, soon, words } = left(row);
  return h(
    'span',
    { class: `left ${over ? 'over' : soon ? 'soon' : ''}`, data: { due: row.due } },
    over && h('i', { 'aria-hidden': 'true' }, '! '),
    words,
  );
}

/** What the clinic says, in one line each. */
export function clinicalLines(clinical) {
  const c = clinical ?? {};
  return [
    c.chest_pain &&
      h(
        'span',
        { class: 'clinical pain' },
        say(T.chestPain),
        c.chest_pain_onset && ` ${say(T.since, { t: c.chest_pain_onset.replace('T', ' ').slice(0, 16) })}`,
      ),
    c.symptoms && h('span', { class: 'clinical' }, h('b', null, say(T.symptoms)), ' ', c.symptoms),
    c.medication && h('span', { class: 'clinical' }, h('b', null, say(T.medication)), ' ', c.medication),
    c.history && h('span', { class: 'clinical' }, h('b', null, say(T.history)), ' ', c.history),
    c.department && h('span', { class: 'clinical' }, h('b', null, say(T.department)), ' ', c.department),
  ].filter(Boolean);
}

export function drawHeader(element, { row, clinical, versions, critical, program, report }) {
  const notes = report?.recording?.notes ?? [];
  const signed = versions?.[0];
  const by = [signed?.by, signed?.second].filter(Boolean).map((person) => person.name);
  refill(
    element,
    h(
      'div',
      { class: 'head-line' },
      h('strong', { class: 'patient' }, row.patient_name ?? say(T.noName)),
      h('span', null, sexAge({ sex: row.sex, age_years: row.age })),
      row.patient_id && h('span', { class: 'dim' }, row.patient_id),
      row.priority !== 'routine' && priorityBadge(row.priority),
      stateBadge(row.state),
      row.priority !== 'critical' && verdictBadge(row.verdict),
      critical && loopBadge(critical.step),
      leftBadge(row),
      row.senior && h('span', { class: 'badge senior' }, say(T.seniorAsked)),
      h('span', { class: 'spacer' }),
      h(
        'span',
        { class: 'dim from' },
        `${row.site.name} · ${say(T.recorded)} ${row.recorded ? row.recorded.replace('T', ' ').slice(0, 16) : '—'} · #${row.id}`,
      ),
    ),
    h(
      'div',
      { class: 'head-line second' },
      !signed
        ? h(
            'span',
            { class: 'preliminary', role: 'note' },
            h('b', null, say(T.preliminary)),
            ' ',
            say(T.preliminaryHow, { v: program ?? '' }),
          )
        : h(
            'span',
            { class: 'signed' },
            say(T.signedBy, { who: by.join(say(T.listComma)), when: moment(signed.signed), n: signed.version }),
            row.state !== 'reported' && h('b', null, ` · ${say(T.beingAmended)}`),
          ),
      clinicalLines(clinical),
      row.reason && h('span', { class: 'clinical' }, h('b', null, say(T.reason)), ' ', row.reason),
      notes.slice(0, 2).map((n) => h('span', { class: 'clinical dim' }, say(n))),
    ),
  );
}
