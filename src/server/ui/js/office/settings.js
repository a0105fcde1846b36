// Settings of the centre: headings, limits, thresholds.

import * as api from '../core/api.js';
import { choice, field, h, refill } from '../core/dom.js';
import { notice } from '../core/dialog.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

const NUMBERS = [
  ['lock_min', T.setLock, 1, 240],
  ['acknowledge_min', T.setAcknowledge, 1, 240],
  ['dispose_min', T.setDispose, 1, 1440],
  ['session_min', T.setSession, 5, 720],
  ['upload_file_mb', T.setFileMb, 1, 128],
  ['upload_files', T.setFiles, 1, 1000],
  ['reserve_mb', T.setReserve, 0, 1048576],
];
const LAYOUTS = ['3x4+1', '3x4+3', '6x2', '12x1'];

export async function settings(body) {
  const now = await api.get('/api/settings');
  const text = (value, props) => h('input', { value: value ?? '', ...props });
  const pair = (name) => ({ zh: text(now[name]?.zh, { lang: 'zh-CN' }), en: text(now[name]?.en, { lang: 'en' }) });
  const [centre, footer] = [pair('centre'), pair('footer')];
  const numbers = Object.fromEntries(
    NUMBERS.map(([name, , min, max]) => [name, text(now[name], { type: 'number', min, max, required: true })]),
  );
  const url = text(now.base_url, { type: 'url', placeholder: 'https://…' });
  const zone = text(now.time_zone, { required: true });
  const layout = choice(
    LAYOUTS.map((l) => [l, l]),
    now.layout,
  );
  const years = text(now.keep_years, { type: 'number', min: 1, max: 100, placeholder: say(T.never) });
  const toml = h('textarea', { rows: 10, class: 'code', spellcheck: 'false', value: now.critical_toml ?? '' });
  const save = h('button', { type: 'submit', class: 'primary' }, say(T.save));
  const fault = h('p', { class: 'fault', role: 'alert', hidden: true });
  const form = h(
    'form',
    { class: 'settings' },
    h(
      'fieldset',
      null,
      h('legend', null, say(T.headings)),
      h(
        'div',
        { class: 'grid' },
        field(`${say(T.centreName)} (中文)`, centre.zh),
        field(`${say(T.centreName)} (English)`, centre.en),
        field(`${say(T.footerText)} (中文)`, footer.zh),
        field(`${say(T.footerText)} (English)`, footer.en),
        field(say(T.baseUrl), url, say(T.baseUrlHow)),
        field(say(T.timeZone), zone),
        field(say(T.reportLayout), layout),
      ),
    ),
    h(
      'fieldset',
      null,
      h('legend', null, say(T.limits)),
      h(
        'div',
        { class: 'grid' },
        NUMBERS.map(([name, t]) => field(say(t), numbers[name])),
        h('div', { class: 'span' }, field(say(T.setKeep), years, say(T.setKeepHow))),
      ),
    ),
    h('fieldset', null, h('legend', null, say(T.criticalThresholds)), field('TOML', toml, say(T.criticalTomlHow))),
    fault,
    save,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    save.disabled = true;
    fault.hidden = true;
    const both = (p) => ({ zh: p.zh.value.trim(), en: p.en.value.trim() });
    try {
      await api.replace('/api/settings', {
        centre: both(centre),
        footer: both(footer),
        base_url: url.value.trim(),
        time_zone: zone.value.trim(),
        layout: layout.value,
        critical_toml: toml.value,
        keep_years: years.value ? Number(years.value) : null,
        ...Object.fromEntries(NUMBERS.map(([name]) => [name, Number(numbers[name].value)])),
      });
      notice(say(T.saved));
    } catch (error) {
      refill(fault, error.message).hidden = false;
    }
    save.disabled = false;
  });
  refill(body, form);
}
