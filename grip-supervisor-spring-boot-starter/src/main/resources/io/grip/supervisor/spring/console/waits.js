// What a policy will do: the waits it makes and when its attempts start. Pure functions, in seconds; they say what the
// library's own policies say, which a test compares.

const UNITS = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 };
const ISO = /^\+?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const ABSENT = new Set(['none', 'unlimited']);

/** Seconds of a duration as configuration writes it: 250 (ms), 250ms, 2s, PT1.5S; NaN where it is none. */
export function duration(text) {
  const written = String(text ?? '').trim();
  const simple = /^\+?(\d+)\s*([a-z]*)$/i.exec(written);
  if (simple) {
    return Number(simple[1]) * (UNITS[simple[2].toLowerCase() || 'ms'] ?? NaN);
  }
  const iso = ISO.exec(written);
  if (!iso || written.toUpperCase().endsWith('T') || iso.slice(1).every((part) => part === undefined)) {
    return NaN;
  }
  const [days, hours, minutes, rest] = iso.slice(1).map((part) => Number(part ?? 0));
  return days * UNITS.d + hours * UNITS.h + minutes * UNITS.m + rest;
}

/** As duration, with Infinity where there is none. */
export function limit(text) {
  return isAbsent(text) ? Infinity : duration(text);
}

function isAbsent(text) {
  return ABSENT.has(String(text ?? 'none').trim().toLowerCase());
}

function number(text) {
  const written = String(text ?? '').trim();
  return written === '' ? NaN : Number(written);
}

/** What the picture needs of a policy, given by its leaves; `wrong` names those that cannot be read. */
export function read(leaf) {
  const type = String(leaf('retry.backoff.type') ?? 'exponential').trim().toLowerCase();
  const policy = {
    attempts: isAbsent(leaf('retry.max-attempts')) ? Infinity : number(leaf('retry.max-attempts')),
    jitter: number(leaf('retry.jitter')),
    type,
    initial: type === 'none' ? 0 : duration(leaf('retry.backoff.initial')),
    multiplier: type === 'exponential' ? number(leaf('retry.backoff.multiplier')) : 1,
    max: type === 'exponential' || type === 'linear' ? duration(leaf('retry.backoff.max')) : Infinity,
    timeout: limit(leaf('deadline.timeout')),
    attemptTimeout: limit(leaf('deadline.attempt-timeout')),
  };
  const wrong = [
    ['retry.max-attempts', policy.attempts >= 1 && (policy.attempts === Infinity || Number.isInteger(policy.attempts))],
    ['retry.jitter', policy.jitter >= 0 && policy.jitter <= 1],
    ['retry.backoff.type', ['none', 'fixed', 'linear', 'exponential'].includes(type)],
    ['retry.backoff.initial', policy.initial >= 0 && policy.initial <= (policy.max >= 0 ? policy.max : Infinity)],
    ['retry.backoff.multiplier', policy.multiplier >= 1],
    ['retry.backoff.max', policy.max >= 0],
    ['deadline.timeout', policy.timeout > 0],
    ['deadline.attempt-timeout', policy.attemptTimeout > 0],
  ].filter(([, right]) => !right).map(([key]) => key);
  return { ...policy, wrong };
}

/** The wait before a retry, counted from 1, without jitter. */
export function delay(policy, retry) {
  switch (policy.type) {
    case 'none':
      return 0;
    case 'fixed':
      return policy.initial;
    case 'linear':
      return Math.min(policy.initial * retry, policy.max);
    default:
      return policy.initial === 0 ? 0 : Math.min(policy.initial * policy.multiplier ** (retry - 1), policy.max);
  }
}

/**
 * The attempts of an execution in which each one fails after `attemptTime`. A wait lies between `least` and `most`; an
 * attempt starts between `earliest` and `latest`. Whether it is made at all: 'certain', 'possible' where the draws of the
 * jitter decide, 'never' where not even the shortest waits fit into the deadline (a wait must end before it).
 */
export function plan(policy, attemptTime, rows) {
  const lasts = Math.min(attemptTime, policy.attemptTimeout);
  const shown = Math.min(policy.attempts, rows);
  const attempts = [{ number: 1, least: 0, most: 0, earliest: 0, latest: 0, made: 'certain' }];
  while (attempts.length < shown && attempts.at(-1).made !== 'never') {
    const last = attempts.at(-1);
    const most = delay(policy, last.number);
    const least = most * (1 - policy.jitter);
    const earliest = last.earliest + lasts + least;
    const latest = last.latest + lasts + most;
    attempts.push({ number: last.number + 1, least, most, earliest, latest, made: made(earliest, latest, policy.timeout) });
  }
  return {
    attempts,
    lasts,
    timeout: policy.timeout,
    certain: attempts.filter((attempt) => attempt.made === 'certain').length,
    possible: attempts.filter((attempt) => attempt.made !== 'never').length,
    wanted: policy.attempts,
    cutShort: policy.attempts > rows && attempts.at(-1).made !== 'never',
  };
}

function made(earliest, latest, timeout) {
  if (latest < timeout) {
    return 'certain';
  }
  return earliest < timeout ? 'possible' : 'never';
}
