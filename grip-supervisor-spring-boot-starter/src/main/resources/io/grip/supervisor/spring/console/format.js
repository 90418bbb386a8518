// Numbers and times as people read them. Pure functions.

const NOTHING = '\u2013';

/** Seconds with three digits at most, in the unit that suits them. */
export function seconds(value) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return NOTHING;
  }
  if (value === 0) {
    return '0';
  }
  if (value < 0.001) {
    return `${short(value * 1e6)} \u00b5s`;
  }
  if (value < 1) {
    return `${short(value * 1e3)} ms`;
  }
  if (value < 120) {
    return `${short(value)} s`;
  }
  if (value < 7200) {
    return `${short(value / 60)} min`;
  }
  return value < 172800 ? `${short(value / 3600)} h` : `${short(value / 86400)} d`;
}

/** A count, with its thousands apart. */
export function count(value) {
  return value === null || value === undefined ? NOTHING : value.toLocaleString('en');
}

/** So many a second. */
export function rate(value) {
  if (value === null || value === undefined) {
    return NOTHING;
  }
  return value === 0 ? '0' : short(value);
}

/** A share of one, as a percentage. */
export function share(value) {
  return value === null || value === undefined ? NOTHING : `${short(value * 100)} %`;
}

/** Some of a limit that may be absent. */
export function ofLimit(used, limit) {
  return limit === null || limit === undefined ? count(used) : `${count(used)} / ${count(limit)}`;
}

/** The time of day of an instant in ISO form; the text itself where it is none. */
export function timeOfDay(instant) {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? String(instant ?? NOTHING) : date.toLocaleTimeString('en-GB');
}

/** BACKING_OFF as 'backing off'. */
export function words(constant) {
  return String(constant ?? NOTHING).toLowerCase().replaceAll('_', ' ');
}

/** 'one child', 'two children'. */
export function plural(number, one, many) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

function short(value) {
  if (value >= 99.95) {
    return Math.round(value).toLocaleString('en');
  }
  return String(Number(value.toPrecision(value >= 9.995 ? 3 : 2)));
}
