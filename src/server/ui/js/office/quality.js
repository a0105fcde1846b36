// The quality officer's page: the indicators of a period, by month, site, reader or device, as charts and tables, with
// CSV and PDF to hand on. Every share is shown with its numerator and denominator.

import * as api from '../core/api.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { notice } from '../core/dialog.js';
import { number, percent } from '../core/format.js';
import { bind } from '../core/keys.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { blind } from './blind.js';
import { barChart, lineChart } from './chart.js';
import { table } from './table.js';

const BY = [
  ['month', T.byMonth],
  ['site', T.bySite],
  ['reader', T.byReader],
  ['device', T.byDevice],
];
const day = (date) =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
const kept = {
  by: 'month',
  from: day(new Date(new Date().getFullYear(), new Date().getMonth() - 5, 1)),
  to: day(new Date(new Date().getFullYear(), new Date().getMonth() + 1, 1)),
};

/** Indicators that are shares: title, numerator, denominator. */
const SHARES = [
  [T.qTimely, 'timely', 'reported'],
  [T.qAcknowledged, 'acknowledged_in_time', 'critical'],
  [T.qClosed, 'closed', 'critical'],
  [T.qRefused, 'refused', 'received'],
  [T.qPositive, 'abnormal', 'reported'],
  [T.qAgreed, 'second_agreed', 'second_read'],
  [T.qAmended, 'amended', 'reported'],
];
const share = (row, part, whole) => (row[whole] ? (100 * row[part]) / row[whole] : null);
const name = (group) => (group === 'all' ? say(T.total) : group);

function tiles(all) {
  const tile = (title, value, small) =>
    h('div', { class: 'tile' }, h('dt', null, title), h('dd', null, value), h('small', null, small));
  return h(
    'dl',
    { class: 'tiles' },
    tile(say(T.qReceived), number(all.received), say(T.qReportedN, { n: all.reported })),
    SHARES.map(([title, part, whole]) =>
      tile(say(title), percent(all[part], all[whole]), `${all[part]} / ${all[whole]}`),
    ),
    tile(say(T.qMedian), say(T.minutes, { n: number(all.median_min, 1) }), `P90 ${say(T.minutes, { n: number(all.p90_min, 1) })}`),
  );
}

function figures(rows) {
  const head = [
    say(T.groupName),
    say(T.qReceived),
    say(T.qReported),
    ...SHARES.map(([t]) => say(t)),
    say(T.qMedian),
    'P90',
  ];
  const cells = (row) => [
    name(row.group),
    row.received,
    row.reported,
    ...SHARES.map(([, part, whole]) => [
      percent(row[part], row[whole]),
      h('small', null, ` ${row[part]}/${row[whole]}`),
    ]),
    number(row.median_min, 1),
    number(row.p90_min, 1),
  ];
  return table(
    head,
    rows.map((row) => ({ sum: row.group === 'all', cells: cells(row) })),
  );
}

function statements(list) {
  if (!list.length) return h('p', { class: 'hint' }, say(T.noStatementsYet));
  let chosen = list[0].id;
  const drift = h('div');
  const draw = () => {
    const entry = list.find((e) => e.id === chosen);
    const rate = (part, whole) => (whole ? (100 * part) / whole : null);
    refill(
      drift,
      lineChart({
        title: `${say(entry.text)} — ${say(T.drift)}`,
        unit: '%',
        top: 100,
        labels: entry.months.map((m) => m.month),
        series: [
          { name: 'Se', values: entry.months.map((m) => rate(m.confirmed, m.confirmed + m.added)) },
          { name: 'PPV', values: entry.months.map((m) => rate(m.confirmed, m.machine)) },
        ],
      }),
    );
  };
  const head = [T.statement, T.machineSaid, T.confirmed, T.deleted, T.added].map((t) => say(t));
  const shown = h('div');
  const share = (value) => (value === null ? '—' : number(100 * value, 1));
  const choose = (id) => {
    chosen = id;
    const top = shown.firstChild?.scrollTop ?? 0;
    const row = (e) => ({
      chosen: e.id === chosen,
      cells: [
        button(say(e.text), () => choose(e.id), { class: 'link' }),
        e.machine,
        e.confirmed,
        e.deleted,
        e.added,
        share(e.se),
        share(e.ppv),
      ],
    });
    refill(shown, table([...head, 'Se %', 'PPV %'], list.map(row), { tall: true }));
    shown.firstChild.scrollTop = top;
    draw();
  };
  choose(chosen);
  return h('div', { class: 'two' }, shown, drift);
}

