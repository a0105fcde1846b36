// What happened to a case: its signed versions, each as it was signed, and the entries of the audit.

import * as api from '../core/api.js';
import { h } from '../core/dom.js';
import { modal } from '../core/dialog.js';
import { moment } from '../core/format.js';
import { language, say } from '../core/lang.js';
import { T } from '../texts.js';

function version(id, v) {
  const href = (lang) => `/api/cases/${id}/report.pdf?version=${v.version}&lang=${lang}`;
  return h(
    'li',
    null,
    h('b', null, say(T.versionN, { n: v.version })),
    ` ${moment(v.signed)} · ${v.by.name}${v.second ? ` / ${v.second.name}` : ''} · ${say(T.verifyCode)} `,
    h('code', null, v.code),
    ' ',
    ['zh', 'en'].map((lang) =>
      h('a', { href: href(lang), target: '_blank', rel: 'noopener' }, `PDF ${lang === 'zh' ? '中文' : 'English'} `),
    ),
    v.reason && h('div', { class: 'dim' }, `${say(T.amendReason)}${say(T.colon)}${v.reason}`),
    h('div', { class: 'dim' }, v.lines.map((l) => say(l.text)).join(say(T.listComma))),
  );
}

export async function history({ row, versions }) {
  const { entries } = await api.get(`/api/cases/${row.id}/history`);
  await modal({
    title: `${say(T.caseHistory)} · #${row.id}`,
    wide: true,
    body: [
      (versions ?? []).length > 0 &&
        h(
          'ul',
          { class: 'versions' },
          versions.map((v) => version(row.id, v)),
        ),
      h(
        'table',
        { class: 'data', lang: language() === 'zh' ? 'zh-CN' : 'en' },
        h(
          'tbody',
          null,
          entries.map((e) =>
            h(
              'tr',
              null,
              h('td', null, moment(e.at)),
              h('td', null, e.actor?.name ?? (e.key ? say(T.apiKey) : say(T.program))),
              h('td', null, say(e.action_text)),
            ),
          ),
        ),
      ),
    ],
  });
}
