// One's own account: password and signing PIN.

import * as api from './core/api.js';
import { button, field, h } from './core/dom.js';
import { modal, notice } from './core/dialog.js';
import { say } from './core/lang.js';
import { may, who } from './core/who.js';
import { T } from './texts.js';

const secret = (props) => h('input', { type: 'password', required: true, ...props });

function changePassword(restart) {
  const [old, first, again] = [
    secret({ autocomplete: 'current-password', autofocus: true }),
    secret({ autocomplete: 'new-password', minlength: 10 }),
    secret({ autocomplete: 'new-password', minlength: 10 }),
  ];
  return modal({
    title: say(T.changePassword),
    yes: say(T.save),
    body: [
      field(say(T.password), old),
      field(say(T.newPassword), first, say(T.passwordRule)),
      field(say(T.again), again),
    ],
    submit: async () => {
      if (first.value !== again.value) throw new Error(say(T.notTheSame));
      restart(await api.replace('/api/session/password', { old: old.value, new: first.value }));
      notice(say(T.saved));
      return true;
    },
  });
}

/** Sets or takes away the PIN that signs; `restart` begins the session with the changed account. */
function setPin(restart) {
  const password = secret({ autocomplete: 'current-password', autofocus: true });
  const pin = secret({ autocomplete: 'off', inputmode: 'numeric', pattern: '[0-9]{4,12}', required: false });
  return modal({
    title: say(T.signingPin),
    yes: say(T.save),
    body: [field(say(T.password), password), field(say(T.pin), pin, say(T.pinRule))],
    submit: async () => {
      restart(await api.replace('/api/session/pin', { password: password.value, pin: pin.value || null }));
      notice(say(T.saved));
      return true;
    },
  });
}

export function account(restart) {
  const me = who();
  modal({
    title: say(T.account),
    body: [
      h('p', null, `${me.name} (${me.login}) · ${say(me.role_text)} · ${me.site.name}`),
      h(
        'div',
        { class: 'row' },
        button(say(T.changePassword), () => changePassword(restart)),
        may('read') && button(say(me.has_pin ? T.changePin : T.setPin), () => setPin(restart)),
      ),
      h('p', { class: 'hint' }, say(T.version, { v: me.version })),
    ],
  });
}
