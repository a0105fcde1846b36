// Originals whose time has come: listed, and deleted when the administrator says so. Nothing goes by itself.

import * as api from '../core/api.js';
import { button, field, h, refill } from '../core/dom.js';
import { modal, notice } from '../core/dialog.js';
import { bytes, moment } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { table } from './table.js';

/** Asks for the number in figures, so that nobody deletes by a slip of the hand. */
function ask(listed) {
  const typed = h('input', { inputmode: 'numeric', autocomplete: 'off', required: true, autofocus: true });
  return modal({
    title: say(T.eraseExpired),
    yes: say(T.eraseExpired),
    danger: true,
    body: [
      h('p', null, say(T.eraseHow, { n: listed.number, t: moment(listed.before) })),
      h('p', { class: 'hint' }, say(T.eraseBackups)),
      field(say(T.typeNumber, { n: listed.number }), typed),
    ],
    submit: () => {
      if (typed.value.trim() !== String(listed.number)) throw new Error(say(T.typeNumber, { n: listed.number }));
      return api.post('/api/retention', { before: listed.before, number: listed.number });
    },
  });
}

export async function retention() {
  const box = h('div');
  const load = async () => {
    const listed = await api.get('/api/retention');
    const erase = async () => {
      const done = await ask(listed);
      if (!done) return;
      notice(say(T.erasedN, { n: done.erased, left: done.left }));
      await load();
    };
    refill(
      box,
      h(
        'p',
        { class: 'hint' },
        listed.before
          ? say(T.expiredN, { years: listed.keep_years, t: moment(listed.before), n: listed.number })
          : say(T.neverExpires),
      ),
      listed.number > 0 && [
        table(
          [say(T.caseNumber), say(T.site), say(T.receivedAt), say(T.signedVersions), say(T.files)],
          listed.cases.map((c) => ({
            cells: [`#${c.id}`, c.site.name, moment(c.received), c.versions, `${c.files} · ${bytes(c.bytes)}`],
          })),
        ),
        listed.number > listed.cases.length &&
          h('p', { class: 'hint' }, say(T.oldestShown, { n: listed.cases.length, all: listed.number })),
        h('p', null, button(say(T.eraseExpired), erase, { class: 'danger' })),
      ],
    );
  };
  await load().catch((error) => refill(box, h('p', { class: 'fault' }, error.message)));
  return box;
}
