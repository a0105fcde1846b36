// Earlier ECGs of the same patient: beside this one, or laid over it on the first beat; numbers side by side, and what the
// machine says of the change, which the reader may take into the conclusion.

import * as api from '../core/api.js';
import { button, h, refill } from '../core/dom.js';
import { verdictBadge } from '../core/badges.js';
import { moment, number } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { EcgView } from '../ecg/view.js';
import { decode } from '../ecg/waveform.js';
import { GLOBAL } from '../ecg/matrix.js';

export class Compare {
  /**
   * `view`: the EcgView of the case; `stage`: the element that holds it and, beside it, the earlier one; `take(text)` puts a
   * sentence into the conclusion.
   */
  constructor({ id, view, stage, take }) {
    Object.assign(this, { id, view, stage, take, mode: null, prior: null, said: null });
    this.element = h('div', { class: 'earlier' });
  }

  show({ priors, report, row }, editable) {
    Object.assign(this, { priors: priors ?? [], report, recorded: row.recorded, editable });
    this.#draw();
  }

  /** What the machine says of the change since the last one before this. */
  async start() {
    const last = this.priors.find((p) => p.recorded && p.recorded < this.recorded) ?? this.priors[0];
    if (last && !this.said) await this.#compare(last);
  }

  async #compare(prior) {
    this.said = { prior };
    try {
      const answer = await api.get(`/api/cases/${this.id}/comparison?with=${prior.case}`);
      if (this.said.prior === prior) Object.assign(this.said, answer);
    } catch (error) {
      this.said.fault = error.message;
    }
    this.#draw();
  }

  close() {
    this.beside?.close();
  }

  /** Options changed on the main view: the one beside follows. */
  apply(changes) {
    this.beside?.set(changes);
  }

  async open(prior, mode) {
    this.mode = mode;
    if (this.prior?.case !== prior.case || !this.waveform) {
      const [buffer, whole] = await Promise.all([
        api.bytes(`/api/cases/${prior.case}/waveform`),
        api.get(`/api/cases/${prior.case}`),
      ]);
      Object.assign(this, { prior, waveform: decode(buffer), whole });
    }
    if (this.said?.prior.case !== prior.case) this.#compare(prior);
    this.#lay();
    this.#draw();
  }

  off() {
    this.mode = null;
    this.#lay();
    this.#draw();
  }

  #lay() {
    this.beside?.close();
    this.beside?.element.parentElement.remove();
    this.beside = null;
    this.view.set({ other: null, shift: 0 });
    if (this.mode === 'overlay') {
      const first = (report) => (report?.beats?.[0]?.at_ms ?? 0) / 1000;
      this.view.set({ other: this.waveform, shift: first(this.whole.report) - first(this.report) });
    } else if (this.mode === 'beside') {
      this.beside = new EcgView({ label: say(T.earlierEcg) });
      const { other, from, ...options } = this.view.options;
      const caption = h(
        'figcaption',
        null,
        `${say(T.earlierEcg)} · ${moment(this.prior.recorded ?? this.prior.received)}`,
      );
      this.stage.append(h('figure', { class: 'beside' }, caption, this.beside.element));
      this.beside.show(this.waveform, this.whole.report);
      this.beside.set(options);
    }
  }

  #row(prior) {
    const on = (mode) => String(this.mode === mode && this.prior?.case === prior.case);
    return h(
      'li',
      { class: this.prior?.case === prior.case && this.mode ? 'selected' : '' },
      h(
        'div',
        null,
        h('b', null, moment(prior.recorded ?? prior.received)),
        ' ',
        verdictBadge(prior.verdict),
        prior.signed ? '' : h('span', { class: 'dim' }, ` ${say(T.preliminaryShort)}`),
        h('span', { class: 'dim' }, ` ${prior.site.name}`),
      ),
      h('div', { class: 'dim' }, prior.lines.map((l) => say(l)).join(say(T.listComma))),
      h(
        'div',
        { class: 'row' },
        button(say(T.beside), () => (on('beside') === 'true' ? this.off() : this.open(prior, 'beside')), {
          class: 'small',
          'aria-pressed': on('beside'),
        }),
        button(say(T.overlay), () => (on('overlay') === 'true' ? this.off() : this.open(prior, 'overlay')), {
          class: 'small',
          'aria-pressed': on('overlay'),
        }),
      ),
    );
  }

  #table() {
    if (!this.mode || !this.whole?.report) return null;
    const [a, b] = [this.whole.report.measurements.global, this.report?.measurements.global ?? {}];
    const rows = GLOBAL.slice(0, 10)
      .filter(([key]) => a[key] !== null || b[key] !== null)
      .map(([key, name, unit]) => {
        const change = a[key] === null || b[key] === null ? null : b[key] - a[key];
        return h(
          'tr',
          null,
          h('th', { scope: 'row' }, `${say(name)} `, h('small', null, unit)),
          h('td', null, number(a[key])),
          h('td', null, number(b[key])),
          h('td', null, change === null ? '—' : `${change > 0 ? '+' : ''}${number(change)}`),
        );
      });
    return h(
      'table',
      { class: 'intervals' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['', say(T.then), say(T.now), say(T.change)].map((t) => h('th', null, t)),
        ),
      ),
      h('tbody', null, rows),
    );
  }

  #statement({ text, because }) {
    const words = {
      zh: [text.zh, because.map((b) => b.zh).join('；')].filter(Boolean).join('：'),
      en: [text.en, because.map((b) => b.en).join('; ')].filter(Boolean).join(': '),
    };
    return h(
      'li',
      null,
      h('b', null, say(text)),
      because.length > 0 && h('div', { class: 'dim' }, because.map((b) => say(b)).join(say(T.listComma))),
      this.editable && button(say(T.takeInto), () => this.take(words), { class: 'small' }),
    );
  }

  /** The machine's comparison. */
  #changes() {
    const { said } = this;
    if (!said) return null;
    const { comparison } = said;
    return h(
      'section',
      { class: 'changes', 'aria-label': say(T.programCompares) },
      h(
        'h4',
        null,
        say(T.programCompares),
        h('small', { class: 'dim' }, ` ${say(T.comparedSince, { t: moment(said.prior.recorded ?? said.prior.received) })}`),
      ),
      said.fault && h('p', { class: 'fault' }, said.fault),
      said.refused && h('p', { class: 'fault' }, say(said.refused)),
      comparison?.doubts.map((d) => h('p', { class: 'fault' }, `▲ ${say(d)}`)),
      comparison && h('ul', null, comparison.statements.map((s) => this.#statement(s))),
      comparison?.notes.map((n) => h('p', { class: 'hint' }, say(n))),
    );
  }

  #draw() {
    refill(
      this.element,
      h(
        'ol',
        { class: 'priors' },
        this.priors.map((p) => this.#row(p)),
      ),
      this.#changes(),
      this.#table(),
    );
    if (!this.priors.length) this.element.append(h('p', { class: 'hint' }, say(T.noEarlier)));
  }
}
