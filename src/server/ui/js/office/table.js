// The tables of the office: a head, rows whose first cell names them, and what can be done with a row at its end.

import { h } from '../core/dom.js';

/** A row: {cells, off, chosen, sum, acts}; `acts` are buttons, `off` greys it. */
function line({ cells, acts, off, chosen, sum }) {
  const [name, ...rest] = cells;
  const buttons = acts?.filter(Boolean).flatMap((act, n) => (n ? [' ', act] : [act]));
  return h(
    'tr',
    { class: [off && 'off', chosen && 'chosen', sum && 'sum'].filter(Boolean).join(' ') },
    h('th', { scope: 'row' }, name),
    rest.map((cell) => h('td', null, cell)),
    acts && h('td', { class: 'acts' }, buttons),
  );
}

/** The rows of a table that is there already. */
export const lines = (rows) => rows.map(line);

/** A table that scrolls sideways where it must. `tall`: it scrolls downwards too. */
export const table = (head, rows, { tall } = {}) =>
  h(
    'div',
    { class: `scroll${tall ? ' tall' : ''}` },
    h(
      'table',
      { class: 'data' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          head.map((words) => h('th', { scope: 'col' }, words)),
          rows.some((r) => r.acts) && h('th'),
        ),
      ),
      h('tbody', null, lines(rows)),
    ),
  );
