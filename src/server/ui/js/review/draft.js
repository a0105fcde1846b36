// The reader's changes on their way to the centre: kept as they are made, one request at a time, the newest state wins.
// A network that is away is waited for; a case that moved on by another's hand stops the page.

import * as api from '../core/api.js';

export class Draft {
  #timer = 0;
  #running = null;
  #again = false;
  #pause = 1000;

  /** `kept(state)` gets each DraftState, `trouble(problem)` what was refused, `saving(boolean)` whether it is under way. */
  constructor(id, state, { kept, trouble, saving }) {
    Object.assign(this, { id, kept, trouble, saving });
    const draft = state?.draft ?? {};
    this.edits = [...(draft.edits ?? [])];
    this.fiducials = { ...(draft.fiducials ?? {}) };
    this.advice = draft.advice ?? null;
    this.note = draft.note ?? null;
    this.dirty = false;
  }

  body() {
    const moved = Object.keys(this.fiducials).length > 0;
    return { edits: this.edits, fiducials: moved ? this.fiducials : null, advice: this.advice, note: this.note };
  }

  /** Something changed: it is sent in a moment. */
  changed() {
    this.dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush().catch(() => {}), 400);
  }

  /** Sends what is unsent; settles when the centre has it all, throws when it cannot have it. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#running) {
      this.#again = true;
      await this.#running;
      return this.dirty ? this.flush() : undefined;
    }
    if (!this.dirty) return undefined;
    this.#running = this.#send().finally(() => {
      this.#running = null;
    });
    await this.#running;
    return this.dirty ? this.flush() : undefined;
  }

  async #send() {
    this.dirty = false;
    this.saving(true);
    try {
      const query = this.revision === undefined ? '' : `?revision=${this.revision}`;
      const state = await api.replace(`/api/cases/${this.id}/draft${query}`, this.body());
      this.revision = state.revision;
      this.#pause = 1000;
      this.kept(state);
      this.saving(false);
    } catch (error) {
      this.dirty = true;
      this.trouble(error);
      if (error.code === 'network') {
        this.#timer = setTimeout(() => this.flush().catch(() => {}), this.#pause);
        this.#pause = Math.min(15000, this.#pause * 2);
      }
      throw error;
    }
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
