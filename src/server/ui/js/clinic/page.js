// The clinic's page: send ECGs, see where each one stands, print the signed report.

import * as api from '../core/api.js';
import * as live from '../core/live.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { modal, notice } from '../core/dialog.js';
import { loopBadge, stateBadge, verdictBadge } from '../core/badges.js';
import { bytes, moment, sexAge } from '../core/format.js';
import { bind } from '../core/keys.js';
import { language, say } from '../core/lang.js';
import { who } from '../core/who.js';
import { T } from '../texts.js';
import { leftBadge } from '../review/header.js';
import { chosen, dropped, gather } from './files.js';
import { clinicalForm } from './form.js';
import { printReport, reportUrl } from './print.js';
import { Uploads } from './upload.js';

/** Uploads outlive the page: a nurse may look at an ECG while others are on their way. */
let shown = () => {};
const uploads = new Uploads((job) => shown(job));
window.addEventListener('beforeunload', (event) => uploads.busy() && event.preventDefault());

const UPLOAD_STATE = {
  queued: T.upQueued,
  sending: T.upSending,
  waiting: T.upWaiting,
  sent: T.upSent,
  refused: T.upRefused,
  failed: T.upFailed,
};

function result(r) {
  const words = {
    accepted: () => say(T.accepted, { n: r.case }),
    duplicate: () => say(T.duplicate, { n: r.case }),
    companion: () => say(T.companion, { of: r.of ?? '' }),
    refused: () => say(r.reason),
  }[r.status]();
  return h(
    'li',
    { class: `result ${r.status}` },
    h('i', { 'aria-hidden': 'true' }, { accepted: '✓', duplicate: '=', companion: '+', refused: '✗' }[r.status]),
    h('b', null, r.name),
    ` ${words}`,
    r.case && r.status !== 'companion' && [' ', h('a', { href: `#/case/${r.case}` }, say(T.openEcg))],
  );
}

function jobRow(job) {
  return h(
    'li',
    { class: `job ${job.state}` },
    h(
      'div',
      { class: 'job-head' },
      h('b', null, job.name),
      h('small', { class: 'dim' }, bytes(job.size)),
      h('span', { class: 'spacer' }),
      h('span', null, say(UPLOAD_STATE[job.state])),
      job.state === 'failed' && button(say(T.tryAgain), () => uploads.again(job), { class: 'small' }),
    ),
    ['sending', 'queued', 'waiting'].includes(job.state) &&
      h('progress', { max: 1, value: job.done, 'aria-label': job.name }),
    job.error && h('p', { class: 'fault' }, job.error),
    job.results && h('ul', { class: 'results' }, job.results.map(result)),
  );
}

/** What the clinic knows, said later; what is left out stays. */
async function details(row) {
  const { clinical } = await api.get(`/api/cases/${row.id}`);
  const form = clinicalForm();
  form.set(clinical);
  const kept = await modal({
    title: `${say(T.addDetails)} · #${row.id}`,
    wide: true,
    yes: say(T.save),
    body: form.element,
    submit: () => api.patch(`/api/cases/${row.id}/clinical`, form.values()),
  });
  if (kept) notice(say(T.detailsKept));
}

function caseRow(row, again) {
  const signed = row.versions > 0;
  return h(
    'li',
    { class: `own own-${row.state} priority-row-${row.priority}` },
    h(
      'div',
      { class: 'own-head' },
      h('a', { href: `#/case/${row.id}` }, h('b', null, row.patient_name ?? say(T.noName))),
      h('span', null, sexAge({ sex: row.sex, age_years: row.age })),
      stateBadge(row.state),
      row.critical && loopBadge(row.critical),
      leftBadge(row),
      ['waiting', 'reading', 'received', 'second-waiting'].includes(row.state) &&
        button(`+ ${say(T.addDetails)}`, () => details(row).catch((e) => notice(e.message, 'fault')), {
          class: 'small quiet',
        }),
      h('span', { class: 'spacer' }),
      h('small', { class: 'dim' }, `#${row.id} · ${moment(row.received)}`),
    ),
    h(
      'div',
      null,
      verdictBadge(row.verdict),
      ' ',
      (row.summary ?? []).map((t) => say(t)).join(say(T.listComma)),
      !signed && row.verdict && h('small', { class: 'preliminary-small' }, ` ${say(T.preliminary)}`),
    ),
    row.state === 'refused' &&
      h(
        'p',
        { class: 'again' },
        h('b', null, `↺ ${say(T.recordAgain)}${say(T.colon)}`),
        row.reason,
        ' ',
        button(say(T.sendAgain), () => again(row), { class: 'small' }),
      ),
    row.state === 'set-aside' &&
      h('p', { class: 'again' }, h('b', null, `! ${say(T.stateSetAside)}${say(T.colon)}`), row.reason),
    signed &&
      h(
        'div',
        { class: 'row' },
        button(say(T.print), () => printReport(row.id), { class: 'small primary' }),
        h(
          'a',
          { class: 'button small', href: reportUrl(row.id), target: '_blank', rel: 'noopener' },
          say(T.openReport),
        ),
        h(
          'a',
          { class: 'button small', href: reportUrl(row.id), download: `ecg-${row.id}-${language()}.pdf` },
          say(T.download),
        ),
        row.versions > 1 && h('span', { class: 'badge amended' }, say(T.amendedN, { n: row.versions })),
      ),
  );
}

