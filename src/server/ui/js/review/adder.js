// The line to type in: a statement of the catalogue, a template, or free text (Ctrl+Enter, or Enter when nothing fits).

import { h, refill } from '../core/dom.js';
import { language, say } from '../core/lang.js';
import { T } from '../texts.js';
import { catalogue, find } from './catalogue.js';

let number = 0;

/** `add({statement, text})` for a line, `template(lines)` for a template. */
export function adder({ add, template }) {
  const id = `adder-${(number += 1)}`;
  const input = h('input', {
    class: 'adder-input',
    role: 'combobox',
    'aria-expanded': 'false',
    'aria-controls': id,
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    'aria-label': say(T.addStatement),
    placeholder: say(T.addPlaceholder),
    spellcheck: 'false',
  });
  const list = h('ul', { class: 'adder-list', role: 'listbox', id, hidden: true });
  const element = h('div', { class: 'adder' }, input, list);
  let known = { statements: [], templates: [] };
  let hits = [];
  let at = 0;
  catalogue().then(
    (c) => {
      known = c;
    },
    () => {},
  );

  const close = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const take = (hit) => {
    if (hit?.lines) template(hit.lines);
    else if (hit) add({ statement: hit.id, text: hit.text });
    else if (input.value.trim()) add({ statement: null, text: { zh: input.value.trim(), en: input.value.trim() } });
    input.value = '';
    hits = [];
    close();
  };
  const draw = () => {
    refill(
      list,
      hits.map((hit, n) =>
        h(
          'li',
          {
            role: 'option',
            id: `${id}-${n}`,
            'aria-selected': String(n === at),
            class: hit.lines ? 'template' : '',
            onpointerdown: (event) => {
              event.preventDefault();
              take(hit);
            },
          },
          h('b', null, say(hit.name ?? hit.text)),
          h(
            'small',
            null,
            hit.lines
              ? say(T.template)
              : [language() === 'zh' ? hit.pinyin : hit.text.zh, (hit.codes ?? []).slice(0, 3).join(' ')]
                  .filter(Boolean)
                  .join(' · '),
          ),
        ),
      ),
      input.value.trim() &&
        h(
          'li',
          {
            class: 'free',
            onpointerdown: (event) => {
              event.preventDefault();
              take(null);
            },
          },
          say(T.asFreeText),
          h('kbd', null, 'Ctrl+Enter'),
        ),
    );
    list.hidden = !input.value.trim();
    input.setAttribute('aria-expanded', String(!list.hidden));
    if (hits[at]) input.setAttribute('aria-activedescendant', `${id}-${at}`);
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  input.addEventListener('input', () => {
    const named = known.templates.map((t) => ({ ...t, text: t.name }));
    const templates = find(named, input.value, 3);
    hits = [...find(known.statements, input.value), ...templates];
    at = 0;
    draw();
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (hits.length) at = (at + (event.key === 'ArrowDown' ? 1 : hits.length - 1)) % hits.length;
      draw();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      event.stopPropagation();
      take(event.ctrlKey ? null : hits[at]);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (input.value) {
        input.value = '';
        close();
      } else input.blur();
    }
  });
  input.addEventListener('blur', close);
  return { element, input };
}
