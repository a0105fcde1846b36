// The public page behind the code on a signed report: whether it is genuine, whole and the newest; nothing else. The
// PDF stays on this computer: only its SHA-256 is sent.

import * as api from './core/api.js';
import { button, field, h, refill } from './core/dom.js';
import { language, say, setLanguage } from './core/lang.js';
import { moment } from './core/format.js';
import { T } from './texts.js';

const main = document.getElementById('main');
let code = decodeURIComponent(location.pathname.split('/').pop() ?? '');
if (code === 'v' || code === 'verify.html') code = '';
let sha256 = null;

const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');

function row(good, words) {
  const state = { true: 'good', false: 'bad' }[good] ?? 'open';
  return h(
    'li',
    { class: state },
    h('span', { 'aria-hidden': 'true' }, { good: '✓', bad: '✗', open: '○' }[state]),
    words,
  );
}

function verdict(answer) {
  if (!answer.genuine) return h('ul', { class: 'verify' }, row(false, say(T.notGenuine)));
  return h(
    'ul',
    { class: 'verify' },
    row(true, say(T.genuine, { centre: say(answer.centre), when: moment(answer.signed, { whole: true }), n: answer.version })),
    answer.newest === true && row(true, say(T.newest)),
    answer.newest === false && row(false, say(T.notNewest)),
    answer.whole === null || answer.whole === undefined
      ? row(null, say(T.wholeUnknown))
      : row(answer.whole, say(answer.whole ? T.whole : T.notWhole)),
  );
}

async function draw() {
  document.title = say(T.verifyTitle);
  const result = h('div', { role: 'status' });
  const input = h('input', {
    value: code,
    autocapitalize: 'characters',
    spellcheck: 'false',
    autocomplete: 'off',
    required: true,
  });
  const file = h('input', {
    type: 'file',
    accept: 'application/pdf',
    onchange: async () => {
      const chosen = file.files[0];
      sha256 =
        chosen && globalThis.crypto?.subtle
          ? hex(await crypto.subtle.digest('SHA-256', await chosen.arrayBuffer()))
          : null;
      if (chosen && !sha256) refill(result, h('p', { class: 'fault' }, say(T.needsHttps)));
      else ask();
    },
  });
  const ask = async () => {
    code = input.value.trim();
    if (!code) return;
    try {
      const query = sha256 ? `?sha256=${sha256}` : '';
      refill(result, verdict(await api.get(`/api/verify/${encodeURIComponent(code)}${query}`)));
    } catch (error) {
      refill(
        result,
        h('p', { class: 'fault', role: 'alert' }, error.status === 404 ? say(T.notGenuine) : error.message),
      );
    }
  };
  const form = h(
    'form',
    { class: 'panel login' },
    h('h1', null, say(T.verifyTitle)),
    h('p', { class: 'hint' }, say(T.verifyHow)),
    field(say(T.verifyCode), input),
    field(say(T.verifyFile), file, say(T.verifyFileHow)),
    h('button', { type: 'submit', class: 'primary' }, say(T.check)),
    result,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    ask();
  });
  refill(
    main,
    h(
      'div',
      { class: 'login-page' },
      form,
      button(
        language() === 'zh' ? 'English' : '中文',
        () => {
          setLanguage(language() === 'zh' ? 'en' : 'zh');
          draw();
        },
        { class: 'quiet' },
      ),
    ),
  );
  await ask();
}

draw();
