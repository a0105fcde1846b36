// The measurement matrix: global numbers and the amplitudes and durations of each lead. An em dash = not measurable.

import { h } from '../core/dom.js';
import { number } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

/** Global numbers: [key, name, unit, decimals]. */
export const GLOBAL = [
  ['heart_rate_bpm', T.heartRate, 'bpm', 0],
  ['rr_ms', 'RR', 'ms', 0],
  ['rr_min_ms', T.rrMin, 'ms', 0],
  ['rr_max_ms', T.rrMax, 'ms', 0],
  ['p_duration_ms', 'P', 'ms', 0],
  ['pr_ms', 'PR', 'ms', 0],
  ['qrs_duration_ms', 'QRS', 'ms', 0],
  ['qt_ms', 'QT', 'ms', 0],
  ['qtc_bazett_ms', 'QTcB', 'ms', 0],
  ['qtc_fridericia_ms', 'QTcF', 'ms', 0],
  ['qtc_framingham_ms', 'QTcFram', 'ms', 0],
  ['qtc_hodges_ms', 'QTcH', 'ms', 0],
  ['p_axis_deg', T.pAxis, '°', 0],
  ['qrs_axis_deg', T.qrsAxis, '°', 0],
  ['t_axis_deg', T.tAxis, '°', 0],
  ['rmssd_ms', 'RMSSD', 'ms', 0],
];
const LEAD = [
  ['p_mv', 'P', 'mV', 2],
  ['q_mv', 'Q', 'mV', 2],
  ['q_ms', 'Q', 'ms', 0],
  ['r_mv', 'R', 'mV', 2],
  ['r_ms', 'R', 'ms', 0],
  ['s_mv', 'S', 'mV', 2],
  ['s_ms', 'S', 'ms', 0],
  ['r2_mv', 'R′', 'mV', 2],
  ['r_peak_ms', T.rPeak, 'ms', 0],
  ['qrs_ms', 'QRS', 'ms', 0],
  ['st_j_mv', 'ST J', 'mV', 2],
  ['st_60_mv', 'ST 60', 'mV', 2],
  ['st_80_mv', 'ST 80', 'mV', 2],
  ['t_mv', 'T', 'mV', 2],
];

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
