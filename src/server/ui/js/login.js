// Logging in, and the change of the one-time password that a first log-in demands.

import * as api from './core/api.js';
import { button, field, h, refill } from './core/dom.js';
import { language, say, setLanguage } from './core/lang.js';
import { T } from './texts.js';

/** A form that sends once, shows what was refused and lets the person try again. */
function form(title, fields, yes, send, extra) {
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const go = h('button', { type: 'submit', class: 'primary' }, yes);
  const element = h('form', { class: 'panel login' }, h('h1', null, title), extra, fields, fault, go);
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    go.disabled = true;
    fault.hidden = true;
    try {
      await send(element.elements);
    } catch (error) {
      refill(fault, error.message).hidden = false;
      go.disabled = false;
      element.querySelector('input[type=password]').select();
    }
  });
  return element;
}

export function loginPage(main, start, words) {
  const draw = (note) => {
    const login = h('input', {
      name: 'login',
      autocomplete: 'username',
      required: true,
      autocapitalize: 'none',
      spellcheck: 'false',
    });
    const password = h('input', {
      name: 'password',
      type: 'password',
      autocomplete: 'current-password',
      required: true,
    });
    const element = form(
      say(T.loginTitle),
      [field(say(T.login), login), field(say(T.password), password)],
      say(T.logIn),
      async () => {
        const lang = language();
        const me = await api.post('/api/session', { login: login.value.trim(), password: password.value });
        start(chosen && me.lang !== lang ? { ...me, lang, chosen } : me);
      },
      [note && h('p', { class: 'hint' }, note), h('p', { class: 'hint' }, say(T.notDevice))],
    );
    const other = button(
      language() === 'zh' ? 'English' : '中文',
      () => {
        chosen = true;
        setLanguage(language() === 'zh' ? 'en' : 'zh');
        draw(note);
      },
      { class: 'quiet', lang: language() === 'zh' ? 'en' : 'zh-CN' },
    );
    document.title = say(T.loginTitle);
    refill(main, h('div', { class: 'login-page' }, element, other));
    login.focus();
  };
  let chosen = false;
  draw(words);
}

export function passwordPage(main, start) {
  const old = h('input', { type: 'password', autocomplete: 'current-password', required: true });
  const first = h('input', { type: 'password', autocomplete: 'new-password', required: true, minlength: 10 });
  const again = h('input', { type: 'password', autocomplete: 'new-password', required: true, minlength: 10 });
  const element = form(
    say(T.newPasswordTitle),
    [
      field(say(T.oneTimePassword), old),
      field(say(T.newPassword), first, say(T.passwordRule)),
      field(say(T.again), again),
    ],
    say(T.save),
    async () => {
      if (first.value !== again.value) throw new Error(say(T.notTheSame));
      start(await api.replace('/api/session/password', { old: old.value, new: first.value }));
    },
    h('p', { class: 'hint' }, say(T.newPasswordWhy)),
  );
  refill(main, h('div', { class: 'login-page' }, element));
  old.focus();
}
