// Sending: one request an ECG, two at a time, with progress. A line that breaks is waited for and the ECG sent again: the
// centre recognises what it already has, so that nothing is there twice. A refusal is shown in the centre's words.

import { headers, problem } from '../core/api.js';
import { say } from '../core/lang.js';
import { T } from '../texts.js';

const AT_ONCE = 2;

function send(job, progress) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    if (job.site) form.append('site', String(job.site));
    form.append('clinical', JSON.stringify(job.clinical));
    for (const file of job.files) form.append('file', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', '/api/recordings');
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.timeout = 180000;
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    const broken = () => reject(Object.assign(new Error(say(T.noNetwork)), { code: 'network' }));
    request.onerror = broken;
    request.ontimeout = broken;
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText).results);
      else reject(problem(request.status, request.responseText));
    };
    request.send(form);
  });
}

const passing = (error) => error.code === 'network' || [429, 502, 503, 504].includes(error.status);

/** The line of ECGs to be sent; `changed(job)` after every change of a job. */
export class Uploads {
  constructor(changed) {
    this.changed = changed;
    this.jobs = [];
    this.running = 0;
    window.addEventListener('online', () => this.wake());
  }

  add(groups, clinical, site) {
    const jobs = groups.map((group) => ({ ...group, clinical, site, state: 'queued', done: 0, tries: 0 }));
    this.jobs.unshift(...jobs);
    jobs.forEach((job) => this.changed(job));
    this.#next();
  }

  /** Whether something is still on its way. */
  busy() {
    return this.jobs.some((job) => ['queued', 'sending', 'waiting'].includes(job.state));
  }

  /** The network is back: what waits is sent now. */
  wake() {
    for (const job of this.jobs) {
      if (job.state !== 'waiting') continue;
      clearTimeout(job.timer);
      job.state = 'queued';
    }
    this.#next();
  }

  again(job) {
    Object.assign(job, { state: 'queued', tries: 0 });
    this.#next();
  }

  #next() {
    while (this.running < AT_ONCE) {
      const job = this.jobs.findLast((j) => j.state === 'queued');
      if (!job) return;
      this.running += 1;
      this.#run(job).finally(() => {
        this.running -= 1;
        this.#next();
      });
    }
  }

  async #run(job) {
    const set = (changes) => {
      Object.assign(job, changes);
      this.changed(job);
    };
    set({ state: 'sending', done: 0, error: null });
    try {
      const results = await send(job, (done) => set({ done }));
      set({
        state: results.some((r) => r.status === 'refused') && !results.some((r) => r.case) ? 'refused' : 'sent',
        results,
        done: 1,
      });
    } catch (error) {
      if (!passing(error)) {
        set({ state: 'failed', error: error.message });
        return;
      }
      const pause = Math.min(60000, 2000 * 2 ** job.tries);
      set({ state: 'waiting', error: error.message, tries: job.tries + 1 });
      job.timer = setTimeout(() => {
        if (job.state !== 'waiting') return;
        job.state = 'queued';
        this.#next();
      }, pause);
    }
  }
}
