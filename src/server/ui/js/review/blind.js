// Blind re-reading: the list of what a reader is to read again without seeing what was signed, and the end of such a
// reading. Its edits stay in this window until they are sent: the centre keeps no draft of a second opinion.

import * as api from '../core/api.js';
import { h, refill } from '../core/dom.js';
import { modal } from '../core/dialog.js';
import { bind } from '../core/keys.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { CaseList } from '../worklist/list.js';

/** Edits as a `Draft` has them, kept for as long as the window is open. */
export class BlindDraft {
  constructor(id) {
    this.key = `blind-${id}`;
    Object.assign(this, { fiducials: {}, advice: null, note: null, dirty: false });
    try {
      this.edits = JSON.parse(sessionStorage.getItem(this.key)) ?? [];
    } catch {
      this.edits = [];
    }
  }

  changed() {
    sessionStorage.setItem(this.key, JSON.stringify(this.edits));
  }

  async flush() {}

  stop() {}

  done() {
    sessionStorage.removeItem(this.key);
  }
}

/** Asks once more and sends; gives {next} or undefined. */
export const finish = (id, lines, edits) =>
  modal({
    title: say(T.blindDone),
    yes: say(T.blindDone),
    body: [
      h(
        'ol',
        { class: 'sign-lines' },
        lines.map((l) => h('li', { class: `origin-${l.origin}` }, say(l.text))),
      ),
      h('p', { class: 'hint' }, say(T.blindDoneHow)),
    ],
    submit: () => {
      if (!lines.length) throw new Error(say(T.noLinesToSign));
      return api.post(`/api/cases/${id}/blind`, { edits });
    },
  });

export async function open(main, _, go) {
  const list = new CaseList({ label: say(T.blind) });
  const { cases } = await api.get('/api/blind/mine');
  list.show(cases);
  refill(
    main,
    h(
      'div',
      { class: 'worklist' },
      h('div', { class: 'worklist-head' }, h('p', { class: 'hint' }, say(T.blindHow))),
      list.element,
      cases.length === 0 && h('p', { class: 'empty' }, say(T.blindNone)),
    ),
  );
  bind([
    { keys: ['ArrowDown', 'j'], text: T.keyDownRow, run: () => list.move(1) },
    { keys: ['ArrowUp', 'k'], text: T.keyUpRow, run: () => list.move(-1) },
    { keys: ['Enter', 'o'], text: T.keyOpen, run: () => list.id && go('case', list.id) },
  ]);
}
