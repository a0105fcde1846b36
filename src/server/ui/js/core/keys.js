// The keyboard: one table of bindings for the page shown, and the help that `?` opens, made from that table.

import { h } from './dom.js';
import { say } from './lang.js';
import { modal } from './dialog.js';
import { T } from '../texts.js';

let bindings = [];

/**
 * Sets the bindings of a page: [{keys: ['s'], text: {zh, en}, run: event => …, typing: true}].
 * A key is KeyboardEvent.key with modifiers before it ('Shift+Tab', 'Ctrl+Enter'); letters are matched in either case.
 * `typing` lets a binding act inside a text field too.
 */
export function bind(list) {
  bindings = list;
}

const name = (event) =>
  [
    event.ctrlKey && 'Ctrl',
    event.altKey && 'Alt',
    event.shiftKey && event.key.length > 1 && 'Shift',
    event.key.length === 1 ? event.key.toLowerCase() : event.key,
  ]
    .filter(Boolean)
    .join('+');

const isTyping = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Whether the element acts on this key by itself (Enter and Space on buttons and links). */
const hasOwn = (target, key) =>
  (key === 'Enter' || key === ' ') && target instanceof HTMLElement && /^(BUTTON|A|SUMMARY)$/.test(target.tagName);

export function listen() {
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.metaKey || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const key = name(event);
    if (hasOwn(event.target, key)) return;
    const typing = isTyping(event.target);
    if (key === '?' && !typing) {
      event.preventDefault();
      help();
      return;
    }
    const hit = bindings.find(
      (b) => b.keys.some((k) => (k.length === 1 ? k.toLowerCase() : k) === key) && (!typing || b.typing),
    );
    if (!hit) return;
    event.preventDefault();
    hit.run(event);
  });
}

const SHOWN = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  ' ': 'Space',
  Delete: 'Del',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
};

function cap(key) {
  const parts = key === '+' ? ['+'] : key.split('+');
  const last = parts.pop() || '+';
  const shown = SHOWN[last] ?? (last.length === 1 ? last.toUpperCase() : last);
  return h('kbd', null, [...parts, shown].join('+'));
}

/** Shows every key of the page. */
export function help() {
  const rows = bindings
    .filter((b) => b.text)
    .map((b) => h('div', { class: 'key-row' }, h('dt', null, b.keys.map(cap)), h('dd', null, say(b.text))));
  modal({ title: say(T.keyboard), wide: true, body: h('dl', { class: 'keys' }, rows) });
}
