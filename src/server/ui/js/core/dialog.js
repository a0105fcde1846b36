// Dialogs on the browser's own <dialog>: focus stays inside, Esc closes, focus goes back to where it was.

import { button, h, refill } from './dom.js';
import { say } from './lang.js';
import { T } from '../texts.js';

/**
 * Opens a dialog; the promise is what `submit` gave, or undefined when it was closed.
 * submit(form): a value closes it; throwing shows the message and leaves it open.
 */
export function modal({ title, body, submit, yes, danger, wide }) {
  const before = document.activeElement;
  return new Promise((resolve) => {
    const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
    const go = h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, yes ?? say(T.ok));
    const form = h(
      'form',
      { method: 'dialog' },
      h('h2', null, title),
      h('div', { class: 'dialog-body' }, body),
      fault,
      h(
        'footer',
        null,
        button(say(submit ? T.cancel : T.close), () => dialog.close(), { class: 'quiet' }),
        submit && go,
      ),
    );
    const dialog = h('dialog', { class: wide ? 'wide' : '', 'aria-label': title }, form);
    let result;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (!submit || go.disabled) return;
      go.disabled = true;
      try {
        result = await submit(form);
        dialog.close();
      } catch (error) {
        refill(fault, error.message).hidden = false;
        go.disabled = false;
      }
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      before?.focus?.();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector('[autofocus]')?.focus();
  });
}

/** Asks yes or no. */
export const confirm = (title, words, yes) => modal({ title, body: h('p', null, words), yes, submit: () => true });

let region;

/** A short message at the foot of the page, read out by screen readers. `kind`: 'done', 'fault'. */
export function notice(words, kind = 'done') {
  region ??= document.body.appendChild(h('div', { class: 'notices', 'aria-live': 'polite' }));
  const item = h('p', { class: `notice ${kind}` }, words);
  region.append(item);
  setTimeout(() => item.remove(), kind === 'fault' ? 9000 : 4000);
}
