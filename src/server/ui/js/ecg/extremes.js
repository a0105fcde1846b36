// Min/max pyramid of a lead: a pixel column that covers thousands of samples costs a few comparisons, so that a day's
// recording pans like ten seconds. Missing samples (NaN) are passed over; a column without any sample is NaN.

const FACTOR = 8;

export class Extremes {
  #levels = null;

  constructor(samples) {
    this.samples = samples;
  }

  /** Levels above the samples, made at first need: level n has blocks of FACTOR^(n+1) samples. */
  #pyramid() {
    if (this.#levels) return this.#levels;
    this.#levels = [];
    let low = this.samples;
    let high = this.samples;
    while (low.length > FACTOR * 4) {
      const size = Math.ceil(low.length / FACTOR);
      const lows = new Float32Array(size);
      const highs = new Float32Array(size);
      for (let block = 0; block < size; block += 1) {
        const end = Math.min(low.length, (block + 1) * FACTOR);
        let [min, max] = [Infinity, -Infinity];
        for (let n = block * FACTOR; n < end; n += 1) {
          if (low[n] < min) min = low[n];
          if (high[n] > max) max = high[n];
        }
        lows[block] = min === Infinity ? NaN : min;
        highs[block] = max === -Infinity ? NaN : max;
      }
      this.#levels.push({ lows, highs });
      [low, high] = [lows, highs];
    }
    return this.#levels;
  }

  /** Least and greatest value in [from, to); fills `out` = [min, max]. */
  range(from, to, out) {
    let [min, max] = [Infinity, -Infinity];
    const look = (lows, highs, a, b) => {
      for (let n = a; n < b; n += 1) {
        if (lows[n] < min) min = lows[n];
        if (highs[n] > max) max = highs[n];
      }
    };
    let a = Math.max(0, Math.floor(from));
    let b = Math.min(this.samples.length, Math.ceil(to));
    let [lows, highs] = [this.samples, this.samples];
    for (const level of b - a > FACTOR * 4 ? this.#pyramid() : []) {
      if (b - a <= FACTOR * 4) break;
      const [up, down] = [Math.ceil(a / FACTOR), Math.floor(b / FACTOR)];
      look(lows, highs, a, Math.min(up * FACTOR, b));
      look(lows, highs, Math.max(down * FACTOR, a), b);
      [a, b] = [up, Math.max(up, down)];
      ({ lows, highs } = level);
    }
    look(lows, highs, a, b);
    out[0] = min === Infinity ? NaN : min;
    out[1] = max === -Infinity ? NaN : max;
    return out;
  }
}
