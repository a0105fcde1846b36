// The findings: the machine's and the reader's, each with what it rests on. Pointing at one (or walking to it with the
// arrow keys) lights its beats and leads on the paper.

import { button, field, h, refill } from '../core/dom.js';
import { modal } from '../core/dialog.js';
import { number } from '../core/format.js';
import { language, say } from '../core/lang.js';
import { T } from '../texts.js';

const CONFIDENCE = { possible: T.possible, probable: T.probable, definite: T.definite };
const SEVERITY = {
  critical: ['◆', T.critical],
  abnormal: ['■', T.verdictAbnormal],
  borderline: ['◧', T.verdictBorderline],
  normal: ['○', T.verdictNormal],
};
const ORIGIN = { machine: T.byMachine, changed: T.byChanged, added: T.byAdded };

function evidence(finding) {
  const { numbers, leads, beats } = finding.evidence;
  return h(
    'div',
    { class: 'evidence' },
    numbers.map((n) =>
      h(
        'p',
        null,
        `${say(n.name)} `,
        h(
          'b',
          null,
          `${number(n.value, Math.abs(n.value) < 10 && n.unit === 'mV' ? 2 : Math.abs(n.value) < 10 ? 1 : 0)} ${n.unit}`,
        ),
        n.limit && h('small', null, ` (${n.limit})`),
      ),
    ),
    leads.length > 0 && h('p', null, `${say(T.leads)}${say(T.colon)}${leads.join(' ')}`),
    beats.length > 0 &&
      h(
        'p',
        null,
        `${say(T.beats)}${say(T.colon)}${beats
          .slice(0, 12)
          .map((b) => b + 1)
          .join(' ')}${beats.length > 12 ? ' …' : ''}`,
      ),
    h('p', { class: 'criteria' }, say(finding.criteria)),
    h('p', { class: 'source' }, (language() === 'en' && finding.source?.english) || finding.source?.cite),
  );
}

export class Findings {
  /** `edit(edit)` keeps a change; `light(evidence | null, go)` lights the paper. */
  constructor({ edit, light }) {
    Object.assign(this, { edit, light });
    this.list = h('ol', { class: 'findings', 'aria-label': say(T.findings) });
    this.element = this.list;
    this.at = -1;
    this.ticked = new Set();
    this.list.addEventListener('pointerleave', () => this.#lightSelected());
  }

  show(lines, editable) {
    Object.assign(this, { lines, editable });
    this.at = Math.min(this.at, lines.length - 1);
    this.#draw();
  }

  select(at, go = true) {
    this.at = Math.max(-1, Math.min(at, this.lines.length - 1));
    this.#draw();
    this.#lightSelected(go);
    this.list.children[this.at]?.scrollIntoView({ block: 'nearest' });
  }

  move(by) {
    if (!this.lines.length) return;
    this.select(
      this.at < 0 ? (by > 0 ? 0 : this.lines.length - 1) : (this.at + by + this.lines.length) % this.lines.length,
    );
  }

  #lightSelected(go = false) {
    this.light(this.lines[this.at]?.finding?.evidence ?? null, go);
  }

  remove() {
    if (!this.editable || this.at < 0) return;
    this.edit({ edit: 'delete', at: this.at });
  }

  shift(by) {
    const to = this.at + by;
    if (!this.editable || this.at < 0 || to < 0 || to >= this.lines.length) return;
    const from = this.at;
    this.at = to;
    this.edit({ edit: 'move', from, to });
  }

  tick() {
    const line = this.lines[this.at];
    if (!line) return;
    const key = line.statement ?? line.text.zh;
    if (!this.ticked.delete(key)) this.ticked.add(key);
    this.#draw();
  }

  /** Other words for a line. What is changed in one language only would contradict the other: it then stands in both. */
  async reword() {
    const line = this.lines[this.at];
    if (!this.editable || !line) return;
    const { at } = this;
    const zh = h('textarea', { rows: 2, value: line.text.zh, lang: 'zh-CN' });
    const en = h('textarea', { rows: 2, value: line.text.en, lang: 'en' });
    const fields = [field('中文', zh), field('English', en)];
    if (language() === 'en') fields.reverse();
    fields[0].querySelector('textarea').setAttribute('autofocus', '');
    for (const area of [zh, en])
      area.addEventListener(
        'keydown',
        (e) => e.key === 'Enter' && !e.shiftKey && !e.isComposing && (e.preventDefault(), area.form.requestSubmit()),
      );
    const text = await modal({
      title: say(T.reword),
      yes: say(T.save),
      body: [fields, h('p', { class: 'hint' }, say(T.rewordHow))],
      submit: () => {
        const [a, b] = [zh.value.trim(), en.value.trim()];
        if (!a && !b) throw new Error(say(T.emptyLine));
        const [zhNew, enNew] = [a !== line.text.zh, b !== line.text.en];
        return { zh: zhNew || !enNew ? a || b : b, en: enNew || !zhNew ? b || a : a };
      },
    });
    if (text && (text.zh !== line.text.zh || text.en !== line.text.en)) this.edit({ edit: 'reword', at, text });
  }

  #draw() {
    refill(
      this.list,
      this.lines.map((line, n) => this.#row(line, n)),
    );
    if (!this.lines.length) this.list.append(h('li', { class: 'hint' }, say(T.noLines)));
  }

  #row(line, n) {
    const { finding } = line;
    const [shape, severity] = SEVERITY[finding?.severity] ?? ['✎', T.byAdded];
    const selected = n === this.at;
    const ticked = this.ticked.has(line.statement ?? line.text.zh);
    const act = (run) => (event) => {
      event.stopPropagation();
      this.at = n;
      run();
    };
    return h(
      'li',
      {
        class: `finding severity-${finding?.severity ?? 'added'} origin-${line.origin}${selected ? ' selected' : ''}`,
        'aria-current': selected ? 'true' : undefined,
        onpointerenter: () => finding && this.light(finding.evidence, false),
        onclick: () => this.select(n),
      },
      h(
        'div',
        { class: 'finding-head' },
        h('i', { class: 'shape', title: say(severity), 'aria-label': say(severity) }, shape),
        h('span', { class: 'words' }, say(line.text)),
        ticked && h('span', { class: 'tick', title: say(T.ticked) }, '✓'),
        this.editable &&
          h(
            'span',
            { class: 'acts' },
            button(
              '✎',
              act(() => this.reword()),
              { title: say(T.reword), 'aria-label': say(T.reword) },
            ),
            button(
              '✕',
              act(() => this.remove()),
              { title: say(T.remove), 'aria-label': say(T.remove) },
            ),
          ),
      ),
      h(
        'div',
        { class: 'finding-foot' },
        h('span', { class: `origin ${line.origin}` }, say(ORIGIN[line.origin])),
        finding && h('span', null, say(CONFIDENCE[finding.confidence])),
        finding?.evidence.numbers[0] &&
          !selected &&
          h(
            'span',
            { class: 'why' },
            `${say(finding.evidence.numbers[0].name)} ${number(finding.evidence.numbers[0].value, finding.evidence.numbers[0].unit === 'mV' ? 2 : 0)} ${finding.evidence.numbers[0].unit}`,
          ),
      ),
      selected && finding && evidence(finding),
    );
  }
}
