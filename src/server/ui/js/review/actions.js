// What ends a reading: sign, refuse, ask a senior, hand over, amend; and the critical value said or withdrawn.

import * as api from '../core/api.js';
import { button, choice, field, h } from '../core/dom.js';
import { confirm, modal } from '../core/dialog.js';
import { verdictBadge } from '../core/badges.js';
import { say } from '../core/lang.js';
import { who } from '../core/who.js';
import { T } from '../texts.js';
import { catalogue } from './catalogue.js';

const area = (props) => h('textarea', { rows: 3, required: true, autofocus: true, ...props });

/** Ctrl+Enter in a dialog's text sends it. */
const sends = (element) => {
  element.addEventListener(
    'keydown',
    (event) => event.key === 'Enter' && event.ctrlKey && element.form.requestSubmit(),
  );
  return element;
};

/**
 * Signs what is seen. `seen()` settles to {revision, verdict, lines, difference, critical, second} once everything is kept.
 * Gives {row, version, code, next}, {stale: problem} when it must be looked at again, or undefined.
 */
export async function sign(id, seen) {
  const state = await seen();
  const secret = h('input', {
    type: 'password',
    autocomplete: 'off',
    required: true,
    autofocus: true,
    'data-lpignore': 'true',
    name: 'signing-secret',
  });
  const { confirmed, changed, deleted, added, free } = state.difference;
  const count = (n, text) => n > 0 && h('li', null, say(text, { n }));
  return modal({
    title: say(state.second ? T.signFirst : T.sign),
    yes: say(T.sign),
    body: [
      h('p', null, verdictBadge(state.verdict)),
      h(
        'ol',
        { class: 'sign-lines' },
        state.lines.map((l) => h('li', { class: `origin-${l.origin}` }, say(l.text))),
      ),
      state.lines.length === 0 && h('p', { class: 'fault' }, say(T.noLinesToSign)),
      h(
        'ul',
        { class: 'sign-counts' },
        count(confirmed, T.nConfirmed),
        count(changed, T.nChanged),
        count(deleted, T.nDeleted),
        count(added, T.nAdded),
        count(free, T.nFree),
      ),
      state.critical && h('p', { class: 'fault' }, say(T.criticalOpenAtSigning)),
      state.second && h('p', { class: 'hint' }, say(T.secondWillFollow)),
      field(say(who().has_pin ? T.passwordOrPin : T.password), secret),
    ],
    submit: () => {
      if (!state.lines.length) throw new Error(say(T.noLinesToSign));
      return api.post(`/api/cases/${id}/sign`, { secret: secret.value, revision: state.revision }).catch((error) => {
        if (error.code !== 'stale') throw error;
        return { stale: error };
      });
    },
  });
}

export async function refuse(id) {
  const { quality_reasons: reasons = [] } = await catalogue().catch(() => ({}));
  const text = sends(area({ name: 'reason' }));
  const put = (reason) => () => {
    text.value = [text.value.trim(), say(reason)].filter(Boolean).join(say(T.listComma));
    text.focus();
  };
  return modal({
    title: say(T.refuse),
    yes: say(T.refuseYes),
    danger: true,
    body: [
      h('p', { class: 'hint' }, say(T.refuseHow)),
      h(
        'div',
        { class: 'chips' },
        reasons.map((r) => button(say(r), put(r), { class: 'chip' })),
      ),
      field(say(T.reason), text),
    ],
    submit: () => {
      if (!text.value.trim()) throw new Error(say(T.reasonNeeded));
      return api.post(`/api/cases/${id}/refuse`, { reason: text.value.trim() });
    },
  });
}

export function askSenior(id) {
  const note = sends(area({ required: false }));
  return modal({
    title: say(T.askSenior),
    yes: say(T.askSenior),
    body: field(say(T.noteToSenior), note, say(T.notPrinted)),
    submit: () => api.post(`/api/cases/${id}/ask-senior`, { note: note.value.trim() || null }),
  });
}

export async function handOver(id) {
  const { readers } = await api.get('/api/readers');
  const others = readers.filter((r) => r.id !== who().id);
  const to = choice(
    others.map((r) => [r.id, `${r.online ? '●' : '○'} ${r.name}`]),
    others.find((r) => r.online)?.id,
    { autofocus: true, required: true },
  );
  const note = sends(area({ required: false, autofocus: false }));
  return modal({
    title: say(T.handOver),
    yes: say(T.handOver),
    body: [field(say(T.colleague), to, say(T.onlineHow)), field(say(T.note), note, say(T.notPrinted))],
    submit: () => api.post(`/api/cases/${id}/hand-over`, { to: Number(to.value), note: note.value.trim() || null }),
  });
}

export function amend(id) {
  const reason = sends(area());
  return modal({
    title: say(T.amend),
    yes: say(T.amend),
    body: [h('p', { class: 'hint' }, say(T.amendHow)), field(say(T.amendReason), reason)],
    submit: () => {
      if (!reason.value.trim()) throw new Error(say(T.reasonNeeded));
      return api.post(`/api/cases/${id}/amend`, { reason: reason.value.trim() });
    },
  });
}

export function raiseCritical(id) {
  const what = sends(area());
  return modal({
    title: say(T.raiseCritical),
    yes: say(T.raiseCritical),
    danger: true,
    body: [h('p', { class: 'hint' }, say(T.raiseHow)), field(say(T.whatCritical), what)],
    submit: () => {
      if (!what.value.trim()) throw new Error(say(T.reasonNeeded));
      return api.ask(`/api/cases/${id}/critical/raise`, { what: what.value.trim() });
    },
  });
}

export async function withdrawCritical(id) {
  const yes = await confirm(say(T.withdrawCritical), say(T.withdrawHow), say(T.withdrawCritical));
  return yes ? api.ask(`/api/cases/${id}/critical/withdraw`) : undefined;
}
