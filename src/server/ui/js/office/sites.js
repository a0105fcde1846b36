// The tree of sites with their limits and rules.

import * as api from '../core/api.js';
import { button, choice, field, h, refill } from '../core/dom.js';
import { modal } from '../core/dialog.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { table } from './table.js';

const KINDS = [
  ['centre', T.kindCentre],
  ['hospital', T.kindHospital],
  ['township', T.kindTownship],
  ['village', T.kindVillage],
];
const SECOND = [
  ['never', T.secondNever],
  ['abnormal', T.secondAbnormal],
  ['critical', T.secondCritical],
  ['always', T.secondAlways],
];
const wording = (pairs, value) => say(pairs.find(([v]) => v === value)?.[1] ?? value);

/** Sites in the order of the tree, with their depth; a site whose parent is out of reach stands at the top. */
export function tree(list) {
  const ids = new Set(list.map((s) => s.id));
  const out = [];
  const walk = (parent, depth) => {
    for (const site of list) {
      if ((ids.has(site.parent) ? site.parent : null) !== parent || depth > 20) continue;
      out.push({ ...site, depth });
      walk(site.id, depth + 1);
    }
  };
  walk(null, 0);
  return out;
}

export const indented = (site) => `${'　'.repeat(site.depth)}${site.name}`;

async function edit(site, list) {
  // A site may hang below any other but itself and what is below it.
  const within = (s) => s && (s.id === site.id || within(list.find((above) => above.id === s.parent)));
  const places = tree(list).filter((s) => !site.id || !within(s));
  const top = Boolean(site.id) && !places.some((s) => s.id === site.parent);
  const text = (value, props) => h('input', { value: value ?? '', ...props });
  const control = {
    name: text(site.name, { required: true, autofocus: true }),
    kind: choice(
      KINDS.map(([v, t]) => [v, say(t)]),
      site.kind ?? 'village',
    ),
    parent: choice(
      top ? [[site.parent ?? '', '—']] : places.map((s) => [s.id, indented(s)]),
      site.parent ?? list[0]?.id,
      { disabled: top },
    ),
    urgent_min: text(site.urgent_min ?? 10, { type: 'number', min: 1, max: 1440, required: true }),
    routine_min: text(site.routine_min ?? 30, { type: 'number', min: 1, max: 10080, required: true }),
    second: choice(
      SECOND.map(([v, t]) => [v, say(t)]),
      site.second ?? 'never',
    ),
    time_zone: text(site.time_zone ?? 'Asia/Shanghai', { required: true }),
    phone: text(site.phone, { type: 'tel' }),
    active: h('input', { type: 'checkbox', checked: site.active !== false }),
  };
  return modal({
    title: say(site.id ? T.editSite : T.addSite),
    yes: say(T.save),
    body: h(
      'div',
      { class: 'grid' },
      field(say(T.name), control.name),
      field(say(T.kind), control.kind),
      field(say(T.parentSite), control.parent, site.id && !top && say(T.parentHow)),
      field(say(T.urgentLimit), control.urgent_min),
      field(say(T.routineLimit), control.routine_min),
      field(say(T.secondReading), control.second),
      field(say(T.timeZone), control.time_zone),
      field(say(T.phone), control.phone),
      h('label', { class: 'check' }, control.active, h('span', null, say(T.siteActive))),
    ),
    submit: () => {
      const body = {
        name: control.name.value.trim(),
        kind: control.kind.value,
        parent: control.parent.value ? Number(control.parent.value) : null,
        urgent_min: Number(control.urgent_min.value),
        routine_min: Number(control.routine_min.value),
        second: control.second.value,
        time_zone: control.time_zone.value.trim(),
        phone: control.phone.value.trim() || null,
        active: control.active.checked,
      };
      return site.id ? api.patch(`/api/sites/${site.id}`, body) : api.post('/api/sites', body);
    },
  });
}

/** A new site below another, with its limits. */
const below = ({ id, time_zone, urgent_min, routine_min, second }) => ({
  parent: id,
  time_zone,
  urgent_min,
  routine_min,
  second,
});

export async function sites(body) {
  const { sites: list } = await api.get('/api/sites');
  const again = (changed) => changed && sites(body);
  const rows = tree(list).map((s) => ({
    off: s.active === false,
    cells: [
      h(
        'span',
        { class: 'indent', style: { paddingInlineStart: `${s.depth * 1.4}rem` } },
        s.depth > 0 && h('i', { 'aria-hidden': 'true' }, '└ '),
        s.name,
      ),
      wording(KINDS, s.kind),
      s.urgent_min,
      s.routine_min,
      wording(SECOND, s.second),
      s.time_zone,
      s.phone ?? '—',
      s.active === false ? '✕' : '✓',
    ],
    acts: [
      button(say(T.edit), async () => again(await edit(s, list)), { class: 'small' }),
      button(say(T.addBelow), async () => again(await edit(below(s), list)), { class: 'small' }),
    ],
  }));
  const head = [T.name, T.kind, T.urgentLimit, T.routineLimit, T.secondReading, T.timeZone, T.phone, T.active];
  refill(
    body,
    table(head.map((t) => say(t)), rows),
    h(
      'p',
      null,
      button(say(T.addSite), async () => again(await edit({}, list)), { class: 'primary' }),
    ),
  );
}
