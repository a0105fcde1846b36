// The pages' pure parts without a browser: decimation, filters, layout, fiducials, edits, search, gathering of files.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const kept = new Map();
globalThis.localStorage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v) };
globalThis.document = { documentElement: {} };
globalThis.navigator ??= { language: 'zh-CN' };

const js = (path) => import(new URL(`../../src/server/ui/js/${path}`, import.meta.url));
const { Extremes } = await js('ecg/extremes.js');
const { PROFILES, filtered } = await js('ecg/filter.js');
const { Waveform, decode } = await js('ecg/waveform.js');
const { plan } = await js('ecg/layout.js');
const { allowed, bounds, intervals } = await js('ecg/fiducials.js');
const { conclude, difference } = await js('review/conclude.js');
const { find } = await js('review/catalogue.js');
const { gather } = await js('clinic/files.js');
const { bytes, moment } = await js('core/format.js');
const { T } = await js('texts.js');

/** Numbers from a seed, so that a failure comes again. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

test('a column holds the least and the greatest of its samples, whatever the pyramid', () => {
  const next = random(1);
  const samples = Float32Array.from({ length: 70000 }, () => (next() < 0.01 ? NaN : next() * 4 - 2));
  const extremes = new Extremes(samples);
  for (let n = 0; n < 300; n += 1) {
    const from = Math.floor(next() * samples.length);
    const to = Math.min(samples.length, from + Math.ceil(next() ** 4 * 60000));
    const some = [...samples.subarray(from, to)].filter((v) => !Number.isNaN(v));
    const expected = some.length
      ? [some.reduce((a, b) => Math.min(a, b)), some.reduce((a, b) => Math.max(a, b))]
      : [NaN, NaN];
    assert.deepEqual(extremes.range(from, to, [0, 0]), expected, `${from}–${to}`);
  }
  assert.deepEqual(new Extremes(new Float32Array(0)).range(0, 10, [0, 0]), [NaN, NaN]);
});

const sine = (hz, rate, seconds) =>
  Float32Array.from({ length: rate * seconds }, (_, n) => Math.sin((2 * Math.PI * hz * n) / rate));
const size = (x) => Math.max(...x.subarray(x.length / 4, (3 * x.length) / 4).map(Math.abs));
const profile = (id) => PROFILES.find((p) => p.id === id);

test('the filters pass what they promise, without a shift in time', () => {
  const rate = 500;
  assert.ok(Math.abs(size(filtered(sine(10, rate, 10), rate, profile('diagnostic'))) - 1) < 0.01);
  assert.ok(size(filtered(sine(50, rate, 10), rate, profile('mains'))) < 0.02, '50 Hz is taken out');
  assert.ok(size(filtered(sine(60, rate, 10), rate, profile('monitor'))) < 0.3, 'the monitor band ends at 40 Hz');
  assert.ok(size(filtered(new Float32Array(5000).fill(3), rate, profile('monitor'))) < 0.01, 'an offset is taken out');
  const bump = Float32Array.from({ length: 5000 }, (_, n) => Math.exp(-(((n - 2500) / 12) ** 2)));
  const out = filtered(bump, rate, profile('monitor'));
  assert.equal(out.indexOf(Math.max(...out)), 2500, 'a peak stays where it is');
});

test('a gap stays a gap and nothing leaks over it', () => {
  const samples = new Float32Array(3000);
  samples.fill(NaN, 1000, 1500);
  samples.fill(5, 1500);
  const out = filtered(samples, 500, profile('monitor'));
  assert.ok(out.subarray(1000, 1500).every(Number.isNaN));
  assert.ok(out.subarray(0, 1000).every((v) => Math.abs(v) < 1e-6));
  const few = filtered(Float32Array.from([NaN, 1, 2, NaN]), 500, profile('diagnostic'));
  assert.deepEqual([...few], [NaN, 1, 2, NaN]);
});

function packed(leads, samples) {
  let header = JSON.stringify({ leads, rate_hz: 500, samples: samples[0].length, uv_per_unit: 2.5, missing: -32768 });
  while (header.length % 8) header += ' ';
  const bytes = Buffer.alloc(8 + header.length + 2 * samples.flat().length);
  bytes.write('EWF1');
  bytes.writeUInt32LE(header.length, 4);
  bytes.write(header, 8);
  samples.flat().forEach((v, n) => bytes.writeInt16LE(v, 8 + header.length + 2 * n));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

test('samples arrive in mV; missing ones are NaN; another form is refused', () => {
  const wave = decode(
    packed(
      ['I', 'II'],
      [
        [0, 400, -32768],
        [-400, 1, 2],
      ],
    ),
  );
  assert.deepEqual([...wave.data[0]], [0, 1, NaN]);
  assert.deepEqual([wave.data[1][0], wave.rate, wave.samples], [-1, 500, 3]);
  assert.equal(wave.lead('V1', PROFILES[0]), null);
  assert.throws(() => decode(new TextEncoder().encode('<html>login</html>').buffer), /EWF1/);
});

const TWELVE = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
const recording = (leads, seconds) =>
  new Waveform(
    100,
    leads,
    leads.map(() => new Float32Array(100 * seconds)),
  );
const options = { layout: '3x4+1', cabrera: false, speed: 25, from: 0, aspect: 0.5 };

test('the standard sheet: columns follow one another in time, the strip runs over all of it', () => {
  const sheet = plan(recording(TWELVE, 10), options);
  assert.equal(sheet.strips.length, 13);
  const strip = (lead) => sheet.strips.find((s) => s.lead === lead && !s.rhythm);
  assert.deepEqual([strip('I').from, strip('aVR').from, strip('V1').from, strip('V6').from], [0, 2.5, 5, 7.5]);
  assert.equal(strip('V1').x - strip('aVR').x, 62.5, '2.5 s are 62.5 mm');
  const rhythm = sheet.strips.at(-1);
  assert.deepEqual([rhythm.lead, rhythm.seconds, rhythm.rhythm], ['II', 10, true]);
});

test('short and few-lead recordings, Cabrera', () => {
  const short = plan(recording(TWELVE, 3), options);
  assert.ok(
    short.strips.every((s) => s.from === 0),
    'too short to follow one another: the columns show the same time',
  );
  const holter = plan(recording(['MLII', 'V1'], 3600), options);
  assert.deepEqual(
    holter.strips.map((s) => [s.lead, s.seconds]),
    [
      ['MLII', 3600],
      ['V1', 3600],
    ],
  );
  const cabrera = plan(recording(TWELVE, 10), { ...options, layout: '12x1', cabrera: true });
  assert.deepEqual(
    cabrera.strips.slice(0, 6).map((s) => (s.inverted ? '-' : '') + s.lead),
    ['aVL', 'I', '-aVR', 'II', 'aVF', 'III'],
  );
});

test('fiducials keep their order and the sampling grid; intervals follow', () => {
  const median = {
    p: { onset_ms: 100, offset_ms: 200 },
    qrs: { onset_ms: 260, offset_ms: 360 },
    t: { offset_ms: 660 },
  };
  const now = bounds(median, null);
  assert.deepEqual(intervals(now, 1000), { p: 100, pr: 160, qrs: 100, qt: 400, qtcb: 400, qtcf: 400 });
  assert.equal(allowed('qrs_onset_ms', 100, now, 500, 1000), 202, 'not before the end of P');
  assert.equal(allowed('qrs_onset_ms', 251.3, now, 500, 1000), 252);
  assert.equal(allowed('t_offset_ms', 5000, now, 500, 1000), 998);
  const without = bounds(median, { p_onset_ms: null, p_offset_ms: null });
  assert.deepEqual([intervals(without, null).pr, intervals(without, null).qtcb], [null, null]);
  assert.equal(allowed('qrs_onset_ms', -5, without, 500, 1000), 0);
});

test('edits come to what the centre makes of them', () => {
  const text = (en) => ({ zh: en, en });
  const findings = ['sinus-rhythm', 'lvh'].map((id) => ({ id, wording: text(id) }));
  const edits = [
    { edit: 'delete', at: 1 },
    { edit: 'add', at: 9, statement: 'first-degree-av-block', text: text('AVB') },
    { edit: 'add', at: 0, statement: null, text: text('free') },
    { edit: 'reword', at: 1, text: text('sinus at 60') },
    { edit: 'move', from: 0, to: 2 },
  ];
  const lines = conclude(findings, edits);
  assert.deepEqual(
    lines.map((l) => [l.text.en, l.origin]),
    [
      ['sinus at 60', 'changed'],
      ['AVB', 'added'],
      ['free', 'added'],
    ],
  );
  assert.deepEqual(difference(findings, lines), { confirmed: 1, deleted: 1, added: 1, changed: 1, free: 1 });
});

test('a statement is found by Chinese, pinyin initials, English and code', () => {
  const statement = (id, zh, en, pinyin, codes) => ({ id, text: { zh, en }, pinyin, codes });
  const all = [
    statement('atrial-fibrillation', '心房颤动', 'Atrial fibrillation', 'xfcd', ['AFIB', '50']),
    statement('atrial-flutter', '心房扑动', 'Atrial flutter', 'xfpd', ['AFLT', '51']),
    statement('sinus-rhythm', '窦性心律', 'Sinus rhythm', 'dxxl', ['SR', '20']),
    statement(
      'complete-right-bundle-branch-block',
      '完全性右束支阻滞',
      'Complete right bundle branch block',
      'wqxysszz',
      ['CRBBB'],
    ),
  ];
  for (const [typed, id] of [
    ['房颤', 'atrial-fibrillation'],
    ['xfpd', 'atrial-flutter'],
    ['dx', 'sinus-rhythm'],
    ['atr fib', 'atrial-fibrillation'],
    ['AFLT', 'atrial-flutter'],
    ['afib', 'atrial-fibrillation'],
    ['crbbb', 'complete-right-bundle-branch-block'],
    ['ＳＲ', 'sinus-rhythm'],
  ]) {
    assert.equal(find(all, typed)[0]?.id, id, typed);
  }
  assert.deepEqual(find(all, '   '), []);
  assert.deepEqual(find(all, '(*'), []);
});

test('files of one stem are one ECG; the system’s own files are left out', () => {
  const file = (name, folder = '') => ({ file: { name, size: 1 }, folder });
  const groups = gather([
    file('b.scp'),
    file('a.hea'),
    file('a.dat'),
    file('.DS_Store'),
    file('Thumbs.db'),
    file('a.dat', 'other/'),
  ]);
  assert.deepEqual(
    groups.map((g) => g.files.length),
    [2, 1, 1],
  );
  assert.equal(groups[0].name, 'a.dat + a.hea');
});

test('every text has both languages, and Chinese is Chinese', () => {
  for (const [name, { zh, en }] of Object.entries(T)) {
    assert.ok(zh && en, name);
    assert.ok(!/[\u3400-\u9fff]/.test(en.replaceAll('中文', '')), `${name}: Chinese in the English text`);
    assert.deepEqual(
      (zh.match(/\{\w+\}/g) ?? []).sort(),
      (en.match(/\{\w+\}/g) ?? []).sort(),
      `${name}: the same places in both`,
    );
  }
});

const ui = (path) => new URL(`../../src/server/ui/${path}`, import.meta.url);

/** What a module imports at once, itself included. */
function closure(url, seen = new Set()) {
  if (seen.has(url.href)) return seen;
  seen.add(url.href);
  for (const [, path] of readFileSync(url, 'utf8').matchAll(/^import[^;]*?from '(\.[^']+)';/gms))
    closure(new URL(path, url), seen);
  return seen;
}

