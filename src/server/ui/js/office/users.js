// People: roles, sites, one-time passwords.

import * as api from '../core/api.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { confirm, modal } from '../core/dialog.js';
import { moment } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { indented, tree } from './sites.js';
import { table } from './table.js';

const ROLES = [
  ['clinic', T.roleClinic],
  ['reader', T.roleReader],
  ['senior-reader', T.roleSenior],
  ['quality-officer', T.roleQuality],
  ['administrator', T.roleAdmin],
];

/** A secret that is shown this once. */
export const showOnce = (title, words, secret) =>
  modal({
    title,
    body: [
      h('p', null, words),
      h('p', { class: 'secret' }, h('code', null, secret)),
      button(say(T.copy), (event) =>
        navigator.clipboard?.writeText(secret).then(() => {
          event.target.textContent = say(T.copied);
        }),
      ),
    ],
  });

async function edit(user, list) {
  const control = {
    login: h('input', {
      value: user.login ?? '',
      required: true,
      autofocus: !user.id,
      disabled: Boolean(user.id),
      autocapitalize: 'none',
      spellcheck: 'false',
      autocomplete: 'off',
    }),
    name: h('input', { value: user.name ?? '', required: true, autofocus: Boolean(user.id), autocomplete: 'off' }),
    role: choice(
      ROLES.map(([v, t]) => [v, say(t)]),
      user.role ?? 'clinic',
    ),
    site: choice(
      tree(list).map((s) => [s.id, indented(s)]),
      user.site?.id,
    ),
    lang: choice(
      [
        ['zh', '中文'],
        ['en', 'English'],
      ],
      user.lang ?? 'zh',
    ),
    active: h('input', { type: 'checkbox', checked: user.active !== false }),
  };
  return modal({
    title: say(user.id ? T.editUser : T.addUser),
    yes: say(T.save),
    body: h(
      'div',
      { class: 'grid' },
      field(say(T.login), control.login),
      field(say(T.fullName), control.name),
      field(say(T.role), control.role),
      field(say(T.site), control.site),
      !user.id && field(say(T.language), control.lang),
      user.id && h('label', { class: 'check' }, control.active, h('span', null, say(T.active))),
    ),
    submit: () => {
      const body = { name: control.name.value.trim(), role: control.role.value, site: Number(control.site.value) };
      return user.id
        ? api.patch(`/api/users/${user.id}`, { ...body, active: control.active.checked })
        : api.post('/api/users', { ...body, login: control.login.value.trim(), lang: control.lang.value });
    },
  });
}

export async function users(body) {
  const [{ users: list }, { sites }] = await Promise.all([api.get('/api/users'), api.get('/api/sites')]);
  const again = async (answer) => {
    if (answer?.one_time_password)
      await showOnce(say(T.oneTimePassword), say(T.oneTimeHow, { who: answer.user.login }), answer.one_time_password);
    if (answer) await users(body);
  };
  const reset = async (user) =>
    (await confirm(say(T.resetPassword), say(T.resetHow, { who: user.name }), say(T.resetPassword))) &&
    again(await api.patch(`/api/users/${user.id}`, { reset_password: true }));
  const rows = list.map((u) => ({
    off: u.active === false,
    cells: [
      u.name,
      u.login,
      say(ROLES.find(([r]) => r === u.role)?.[1]),
      u.site.name,
      u.last_login ? moment(u.last_login) : '—',
      u.active === false ? '✕' : u.locked_until ? `🔒 ${moment(u.locked_until)}` : '✓',
    ],
    acts: [
      button(say(T.edit), async () => again(await edit(u, sites)), { class: 'small' }),
      button(say(T.resetPassword), () => reset(u), { class: 'small' }),
      u.locked_until &&
        button(say(T.unlock), async () => again(await api.patch(`/api/users/${u.id}`, { unlock: true })), {
          class: 'small',
        }),
    ],
  }));
  refill(
    body,
    table([T.fullName, T.login, T.role, T.site, T.lastLogin, T.active].map((t) => say(t)), rows),
    h(
      'p',
      null,
      button(say(T.addUser), async () => again(await edit({}, sites)), { class: 'primary' }),
    ),
  );
}
