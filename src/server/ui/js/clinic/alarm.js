// Critical values at the clinic: they ring until somebody says that they are known, and stay until it is written what was
// done. The sound is made here (no file, no network); a browser that wants a click first is asked for it visibly.

import * as api from '../core/api.js';
import * as live from '../core/live.js';
import { button, field, h, refill } from '../core/dom.js';
import { notice } from '../core/dialog.js';
import { sexAge, span } from '../core/format.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

const DONE = [T.doneDoctor, T.doneTransfer, T.doneTreated, T.doneRepeat];
let audio = null;
let bell = 0;
let stop = null;

/** Two rising tones, as a medical device rings for high priority (after IEC 60601-1-8: a burst, a pause, again). */
function ring() {
  if (audio?.state !== 'running') return;
  [0, 0.18, 0.36, 0.72, 0.9].forEach((at, n) => {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = [660, 660, 880, 660, 880][n];
    tone.type = 'triangle';
    const start = audio.currentTime + at;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.35, start + 0.02);
    volume.gain.setValueAtTime(0.35, start + 0.12);
    volume.gain.linearRampToValueAtTime(0, start + 0.16);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.17);
  });
}

class Alarms {
  #texts = new Map();

  constructor(bar) {
    this.bar = bar;
    this.open = [];
  }

  async refresh() {
    try {
      this.open = (await api.get('/api/critical')).open;
      this.draw();
    } catch (error) {
      if (error.status !== 401) notice(error.message, 'fault');
    }
  }

  ringing() {
    return this.open.some(({ loop }) => loop.step === 'raised');
  }

  draw() {
    const rings = this.ringing();
    document.body.classList.toggle('ringing', rings);
    document.title = `${rings ? '◆ ' : ''}${document.title.replace(/^◆ /, '')}`;
    this.bar.dataset.ringing = String(rings);
    this.bar.dataset.sound = audio?.state ?? 'off';
    const holder = document.activeElement?.closest?.('[data-alarm]')?.dataset.alarm;
    refill(
      this.bar,
      rings && audio?.state !== 'running' && button(say(T.soundOn), () => this.sound(), { class: 'danger sound' }),
      this.open.map((entry) => this.#card(entry)),
    );
    if (holder) this.bar.querySelector(`[data-alarm="${holder}"] textarea`)?.focus();
    if (rings && !bell) {
      ring();
      bell = setInterval(ring, 3000);
    }
    if (!rings) {
      clearInterval(bell);
      bell = 0;
    }
  }

  async sound() {
    audio ??= new AudioContext();
    await Promise.race([audio.resume(), api.wait(300)]);
    this.bar.dataset.sound = audio.state;
    this.draw();
    if (this.ringing()) ring();
  }

  #card({ row, loop }) {
    const since = h(
      'span',
      { class: loop.overdue_s > 0 ? 'over' : '' },
      say(T.raisedAgo, { t: span(live.now() - Date.parse(loop.raised)) }),
      loop.overdue_s > 0 && ` · ${say(T.pastLimit)}`,
    );
    return h(
      'section',
      { class: `alarm-card step-${loop.step}`, data: { alarm: row.id } },
      h(
        'div',
        { class: 'alarm-head' },
        h('b', null, `◆ ${say(T.criticalValue)}${say(T.colon)}${loop.items.map((i) => say(i)).join(say(T.listComma))}`),
        since,
      ),
      h(
        'div',
        null,
        `${row.patient_name ?? say(T.noName)} ${sexAge({ sex: row.sex, age_years: row.age })} · ${row.site.name} `,
        h('a', { href: `#/case/${row.id}` }, say(T.openEcg)),
      ),
      loop.step === 'raised' ? this.#acknowledge(row) : this.#dispose(row),
    );
  }

  #acknowledge(row) {
    return h(
      'div',
      { class: 'row' },
      button(say(T.acknowledge), (event) => this.#send(event.currentTarget, row.id, 'acknowledge', {}), {
        class: 'danger big',
      }),
      h('span', { class: 'hint' }, say(T.acknowledgeHow)),
    );
  }

  #dispose(row) {
    const text = h('textarea', {
      rows: 2,
      required: true,
      value: this.#texts.get(row.id) ?? '',
      oninput: () => this.#texts.set(row.id, text.value),
    });
    const chips = DONE.map((d) =>
      button(
        say(d),
        () => {
          text.value = [text.value.trim(), say(d)].filter(Boolean).join(say(T.listComma));
          this.#texts.set(row.id, text.value);
          text.focus();
        },
        { class: 'chip' },
      ),
    );
    const send = h('button', { type: 'submit', class: 'primary' }, say(T.recordDone));
    const form = h(
      'form',
      { class: 'dispose' },
      field(say(T.whatWasDone), text),
      h('div', { class: 'chips' }, chips),
      send,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (text.value.trim()) this.#send(send, row.id, 'dispose', { what: text.value.trim() });
    });
    return form;
  }

  async #send(control, id, step, body) {
    control.disabled = true;
    this.sound();
    try {
      await api.ask(`/api/cases/${id}/critical/${step}`, body);
      if (step === 'dispose') notice(say(T.loopClosed));
    } catch (error) {
      notice(error.message, 'fault');
      control.disabled = false;
    }
    await this.refresh();
  }
}

/** Starts watching; called once a session. */
export function startAlarms(bar) {
  stop?.();
  const alarms = new Alarms(bar);
  const unlock = () => audio?.state !== 'running' && alarms.sound();
  document.addEventListener('pointerdown', unlock);
  document.addEventListener('keydown', unlock);
  if (navigator.userActivation?.hasBeenActive) alarms.sound();
  const silent = live.listen(
    (event) =>
      (event.type === 'reload' ||
        (event.type === 'case' && (event.critical || event.action?.startsWith('critical')))) &&
      alarms.refresh(),
  );
  const often = setInterval(() => alarms.refresh(), 30000);
  alarms.refresh();
  stop = () => {
    silent();
    clearInterval(often);
    clearInterval(bell);
    bell = 0;
    document.removeEventListener('pointerdown', unlock);
    document.removeEventListener('keydown', unlock);
    refill(bar);
    document.body.classList.remove('ringing');
    stop = null;
  };
}

export const stopAlarms = () => stop?.();
