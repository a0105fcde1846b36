// The administrator's pages: sites, people, keys, settings, audit, operation.

import { h, refill } from '../core/dom.js';
import { bind } from '../core/keys.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { sites } from './sites.js';
import { users } from './users.js';
import { keys } from './apikeys.js';
import { settings } from './settings.js';
import { audit } from './audit.js';
import { operation } from './operation.js';

const TABS = [
  ['sites', T.sites, sites],
  ['users', T.users, users],
  ['keys', T.apiKeys, keys],
  ['settings', T.settings, settings],
  ['audit', T.audit, audit],
  ['operation', T.operation, operation],
];

export async function open(main, [name]) {
  const [current, , show] = TABS.find(([tab]) => tab === name) ?? TABS[0];
  const body = h('div', { class: 'office-body' });
  refill(
    main,
    h(
      'div',
      { class: 'office' },
      h(
        'nav',
        { class: 'tabs', 'aria-label': say(T.admin) },
        TABS.map(([tab, text]) =>
          h('a', { href: `#/admin/${tab}`, 'aria-current': tab === current ? 'page' : undefined }, say(text)),
        ),
      ),
      body,
    ),
  );
  bind([]);
  await show(body);
}
