// What the clinic knows of the patient: symptoms, chest pain with its onset, urgency, medication. Large targets; works on
// a phone.

import { choice, field, h } from '../core/dom.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

const PHONE = 'einthoven.phone';

const local = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

/** The form; `values()` gives Clinical, `set(clinical)` fills it, `clear()` empties all but the telephone. */
export function clinicalForm() {
  const text = (name, props) => h('input', { name, autocomplete: 'off', ...props });
  const control = {
    patient_name: text('patient_name'),
    patient_id: text('patient_id'),
    sex: choice(
      [
        ['', '—'],
        ['female', say(T.female)],
        ['male', say(T.male)],
      ],
      '',
    ),
    age: text('age', { type: 'number', min: 0, max: 130, step: 'any', inputmode: 'decimal' }),
    symptoms: text('symptoms', { placeholder: say(T.symptomsExample) }),
    medication: text('medication', { placeholder: say(T.medicationExample) }),
    history: text('history', { placeholder: say(T.historyExample) }),
    department: text('department'),
    phone: text('phone', { type: 'tel', value: localStorage.getItem(PHONE) ?? '' }),
    chest_pain: h('input', { type: 'checkbox', name: 'chest_pain' }),
    chest_pain_onset: text('chest_pain_onset', { type: 'datetime-local', max: local(new Date(Date.now() + 86400000)) }),
    urgent: h('input', { type: 'checkbox', name: 'urgent' }),
  };
  const onset = field(say(T.painOnset), control.chest_pain_onset);
  onset.hidden = true;
  control.chest_pain.addEventListener('change', () => {
    onset.hidden = !control.chest_pain.checked;
    if (control.chest_pain.checked) control.urgent.checked = true;
  });
  const tick = (box, label, kind) => h('label', { class: `check ${kind}` }, box, h('span', null, label));
  const element = h(
    'div',
    { class: 'clinical-form' },
    h(
      'div',
      { class: 'checks' },
      tick(control.chest_pain, `♥ ${say(T.chestPain)}`, 'pain'),
      tick(control.urgent, `▲ ${say(T.urgent)}`, 'urgent'),
      onset,
    ),
    h(
      'div',
      { class: 'grid' },
      field(say(T.symptoms), control.symptoms),
      field(say(T.medication), control.medication),
      field(say(T.history), control.history),
    ),
    h(
      'details',
      null,
      h('summary', null, say(T.patientDetails)),
      h('p', { class: 'hint' }, say(T.patientDetailsHow)),
      h(
        'div',
        { class: 'grid' },
        field(say(T.patientName), control.patient_name),
        field(say(T.patientId), control.patient_id),
        field(say(T.sex), control.sex),
        field(say(T.age), control.age),
        field(say(T.department), control.department),
        field(say(T.phone), control.phone, say(T.phoneHow)),
      ),
    ),
  );
  const values = () => {
    const out = {};
    for (const [name, input] of Object.entries(control)) {
      if (input.type === 'checkbox') out[name] = input.checked;
      else if (name === 'age') out[name] = input.value === '' ? null : Number(input.value);
      else out[name] = input.value.trim() || null;
    }
    if (!out.chest_pain) out.chest_pain_onset = null;
    localStorage.setItem(PHONE, out.phone ?? '');
    return out;
  };
  const set = (clinical) => {
    for (const [name, input] of Object.entries(control)) {
      if (!(name in clinical)) continue;
      if (input.type === 'checkbox') input.checked = Boolean(clinical[name]);
      else input.value = clinical[name] ?? '';
    }
    onset.hidden = !control.chest_pain.checked;
  };
  const clear = () => {
    const { phone } = control;
    set({
      ...Object.fromEntries(
        Object.keys(control).map((name) => [name, name === 'chest_pain' || name === 'urgent' ? false : null]),
      ),
      phone: phone.value,
    });
  };
  return { element, values, set, clear };
}
