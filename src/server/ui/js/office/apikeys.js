// API keys for devices and gateways.

import * as api from '../core/api.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { confirm, modal } from '../core/dialog.js';
import { moment } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { indented, tree } from './sites.js';
import { table } from './table.js';
import { showOnce } from './users.js';

const SCOPES = [
  ['upload', T.scopeUpload],
  ['metrics', T.scopeMetrics],
];

async function make(sites) {
  const name = h('input', { required: true, autofocus: true });
  const site = choice(tree(sites).map((s) => [s.id, indented(s)]));
  const scope = choice(SCOPES.map(([v, t]) => [v, say(t)]));
  return modal({
    title: say(T.addKey),
    yes: say(T.addKey),
    body: h(
      'div',
      { class: 'grid' },
      field(say(T.name), name, say(T.keyNameHow)),
      field(say(T.site), site),
      field(say(T.scope), scope),
    ),
    submit: () => api.post('/api/keys', { name: name.value.trim(), site: Number(site.value), scope: scope.value }),
  });
}

export async function keys(body) {
  const [{ keys: list }, { sites }] = await Promise.all([api.get('/api/keys'), api.get('/api/sites')]);
  const revoke = async (key) => {
    if (!(await confirm(say(T.revoke), say(T.revokeHow, { name: key.name }), say(T.revoke)))) return;
    await api.remove(`/api/keys/${key.id}`);
    await keys(body);
  };
  const add = async () => {
    const made = await make(sites);
    if (!made) return;
    await showOnce(say(T.apiKey), say(T.keyOnce), made.secret);
    await keys(body);
  };
  const rows = list.map((k) => ({
    off: Boolean(k.revoked),
    cells: [
      k.name,
      h('code', null, `${k.prefix}…`),
      k.site.name,
      say(SCOPES.find(([v]) => v === k.scope)?.[1] ?? k.scope),
      moment(k.created),
      k.last_used ? moment(k.last_used) : '—',
    ],
    acts: [
      k.revoked
        ? say(T.revoked, { t: moment(k.revoked) })
        : button(say(T.revoke), () => revoke(k), { class: 'small' }),
    ],
  }));
  refill(
    body,
    list.length
      ? table([T.name, T.prefix, T.site, T.scope, T.made, T.lastUsed].map((t) => say(t)), rows)
      : h('p', { class: 'hint' }, say(T.noKeys)),
    h('p', null, button(say(T.addKey), add, { class: 'primary' })),
  );
}
