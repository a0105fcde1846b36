// Rows of cases: urgency, patient, a small picture, what was found, where it stands, time left. One row is chosen; the
// keyboard moves the choice. A list that is drawn again keeps the choice by the case's number.

import { h } from '../core/dom.js';
import { loopBadge, priorityBadge, stateBadge, verdictBadge } from '../core/badges.js';
import { moment, sexAge } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { left, leftBadge } from '../review/header.js';

const ANALYSED = (row) => row.state !== 'received' && row.state !== 'set-aside';

function thumbnail(row) {
  if (!ANALYSED(row)) return h('div', { class: 'thumb empty' });
  const image = h('img', {
    class: 'thumb',
    loading: 'lazy',
    alt: '',
    width: 240,
    height: 60,
    src: `/api/cases/${row.id}/thumbnail.svg`,
  });
  image.addEventListener('error', () => image.replaceWith(h('div', { class: 'thumb empty' })));
  return image;
}

const findings = (row) => (row.summary ?? []).map((t) => say(t)).join(say(T.listComma));

function line(row, { chosen, href, extra }) {
  return h(
    'a',
    {
      class: `case priority-row-${row.priority}${chosen ? ' chosen' : ''}`,
      href,
      role: 'listitem',
      'aria-current': chosen ? 'true' : undefined,
      data: { id: row.id, revision: row.revision },
      tabindex: chosen ? 0 : -1,
    },
    h('div', { class: 'c-priority' }, priorityBadge(row.priority), row.critical && loopBadge(row.critical)),
    h(
      'div',
      { class: 'c-patient' },
      h('b', null, row.patient_name ?? say(T.noName)),
      h(
        'span',
        null,
        sexAge({ sex: row.sex, age_years: row.age }),
        ' ',
        h('small', { class: 'dim' }, row.patient_id ?? `#${row.id}`),
      ),
    ),
    thumbnail(row),
    h(
      'div',
      { class: 'c-findings' },
      verdictBadge(row.verdict),
      ' ',
      h('span', null, findings(row) || (row.reason ?? '')),
      row.chest_pain &&
        row.priority !== 'chest-pain' &&
        h('span', { class: 'badge priority-chest-pain' }, `♥ ${say(T.chestPain)}`),
    ),
    h('div', { class: 'c-site' }, h('span', null, row.site.name), h('small', { class: 'dim' }, moment(row.received))),
    h(
      'div',
      { class: 'c-state' },
      stateBadge(row.state),
      row.senior && h('span', { class: 'badge senior' }, say(T.seniorAsked)),
      row.reader && h('small', null, row.reader.name),
    ),
    h('div', { class: 'c-left' }, leftBadge(row), extra?.(row)),
  );
}

export class CaseList {
  constructor({ label, extra }) {
    this.element = h('div', { class: 'case-list', role: 'list', 'aria-label': label });
    this.extra = extra;
    this.rows = [];
    this.id = null;
    this.lines = new Map();
    // By a movement, not by a list that appears below a resting pointer: the keyboard's choice must hold.
    this.element.addEventListener('pointermove', (event) => {
      if (!event.movementX && !event.movementY) return;
      const id = Number(event.target.closest?.('.case')?.dataset.id);
      if (id && id !== this.id && event.pointerType === 'mouse') this.#choose(id, false);
    });
  }

  /** Shows rows; unchanged ones (same number and revision) keep their elements, so that pictures do not flicker. */
  show(rows) {
    this.rows = rows;
    if (!rows.some((r) => r.id === this.id)) this.id = rows[0]?.id ?? null;
    const before = this.lines;
    this.lines = new Map();
    const nodes = rows.map((row) => {
      const old = before.get(row.id);
      const node =
        old && old.revision === row.revision
          ? old.node
          : line(row, { chosen: row.id === this.id, href: `#/case/${row.id}`, extra: this.extra });
      this.lines.set(row.id, { node, revision: row.revision });
      return node;
    });
    const focused = this.element.contains(document.activeElement);
    nodes.forEach(
      (node, n) =>
        this.element.children[n] !== node && this.element.insertBefore(node, this.element.children[n] ?? null),
    );
    while (this.element.children.length > nodes.length) this.element.lastChild.remove();
    this.#mark(focused);
  }

  #mark(focus) {
    for (const [id, { node }] of this.lines) {
      const chosen = id === this.id;
      node.classList.toggle('chosen', chosen);
      node.tabIndex = chosen ? 0 : -1;
      if (chosen) node.setAttribute('aria-current', 'true');
      else node.removeAttribute('aria-current');
      if (chosen && focus) node.focus({ preventScroll: true });
    }
  }

  #choose(id, scroll) {
    this.id = id;
    this.#mark(scroll);
    if (scroll) this.lines.get(id)?.node.scrollIntoView({ block: 'nearest' });
  }

  move(by) {
    if (!this.rows.length) return;
    const at = this.rows.findIndex((r) => r.id === this.id);
    this.#choose(this.rows[Math.max(0, Math.min(this.rows.length - 1, at + by))].id, true);
  }

  /** Times left, without drawing rows anew. */
  tick() {
    for (const row of this.rows) {
      const badge = this.lines.get(row.id)?.node.querySelector('.left');
      if (!badge) continue;
      const now = left(row);
      badge.className = `left ${now.over ? 'over' : now.soon ? 'soon' : ''}`;
      badge.textContent = `${now.over ? '! ' : ''}${now.words}`;
    }
  }
}