test('the shell names what it needs at once, and every file that a page names is there', () => {
  const named = (page) =>
    [...readFileSync(ui(page), 'utf8').matchAll(/(?:href|src)="\/ui\/([^"]+)"/g)].map((m) => m[1]);
  for (const page of ['index.html', 'verify.html'])
    for (const path of named(page)) assert.ok(existsSync(ui(path)), path);
  const modules = named('index.html')
    .filter((p) => p.endsWith('.js'))
    .map((p) => ui(p).href);
  assert.deepEqual(modules.sort(), [...closure(ui('js/app.js'))].sort());
});

test('no page holds inline script or style, which the policy forbids', () => {
  for (const page of ['index.html', 'verify.html']) {
    const html = readFileSync(ui(page), 'utf8');
    assert.ok(!/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/.test(html), page);
  }
});

test('times are written as on the report, sizes with a unit that fits', () => {
  assert.equal(moment('2023-02-01T08:05:09'), '2023-02-01 08:05');
  assert.equal(moment('2023-02-01T08:05:09', { seconds: true }), '2023-02-01 08:05:09');
  const now = new Date();
  assert.match(moment(now.toISOString()), /^\d\d-\d\d \d\d:\d\d$/, 'this year goes without saying');
  assert.match(moment(now.toISOString(), { whole: true }), new RegExp(`^${now.getFullYear()}-`));
  for (const missing of [null, undefined, '', 'nonsense']) assert.equal(moment(missing), '—');
  assert.deepEqual([0, 1, 1025, 2 ** 20, 1.5 * 2 ** 30].map(bytes), ['0 kB', '1 kB', '2 kB', '1.0 MB', '1.5 GB']);
});
