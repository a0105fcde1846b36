// What the review page shows, and how its parts hang together: paper, rhythm strip, drawer, findings, actions.

import * as api from '../core/api.js';
import { button, h, refill } from '../core/dom.js';
import { notice } from '../core/dialog.js';
import { language, say } from '../core/lang.js';
import { T } from '../texts.js';
import { EcgView } from '../ecg/view.js';
import { RhythmStrip } from '../ecg/rhythm.js';
import { MedianPanel } from '../ecg/median.js';
import { SHEET_SECONDS } from '../ecg/layout.js';
import { globals, leadTable } from '../ecg/matrix.js';
import { bounds, intervals } from '../ecg/fiducials.js';
import { Advice, USUAL } from './advice.js';
import { BlindDraft, finish } from './blind.js';
import { Compare } from './compare.js';
import { Draft } from './draft.js';
import { Findings } from './findings.js';
import { adder } from './adder.js';
import { conclude, difference } from './conclude.js';
import { drawHeader } from './header.js';
import { keptOptions, toolbar } from './toolbar.js';
import * as actions from './actions.js';
import { history } from './history.js';

const ACTS = [
  ['blind', T.blindDone, 'primary'],
  ['sign', T.sign, 'primary'],
  ['refuse', T.refuse],
  ['ask-senior', T.askSenior],
  ['hand-over', T.handOver],
  ['take-over', T.takeOver],
  ['amend', T.amend],
  ['raise', T.raiseCritical, 'danger-line'],
  ['withdraw', T.withdrawCritical],
  ['retry', T.retry],
];
const SHORT = [
  'heart_rate_bpm',
  'pr_ms',
  'qrs_duration_ms',
  'qt_ms',
  'qtc_bazett_ms',
  'qtc_fridericia_ms',
  'p_axis_deg',
  'qrs_axis_deg',
  't_axis_deg',
];

const whyNoPaper = (row) => (row.erased ? T.erasedHow : row.state === 'set-aside' ? T.setAsideHow : T.notAnalysed);

export class Screen {
  constructor(main, { id, whole, waveform, refused }) {
    Object.assign(this, { id, waveform, refused });
    this.head = h('header', { class: 'review-head' });
    this.banner = h('div', { class: 'banner', role: 'status', hidden: true });
    this.measured = h('section', { class: 'measured', 'aria-label': say(T.measurements) });
    this.buttons = h('div', { class: 'actions' });
    this.saved = h('span', { class: 'saved', role: 'status' });
    this.findings = new Findings({ edit: (e) => this.edit(e), light: (evidence, jump) => this.light(evidence, jump) });
    this.adder = adder({ add: (line) => this.add(line), template: (lines) => this.template(lines) });
    this.advice = new Advice({
      change: (text) => {
        this.draft.advice = text;
        this.draft.changed();
      },
    });
    this.median = new MedianPanel({ onchange: (fiducials) => this.moved(fiducials) });
    this.drawerBody = h('div', { class: 'drawer', hidden: true });
    this.drawer = { name: null, open: () => this.drawer.name, toggle: (name, focus) => this.toggleDrawer(name, focus) };
    this.column = waveform
      ? this.#paper(whole)
      : h(
          'div',
          { class: 'ecg-column' },
          h('p', { class: 'failed' }, say(whyNoPaper(whole.row))),
        );
    this.adding = h('div', { class: 'adding' }, this.adder.element);
    this.side = h(
      'aside',
      { class: 'side' },
      this.measured,
      h(
        'div',
        { class: 'side-scroll' },
        h('h3', null, say(T.findings), this.saved),
        this.findings.element,
        this.advice.element,
      ),
      this.adding,
      this.buttons,
    );
    refill(
      main,
      h('div', { class: 'review' }, this.head, this.banner, h('div', { class: 'review-body' }, this.column, this.side)),
    );
    this.update(whole);
    if (waveform) {
      this.view.show(waveform, whole.report);
      this.view.set(keptOptions());
      this.toolbar.sync();
      this.strip.show(waveform, whole.report, this.view.options.profile);
    }
  }

