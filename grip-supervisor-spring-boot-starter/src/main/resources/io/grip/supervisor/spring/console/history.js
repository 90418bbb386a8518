// Turns counters that only grow into rates, from what was seen since the page was opened.

const KEPT = 300;
const COUNTERS = {
  success: ({ executions }) => executions?.success,
  failed: ({ executions }) => executions && executions.failure + executions.rejected + executions.cancelled + executions.shutdown,
  retries: ({ retries }) => retries,
};

/** The samples of one supervisor: time in seconds, rates a second since the sample before, percentiles in seconds. */
export class History {
  #samples = [];
  #last = null;

  add(at, supervisor) {
    const counters = {};
    for (const [name, of] of Object.entries(COUNTERS)) {
      counters[name] = of(supervisor) ?? null;
    }
    const before = this.#last;
    this.#last = { at, counters };
    if (before === null || at <= before.at) {
      return;
    }
    const sample = { at, p50: supervisor.latency?.p50 ?? null, p99: supervisor.latency?.p99 ?? null };
    for (const name of Object.keys(COUNTERS)) {
      // Nothing counts them; or they are fewer, because the application was started anew, and nobody knows of the time between.
      const known = counters[name] !== null && counters[name] >= (before.counters[name] ?? Infinity);
      sample[name] = known ? (counters[name] - before.counters[name]) / (at - before.at) : null;
    }
    this.#samples.push(sample);
    if (this.#samples.length > KEPT) {
      this.#samples.shift();
    }
  }

  /** The mean of a rate over the last so many samples; null before there is one. */
  recent(name, samples = 3) {
    const known = this.#samples.slice(-samples).map((sample) => sample[name]).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  }

  /** The values of one kind, oldest first. */
  column(name) {
    return this.#samples.map((sample) => sample[name]);
  }
}
