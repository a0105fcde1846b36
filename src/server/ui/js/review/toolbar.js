// The bar above the paper: layout, speed, gain, filter and tools. What a reader chooses is kept on this computer.

import { button, choice, h } from '../core/dom.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';
import { PROFILES } from '../ecg/filter.js';
import { GAINS, LAYOUTS, SPEEDS } from '../ecg/layout.js';
import { calibrate } from '../ecg/scale.js';

const KEPT = 'einthoven.paper';

/** The options last chosen, with the profile as its record. */
export function keptOptions() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    /* unreadable: the defaults */
  }
  const valid = (list, value, other) => (list.includes(value) ? value : other);
  return {
    layout: valid(
      LAYOUTS.map((l) => l.id),
      kept.layout,
      '3x4+1',
    ),
    cabrera: Boolean(kept.cabrera),
    speed: valid(SPEEDS, kept.speed, 25),
    gain: valid(GAINS, kept.gain, 10),
    profile: PROFILES.find((p) => p.id === kept.profile) ?? PROFILES[1],
    marks: kept.marks !== false,
  };
}

const keep = ({ layout, cabrera, speed, gain, profile, marks }) =>
  localStorage.setItem(KEPT, JSON.stringify({ layout, cabrera, speed, gain, profile: profile.id, marks }));

/** The next value of a list. */
const after = (list, value) => list[(list.indexOf(value) + 1) % list.length];

/** The bar; `view` is the EcgView, `apply(changes)` sets options everywhere, `drawer(name)` opens a drawer. */
export function toolbar({ view, apply, drawer, hasPriors }) {
  const set = (changes) => {
    apply(changes);
    keep(view.options);
    sync();
  };
  const select = (pairs, get, put, label) => {
    const element = choice(pairs, get(), {
      'aria-label': label,
      title: label,
      onchange: () => {
        put(element.value);
        element.blur();
      },
    });
    return {
      element,
      sync: () => {
        element.value = String(get());
      },
    };
  };
  const o = () => view.options;
  const selects = [
    select(
      LAYOUTS.map((l) => [l.id, say(l.text)]),
      () => o().layout,
      (v) => set({ layout: v }),
      say(T.layout),
    ),
    select(
      SPEEDS.map((v) => [v, `${v} mm/s`]),
      () => o().speed,
      (v) => set({ speed: Number(v) }),
      say(T.speed),
    ),
    select(
      GAINS.map((v) => [v, `${v} mm/mV`]),
      () => o().gain,
      (v) => set({ gain: Number(v) }),
      say(T.gain),
    ),
    select(
      PROFILES.map((p) => [p.id, say(p.text)]),
      () => o().profile.id,
      (v) => set({ profile: PROFILES.find((p) => p.id === v) }),
      say(T.filter),
    ),
  ];
  const toggles = [];
  const toggle = (text, title, get, run) => {
    const element = button(text, run, { class: 'tool', title, 'aria-label': title });
    toggles.push(() => element.setAttribute('aria-pressed', String(Boolean(get()))));
    return element;
  };
  const tool = (name) => () => {
    view.setTool(view.tool === name ? 'pan' : name);
    sync();
  };
  const march = () => {
    if (view.tool !== 'caliper') view.setTool('caliper');
    view.caliper.march = !view.caliper.march;
    view.redraw('over');
    sync();
  };
  const trueSize = async () => {
    if (!view.trueSize() && (await calibrate())) view.trueSize();
  };
  const actions = {
    layout: () =>
      set({
        layout: after(
          LAYOUTS.map((l) => l.id),
          o().layout,
        ),
      }),
    cabrera: () => set({ cabrera: !o().cabrera }),
    speed: () => set({ speed: after(SPEEDS, o().speed) }),
    gain: () => set({ gain: after(GAINS, o().gain) }),
    filter: () => set({ profile: after(PROFILES, o().profile) }),
    marks: () => set({ marks: !o().marks }),
    caliper: tool('caliper'),
    magnifier: tool('magnifier'),
    march,
    trueSize,
    fit: () => view.fit(),
    calibrate,
  };
  const element = h(
    'div',
    { class: 'toolbar', role: 'toolbar', 'aria-label': say(T.paperTools) },
    selects.map((s) => s.element),
    toggle(say(T.cabreraShort), say(T.cabrera), () => o().cabrera, actions.cabrera),
    h('span', { class: 'gap' }),
    toggle(say(T.caliper), say(T.caliperHow), () => view.tool === 'caliper', actions.caliper),
    toggle(say(T.march), say(T.marchHow), () => view.tool === 'caliper' && view.caliper.march, march),
    toggle(say(T.magnifier), say(T.magnifierHow), () => view.tool === 'magnifier', actions.magnifier),
    toggle(say(T.marks), say(T.marksHow), () => o().marks, actions.marks),
    h('span', { class: 'gap' }),
    button(say(T.fit), actions.fit, { class: 'tool', title: say(T.fitHow) }),
    button('1:1', trueSize, { class: 'tool', title: say(T.trueSizeHow), 'aria-label': say(T.trueSizeHow) }),
    h('span', { class: 'gap' }),
    toggle(
      say(T.medianShort),
      say(T.medianHow),
      () => drawer.open() === 'median',
      () => drawer.toggle('median'),
    ),
    toggle(
      say(T.matrixShort),
      say(T.matrixHow),
      () => drawer.open() === 'matrix',
      () => drawer.toggle('matrix'),
    ),
    hasPriors &&
      toggle(
        say(T.earlierShort),
        say(T.earlierHow),
        () => drawer.open() === 'earlier',
        () => drawer.toggle('earlier'),
      ),
  );
  function sync() {
    for (const s of selects) s.sync();
    for (const run of toggles) run();
  }
  sync();
  return { element, sync, actions };
}