export async function open(main) {
  const form = clinicalForm();
  const { sites } = await api.get('/api/sites');
  const site = choice(
    sites.filter((s) => s.active !== false).map((s) => [s.id, s.name]),
    who().site.id,
    { 'aria-label': say(T.site) },
  );
  const pick = h('input', { type: 'file', multiple: true, hidden: true });
  const folder = h('input', { type: 'file', webkitdirectory: true, multiple: true, hidden: true });
  const staged = h('ul', { class: 'staged' });
  const send = button(say(T.send), () => submit(), { class: 'primary big', disabled: true });
  const drop = h(
    'div',
    { class: 'drop' },
    h('p', { class: 'drop-words wide-only' }, say(T.dropHere)),
    h(
      'div',
      { class: 'row' },
      button(say(T.chooseFiles), () => pick.click()),
      button(say(T.chooseFolder), () => folder.click(), { class: 'wide-only' }),
    ),
    pick,
    folder,
    staged,
  );
  const jobs = h('ul', { class: 'jobs', 'aria-live': 'polite' });
  const own = h('ul', { class: 'own-list' });
  const search = h('input', {
    type: 'search',
    placeholder: say(T.searchPatient),
    'aria-label': say(T.searchPatient),
    spellcheck: 'false',
    autocomplete: 'off',
  });
  const more = button(say(T.more), () => load(true), { hidden: true });
  let waiting = [];

  const drawStaged = () => {
    refill(
      staged,
      waiting.map((group, n) =>
        h(
          'li',
          null,
          h('b', null, group.name),
          ' ',
          h('small', { class: 'dim' }, bytes(group.size)),
          button(
            '✕',
            () => {
              waiting.splice(n, 1);
              drawStaged();
            },
            { class: 'quiet', 'aria-label': say(T.remove) },
          ),
        ),
      ),
      waiting.length > 1 && h('li', { class: 'hint' }, say(T.appliesToAll, { n: waiting.length })),
    );
    send.disabled = waiting.length === 0;
    refill(send, waiting.length ? say(T.sendN, { n: waiting.length }) : say(T.send));
  };
  const stage = (found) => {
    waiting.push(...gather(found));
    drawStaged();
    if (found.length) send.focus();
  };
  const submit = () => {
    if (!waiting.length) return;
    const groups = waiting;
    waiting = [];
    drawStaged();
    uploads.add(groups, form.values(), sites.length > 1 ? Number(site.value) : null);
    form.clear();
  };
  for (const input of [pick, folder])
    input.addEventListener('change', () => {
      stage(chosen(input));
      input.value = '';
    });
  // Anywhere on the page: dropped beside the field a browser would open the file in place of the page.
  const dragging = {
    dragover: (event) => {
      event.preventDefault();
      drop.classList.add('over');
    },
    dragleave: (event) => event.relatedTarget === null && drop.classList.remove('over'),
    drop: async (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      stage(await dropped(event.dataTransfer));
    },
  };
  for (const [name, take] of Object.entries(dragging)) document.addEventListener(name, take);
  const nodes = new Map();
  shown = (job) => {
    const node = jobRow(job);
    if (nodes.has(job)) nodes.get(job).replaceWith(node);
    else jobs.prepend(node);
    nodes.set(job, node);
    if (job.state === 'sent') soon();
  };

  let rows = [];
  let next = null;
  const again = (row) => {
    form.set({
      patient_name: row.patient_name,
      patient_id: row.patient_id,
      sex: row.sex,
      age: row.age,
      chest_pain: row.chest_pain,
      urgent: row.urgent,
    });
    drop.scrollIntoView({ behavior: 'smooth', block: 'center' });
    pick.click();
  };
  const load = async (further) => {
    const text = search.value.trim();
    const answer = await api.ask('/api/cases/search', {
      view: 'all',
      text: text.length >= 2 ? text : null,
      limit: further ? 50 : Math.max(30, Math.min(200, rows.length)),
      after: further ? next : null,
    });
    rows = further ? [...rows, ...answer.cases] : answer.cases;
    next = answer.next;
    more.hidden = !next;
    refill(
      own,
      rows.map((row) => caseRow(row, again)),
      rows.length === 0 && h('li', { class: 'hint' }, say(T.noCases)),
    );
  };
  const safely = () => load(false).catch((error) => notice(error.message, 'fault'));
  let timer = 0;
  const soon = () => {
    timer ||= setTimeout(() => {
      timer = 0;
      safely();
    }, 700);
  };
  search.addEventListener('input', soon);

  refill(
    main,
    h(
      'div',
      { class: 'clinic' },
      h(
        'section',
        { class: 'panel send' },
        h('h2', null, say(T.sendEcgs)),
        drop,
        sites.length > 1 && field(say(T.site), site),
        form.element,
        send,
        jobs,
      ),
      h('section', { class: 'panel mine' }, h('h2', null, say(T.ourEcgs)), search, own, more),
    ),
  );
  bind([
    { keys: ['u'], text: T.chooseFiles, run: () => pick.click() },
    { keys: ['/'], text: T.keySearch, run: () => search.focus() },
    { keys: ['Ctrl+Enter'], text: T.send, run: submit, typing: true },
  ]);
  [...uploads.jobs].reverse().forEach(shown);
  await load(false);
  const silent = live.listen((event) => event.type !== 'line' && soon());
  const ticking = setInterval(soon, 30000);
  return () => {
    silent();
    clearInterval(ticking);
    clearTimeout(timer);
    for (const [name, take] of Object.entries(dragging)) document.removeEventListener(name, take);
    shown = () => {};
  };
}