function charts(rows) {
  const groups = rows.filter((r) => r.group !== 'all');
  const labels = groups.map((r) => name(r.group));
  const series = (list) =>
    list.map(([title, part, whole]) => ({ name: say(title), values: groups.map((r) => share(r, part, whole)) }));
  const kind = kept.by === 'month' ? lineChart : barChart;
  const all = rows.find((r) => r.group === 'all');
  const hours = all.by_hour.map((_, n) => String(n));
  return h(
    'div',
    { class: 'charts' },
    barChart({
      title: say(T.qVolume),
      labels,
      series: [
        { name: say(T.qReceived), values: groups.map((r) => r.received) },
        { name: say(T.qReported), values: groups.map((r) => r.reported) },
      ],
    }),
    kind({ title: say(T.qTimelyChart), labels, unit: '%', top: 100, series: series([SHARES[0]]), digits: 1 }),
    kind({
      title: say(T.qCriticalChart),
      labels,
      unit: '%',
      top: 100,
      series: series([SHARES[1], SHARES[2]]),
      digits: 1,
    }),
    kind({
      title: say(T.qTurnaround),
      labels,
      unit: say(T.minuteUnit),
      series: [
        { name: say(T.qMedian), values: groups.map((r) => r.median_min) },
        { name: 'P90', values: groups.map((r) => r.p90_min) },
      ],
      digits: 1,
    }),
    kind({
      title: say(T.qRates),
      labels,
      unit: '%',
      top: 100,
      series: series([SHARES[3], SHARES[4], SHARES[5]]),
      digits: 1,
    }),
    barChart({
      title: say(T.qByHour),
      labels: hours,
      series: [{ name: say(T.qReported), values: all.by_hour }],
    }),
    lineChart({
      title: say(T.qTurnaroundByHour),
      labels: hours,
      unit: say(T.minuteUnit),
      series: [{ name: say(T.qMedian), values: all.median_by_hour }],
      digits: 1,
    }),
  );
}

export async function open(main) {
  const body = h('div', { class: 'office-body' });
  const from = h('input', { type: 'date', value: kept.from, required: true });
  const to = h('input', { type: 'date', value: kept.to, required: true });
  const by = choice(
    BY.map(([v, t]) => [v, say(t)]),
    kept.by,
  );
  const query = () => `from=${kept.from}&to=${kept.to}&by=${kept.by}`;
  const link = (kind, text) => h('a', { class: 'button', data: { kind }, download: '' }, text);
  const [csv, pdf] = [link('csv', 'CSV'), link('pdf', 'PDF')];
  const load = async () => {
    try {
      const data = await api.get(`/api/indicators?${query()}`);
      csv.href = `/api/indicators.csv?${query()}`;
      pdf.href = `/api/indicators.pdf?${query()}`;
      const { rows } = data;
      const all = rows.find((r) => r.group === 'all');
      refill(
        body,
        all && all.received > 0
          ? [tiles(all), charts(rows), h('h2', null, say(T.table)), figures(rows)]
          : h('p', { class: 'empty' }, say(T.nothingInPeriod)),
        h('h2', null, say(T.refusalsWhy)),
        data.refusals.length
          ? h(
              'table',
              { class: 'data narrow' },
              h(
                'tbody',
                null,
                data.refusals.map((r) => h('tr', null, h('th', { scope: 'row' }, r.reason), h('td', null, r.count))),
              ),
            )
          : h('p', { class: 'hint' }, say(T.none)),
        h('h2', null, say(T.perStatement)),
        statements(data.statements),
        await blind(),
      );
    } catch (error) {
      notice(error.message, 'fault');
    }
  };
  const changed = () => {
    if (!from.value || !to.value) return;
    Object.assign(kept, { from: from.value, to: to.value, by: by.value });
    load();
  };
  const month = (back) => () => {
    const now = new Date();
    from.value = day(new Date(now.getFullYear(), now.getMonth() - back, 1));
    to.value = day(new Date(now.getFullYear(), now.getMonth() - back + 1, 1));
    changed();
  };
  for (const control of [from, to, by]) control.addEventListener('change', changed);
  refill(
    main,
    h(
      'div',
      { class: 'office' },
      h(
        'div',
        { class: 'office-head filters' },
        field(say(T.from), from),
        field(say(T.toExclusive), to),
        field(say(T.by), by),
        button(say(T.thisMonth), month(0)),
        button(say(T.lastMonth), month(1)),
        h('span', { class: 'spacer' }),
        csv,
        pdf,
      ),
      body,
    ),
  );
  bind([]);
  await load();
}
