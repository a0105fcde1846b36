// Advice to the clinic: the machine's lines until the reader writes something else.

import { button, h, refill } from '../core/dom.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

export class Advice {
  /** `change(text | null)`: null = the machine's advice stands. */
  constructor({ change }) {
    this.text = h('textarea', { rows: 2, 'aria-label': say(T.advice), placeholder: say(T.advicePlaceholder) });
    this.text.addEventListener('input', () => this.#mine(this.text.value));
    this.text.addEventListener('keydown', (event) => event.key === 'Escape' && this.text.blur());
    this.chips = h('div', { class: 'chips' });
    this.element = h('section', { class: 'advice' }, h('h3', null, say(T.advice)), this.text, this.chips);
    this.change = change;
  }

  /** `machine`: the report's advice lines; `mine`: the reader's text or null. */
  show(machine, mine, editable, usual = []) {
    Object.assign(this, { machine, mine, editable });
    this.usual = usual;
    this.text.disabled = !editable;
    this.#draw();
  }

  #standing() {
    return this.mine ?? this.machine.map((a) => say(a)).join('\n');
  }

  #mine(text) {
    this.mine = text === this.machine.map((a) => say(a)).join('\n') ? null : text;
    this.change(this.mine);
    this.#buttons();
  }

  #draw() {
    this.text.value = this.#standing();
    this.text.rows = Math.min(5, Math.max(2, this.text.value.split('\n').length));
    this.#buttons();
  }

  #buttons() {
    const lines = this.#standing()
      .split('\n')
      .map((l) => l.trim())
      .filter(Boolean);
    const more = this.usual.map((u) => say(u)).filter((line) => !lines.includes(line));
    refill(
      this.chips,
      this.editable && [
        more.slice(0, 6).map((line) =>
          button(
            `+ ${line}`,
            () => {
              this.#mine([...lines, line].join('\n'));
              this.#draw();
            },
            { class: 'chip' },
          ),
        ),
        this.mine !== null &&
          button(
            say(T.machineAdvice),
            () => {
              this.#mine(this.machine.map((a) => say(a)).join('\n'));
              this.#draw();
            },
            { class: 'chip' },
          ),
      ],
    );
  }
}

/** Lines of advice that Chinese primary care expects most; the centre's own table gives the machine's. */
export const USUAL = [
  T.adviceClinical,
  T.adviceHolter,
  T.adviceSerial,
  T.adviceRefer,
  T.adviceEcho,
  T.adviceElectrolytes,
];
