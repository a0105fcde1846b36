// The measurement matrix: global numbers and the amplitudes and durations of each lead. An em dash = not measurable.

import { h } from '../core/dom.js';
import { number } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

/** Unit and decimals by the ending of a key. */
const UNITS = { bpm: ['bpm', 0], ms: ['ms', 0], deg: ['°', 0], mv: ['mV', 2] };
const entry = ([key, name]) => [key, name, ...UNITS[key.split('_').at(-1)]];

/** Global numbers: [key, name, unit, decimals]. */
export const GLOBAL = [
  ['heart_rate_bpm', T.heartRate],
  ['rr_ms', 'RR'],
  ['rr_min_ms', T.rrMin],
  ['rr_max_ms', T.rrMax],
  ['p_duration_ms', 'P'],
  ['pr_ms', 'PR'],
  ['qrs_duration_ms', 'QRS'],
  ['qt_ms', 'QT'],
  ['qtc_bazett_ms', 'QTcB'],
  ['qtc_fridericia_ms', 'QTcF'],
  ['qtc_framingham_ms', 'QTcFram'],
  ['qtc_hodges_ms', 'QTcH'],
  ['p_axis_deg', T.pAxis],
  ['qrs_axis_deg', T.qrsAxis],
  ['t_axis_deg', T.tAxis],
  ['rmssd_ms', 'RMSSD'],
].map(entry);
/** Those of each lead. */
const LEAD = [
  ['p_mv', 'P'],
  ['q_mv', 'Q'],
  ['q_ms', 'Q'],
  ['r_mv', 'R'],
  ['r_ms', 'R'],
  ['s_mv', 'S'],
  ['s_ms', 'S'],
  ['r2_mv', 'R′'],
  ['r_peak_ms', T.rPeak],
  ['qrs_ms', 'QRS'],
  ['st_j_mv', 'ST J'],
  ['st_60_mv', 'ST 60'],
  ['st_80_mv', 'ST 80'],
  ['t_mv', 'T'],
].map(entry);

/** The table of the leads; `lit` is a set of leads to show in light. */
export function leadTable(measurements, lit) {
  const leads = measurements?.leads ?? [];
  const head = h(
    'tr',
    null,
    h('th', { scope: 'col' }, ''),
    leads.map((l) => h('th', { scope: 'col', class: lit?.has(l.lead) ? 'lit' : '' }, l.lead)),
  );
  const rows = LEAD.map(([key, name, unit, digits]) =>
    h(
      'tr',
      null,
      h('th', { scope: 'row' }, `${say(name)} `, h('small', null, unit)),
      leads.map((l) => h('td', { class: lit?.has(l.lead) ? 'lit' : '' }, number(l[key], digits))),
    ),
  );
  return h('table', { class: 'matrix' }, h('thead', null, head), h('tbody', null, rows));
}

/** The global numbers as a list; `before` marks what the reader's bounds have changed. */
export function globals(measurements, before, keys = GLOBAL.map(([key]) => key)) {
  const values = measurements?.global ?? {};
  return h(
    'dl',
    { class: 'globals' },
    GLOBAL.filter(([key]) => keys.includes(key)).map(([key, name, unit, digits]) => {
      const was = before?.global?.[key];
      const changed = was !== undefined && was !== null && values[key] !== null && Math.abs(was - values[key]) >= 0.5;
      return h(
        'div',
        { class: changed ? 'changed' : '', title: changed ? `${say(T.machineShort)}: ${number(was, digits)}` : '' },
        h('dt', null, say(name)),
        h('dd', null, number(values[key], digits), ' ', h('small', null, unit)),
      );
    }),
  );
}