  #paper(whole) {
    this.view = new EcgView({
      label: say(T.ecgOf, { n: this.id }),
      onchange: () => this.strip.window(this.view.window()),
    });
    this.stage = h('div', { class: 'stage' }, this.view.element);
    this.strip = new RhythmStrip({ seek: (seconds) => this.seek(seconds) });
    this.compare = new Compare({
      id: this.id,
      view: this.view,
      stage: this.stage,
      take: (text) => this.add({ statement: null, text }),
    });
    this.toolbar = toolbar({
      view: this.view,
      apply: (changes) => this.apply(changes),
      drawer: this.drawer,
      hasPriors: (whole.priors ?? []).length > 0,
    });
    return h('div', { class: 'ecg-column' }, this.toolbar.element, this.stage, this.strip.element, this.drawerBody);
  }

  apply(changes) {
    this.view.set(changes);
    this.compare.apply(changes);
    if (changes.profile) Object.assign(this.strip, { profile: changes.profile }).redraw();
    this.strip.window(this.view.window());
  }

  tool(name) {
    this.view.setTool(name);
    this.toolbar.sync();
  }

  /** Whether the paper is wider than the window. */
  pannable() {
    return this.view?.plan && this.view.plan.width * this.view.view.k > this.view.width + 1;
  }

  /** Turns the sheet by seconds. */
  turn(by) {
    const last = Math.max(0, this.waveform.duration - SHEET_SECONDS);
    this.apply({ from: Math.min(last, Math.max(0, this.view.options.from + by)) });
  }

  seek(seconds) {
    this.view.goTo(seconds);
    this.strip.window(this.view.window());
  }

  light(evidence, jump) {
    if (!this.view) return;
    this.view.light(evidence);
    this.lit = evidence?.leads?.length ? new Set(evidence.leads) : null;
    if (this.drawer.name === 'matrix') this.#fillDrawer();
    const beat = jump && evidence?.beats?.length ? this.view.beats[evidence.beats[0]] : null;
    if (!beat) return;
    const [from, to] = this.view.window();
    if (beat.at_ms / 1000 < from || beat.at_ms / 1000 > to) this.seek(beat.at_ms / 1000);
  }

  /** Takes the case as the centre has it. */
  update(whole) {
    this.whole = whole;
    const had = this.draft;
    had?.stop();
    this.draft = whole.blind
      ? new BlindDraft(this.id)
      : new Draft(this.id, whole.draft, {
          kept: (s) => this.#kept(s),
          trouble: (p) => this.#trouble(p),
          saving: (on) => this.#saving(on),
        });
    this.draft.revision = Math.max(whole.draft?.revision ?? 0, whole.row.revision);
    this.state = whole.draft ?? null;
    this.editable = whole.blind || whole.may.includes('draft');
    this.draw();
  }

  allowed(act) {
    return this.whole.may.includes(act);
  }

  /** The newest signed version, but for readers who see what is to take its place. */
  get standing() {
    const { row, versions, draft } = this.whole;
    return row.state === 'reported' || !draft ? versions?.[0] : undefined;
  }

  get lines() {
    const findings = this.whole.report?.findings ?? [];
    if (!this.standing) return conclude(findings, this.draft.edits);
    return this.standing.lines.map((l) => ({ ...l, finding: findings.find((f) => f.id === l.statement) ?? null }));
  }

  draw() {
    const { whole } = this;
    drawHeader(this.head, whole);
    this.findings.show(this.lines, this.editable);
    this.adding.hidden = !this.editable;
    const advice = this.standing ? this.standing.advice : this.draft.advice;
    this.advice.show(whole.report?.advice ?? [], advice, this.editable, USUAL);
    this.#measure();
    this.#banner();
    const shown = ACTS.filter(([name]) => this.allowed(name));
    refill(
      this.buttons,
      shown.map(([name, text, kind]) =>
        button(say(text), () => this.act(name).catch((e) => notice(e.message, 'fault')), {
          class: kind ?? '',
          data: { act: name },
        }),
      ),
      h('span', { class: 'spacer' }),
      !whole.blind &&
        button(say(T.caseHistory), () => history(whole).catch((e) => notice(e.message, 'fault')), { class: 'quiet' }),
      !whole.blind && whole.report && button(say(T.report), () => this.report(), { class: 'quiet' }),
      button(say(T.nextCase), () => this.control.skip(), {
        class: 'quiet',
        hidden: !this.allowed('draft') && whole.row.state === 'reported',
      }),
    );
    this.#showMedian();
    this.compare?.show(whole, this.editable);
    if (this.drawer.name) this.#fillDrawer();
  }

  #banner() {
    const { critical, row, draft, clinical } = this.whole;
    const lines = [
      this.whole.blind && h('p', null, h('b', null, `${say(T.blind)}${say(T.colon)}`), say(T.blindHow)),
      critical &&
        ['raised', 'acknowledged'].includes(critical.step) &&
        h(
          'p',
          { class: 'alarm' },
          h('b', null, `◆ ${say(T.criticalValue)}${say(T.colon)}`),
          critical.items.map((i) => say(i)).join(say(T.listComma)),
          ` — ${say(critical.step === 'raised' ? T.loopRaised : T.loopAcknowledged)}`,
          clinical?.phone && ` · ☎ ${clinical.phone}`,
        ),
      this.refused &&
        !this.editable &&
        row.state !== 'reported' &&
        h('p', null, this.refused.message, this.refused.by && ` (${this.refused.by})`),
      draft?.draft?.note && h('p', null, h('b', null, `${say(T.note)}${say(T.colon)}`), draft.draft.note),
    ].filter(Boolean);
    refill(this.banner, lines).hidden = lines.length === 0;
  }

  #measure() {
    const { report } = this.whole;
    const now = this.state?.measurements ?? report?.measurements;
    refill(this.measured, report ? globals(this.#local(now), report.measurements, SHORT) : null);
  }

  /** The numbers with the intervals of bounds that are not kept yet. */
  #local(measurements) {
    const median = this.whole.medians?.find((m) => m.group === 0);
    if (!median || !measurements || !Object.keys(this.draft.fiducials).length) return measurements;
    const rr = measurements.global.rr_ms;
    const [was, is] = [intervals(bounds(median, null), rr), intervals(bounds(median, this.draft.fiducials), rr)];
    const names = {
      p: 'p_duration_ms',
      pr: 'pr_ms',
      qrs: 'qrs_duration_ms',
      qt: 'qt_ms',
      qtcb: 'qtc_bazett_ms',
      qtcf: 'qtc_fridericia_ms',
    };
    const global = { ...measurements.global };
    for (const [key, name] of Object.entries(names)) if (is[key] !== was[key]) global[name] = is[key];
    return { ...measurements, global };
  }

  #showMedian() {
    const { report, medians } = this.whole;
    this.median.show({
      medians,
      leads: report?.recording?.leads ?? [],
      rr: report?.measurements?.global?.rr_ms,
      edits: this.draft.fiducials,
      editable: this.editable && !this.whole.blind,
    });
  }

  toggleDrawer(name, focus) {
    this.drawer.name = this.drawer.name === name ? null : name;
    this.drawerBody.hidden = !this.drawer.name;
    this.#fillDrawer();
    this.toolbar?.sync();
    if (focus && this.drawer.name === 'median') this.median.buttons?.get('qrs_onset_ms')?.focus();
  }

  #fillDrawer() {
    const { name } = this.drawer;
    const now = this.state?.measurements ?? this.whole.report?.measurements;
    if (name === 'median') refill(this.drawerBody, this.median.element);
    else if (name === 'matrix')
      refill(
        this.drawerBody,
        h(
          'div',
          { class: 'matrix-page' },
          globals(this.#local(now), this.whole.report?.measurements),
          leadTable(now, this.lit),
        ),
      );
    else if (name === 'earlier') {
      refill(this.drawerBody, this.compare.element);
      this.compare.start();
    } else this.drawerBody.replaceChildren();
  }

  edit(edit) {
    if (!this.editable) return;
    this.draft.edits.push(edit);
    this.#edited();
  }

  add({ statement, text }) {
    this.edit({ edit: 'add', at: this.lines.length, statement, text });
    this.findings.select(this.lines.length - 1);
  }

  /** A template replaces the conclusion. */
  template(lines) {
    if (!this.editable) return;
    for (let n = this.lines.length - 1; n >= 0; n -= 1) this.draft.edits.push({ edit: 'delete', at: n });
    lines.forEach((line, n) =>
      this.draft.edits.push({ edit: 'add', at: n, statement: line.statement, text: line.text }),
    );
    this.#edited();
  }

  undo() {
    if (!this.editable || !this.draft.edits.length) return;
    this.draft.edits.pop();
    this.#edited();
    notice(say(T.undone));
  }

  #edited() {
    this.findings.show(this.lines, this.editable);
    this.draft.changed();
  }

  moved(fiducials) {
    this.draft.fiducials = fiducials;
    this.draft.changed();
    this.#measure();
  }

  #kept(state) {
    this.state = state;
    this.whole.row.verdict = state.verdict;
    drawHeader(this.head, this.whole);
    if (!this.draft.dirty) this.#measure();
  }

  #saving(on) {
    refill(this.saved, say(on ? T.saving : T.kept));
    this.saved.classList.remove('fault');
  }

  #trouble(problem) {
    refill(this.saved, problem.message).classList.add('fault');
    if (problem.code !== 'network') {
      this.editable = false;
      notice(problem.message, 'fault');
      this.control?.reload().catch(() => {});
    }
  }

  connect(control) {
    this.control = control;
  }

  tick() {
    drawHeader(this.head, this.whole);
  }

  /** What will be signed, once all of it is kept. */
  async #seen() {
    await this.draft.flush();
    const { report, critical, row } = this.whole;
    return {
      revision: this.draft.revision,
      verdict: this.state?.verdict ?? row.verdict,
      lines: this.lines,
      difference: difference(report?.findings ?? [], this.lines),
      critical: critical?.step === 'raised',
      second: row.state === 'reading' && this.whole.second === true,
    };
  }

  async act(asked) {
    const name = asked === 'sign' && this.whole.blind ? 'blind' : asked;
    if (!this.allowed(name)) return;
    const { id, control } = this;
    if (name === 'blind') {
      const done = await finish(id, this.lines, this.draft.edits);
      if (!done) return;
      this.draft.done();
      await control.ended(say(T.blindKept), done.next);
    }
    if (name === 'sign') {
      const done = await actions.sign(id, () => this.#seen());
      if (done?.stale) await control.reload(done.stale.message);
      else if (done)
        await control.ended(say(done.version ? T.signedDone : T.signedFirstDone, { n: done.version ?? '' }), done.next);
    } else if (name === 'refuse') {
      await this.draft.flush();
      if (await actions.refuse(id)) await control.ended(say(T.refusedDone));
    } else if (name === 'ask-senior') {
      await this.draft.flush();
      if (await actions.askSenior(id)) await control.ended(say(T.askedDone));
    } else if (name === 'hand-over') {
      await this.draft.flush();
      if (await actions.handOver(id)) await control.ended(say(T.handedDone));
    } else if (name === 'take-over') await control.take();
    else if (name === 'amend') (await actions.amend(id)) && (await control.reload());
    else if (name === 'raise') (await actions.raiseCritical(id)) && (await control.reload(say(T.raisedDone)));
    else if (name === 'withdraw') (await actions.withdrawCritical(id)) && (await control.reload(say(T.withdrawnDone)));
    else if (name === 'retry') await this.#retry();
  }

  async #retry() {
    await api.post(`/api/cases/${this.id}/retry`);
    await this.control.reload(say(T.queuedAgain));
  }

  /** The report as it stands, in a tab of its own. */
  report() {
    window.open(`/api/cases/${this.id}/report.pdf?lang=${language()}`, '_blank', 'noopener');
  }

  close() {
    this.draft.stop();
    this.view?.close();
    this.strip?.close();
    this.median.close();
    this.compare?.close();
  }
}
