// Draws a plan of attempts: for each a row, its wait as a band, against the deadline.

import { el, svg } from './dom.js';
import { plural, seconds } from './format.js';

const ROW = 22;
const LEFT = 26;
const RIGHT = 8;
const AXIS = 20;
const MARK = 4;

/** A drawing so many pixels wide. */
export function draw(plan, width) {
  const inner = Math.max(60, width - LEFT - RIGHT);
  const end = scaleEnd(plan);
  const x = (time) => LEFT + inner * Math.min(1, time / end);
  const height = plan.attempts.length * ROW + AXIS;
  const picture = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': inWords(plan) });
  drawAxis(picture, plan, end, x, height - AXIS);
  plan.attempts.forEach((attempt, index) => drawAttempt(picture, plan, attempt, plan.attempts[index - 1], index * ROW, x));
  return picture;
}

function scaleEnd(plan) {
  const last = plan.attempts.filter((attempt) => attempt.made !== 'never').at(-1);
  const busy = last.latest + plan.lasts;
  const end = plan.timeout === Infinity ? busy * 1.06 : Math.max(plan.timeout * 1.08, Math.min(busy, plan.timeout * 1.5));
  // A deadline far beyond all attempts would leave them no room: then it is not drawn, and said in words only.
  return (plan.timeout !== Infinity && busy > 0 && busy < plan.timeout / 12 ? busy * 1.3 : end) || 1;
}

function drawAxis(picture, plan, end, x, bottom) {
  for (const mark of ticks(end, x(end) - LEFT)) {
    picture.append(
      svg('line', { class: 'grid', x1: x(mark), x2: x(mark), y1: 0, y2: bottom }),
      svg('text', { class: 'tick', x: x(mark), y: bottom + 14, 'text-anchor': mark === 0 ? 'start' : 'middle' }, seconds(mark)),
    );
  }
  if (plan.timeout < end) {
    picture.append(
      svg('rect', { class: 'beyond', x: x(plan.timeout), y: 0, width: x(end) - x(plan.timeout), height: bottom }),
      svg('line', { class: 'deadline', x1: x(plan.timeout), x2: x(plan.timeout), y1: 0, y2: bottom }),
    );
  }
}

function ticks(end, width) {
  const rough = end / Math.max(1, Math.min(6, Math.floor(width / 70)));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  // Multiplied rather than summed up, and rounded, so that marks are the numbers they are meant to be.
  return Array.from({ length: Math.floor(end / step) + 1 }, (unused, index) => Number((index * step).toPrecision(12)))
    .filter((mark) => mark <= end * 0.96);
}

function drawAttempt(picture, plan, attempt, before, top, x) {
  const middle = top + ROW / 2;
  const row = svg('g', { class: `attempt ${attempt.made}` });
  row.append(svg('text', { class: 'number', x: LEFT - 9, y: middle + 4, 'text-anchor': 'end' }, String(attempt.number)));
  if (before) {
    row.append(svg('line', { class: 'wait', x1: x(before.earliest + plan.lasts), x2: x(attempt.earliest), y1: middle, y2: middle }));
  }
  const from = x(attempt.earliest);
  const band = Math.max(0, x(attempt.latest) - from);
  row.append(svg('rect', { class: 'band', x: from, y: middle - 7, width: band, height: 14, rx: 3 }));
  if (plan.lasts > 0) {
    row.append(svg('rect', { class: 'running', x: from, y: middle - 3, width: Math.max(1, x(attempt.latest + plan.lasts) - from), height: 6, rx: 3 }));
  }
  row.append(svg('circle', { class: 'start', cx: from, cy: middle, r: MARK }));
  if (band > 2 * MARK) {
    row.append(svg('circle', { class: 'start', cx: x(attempt.latest), cy: middle, r: MARK }));
  }
  picture.append(row);
}

/** The waits as a table, the same numbers as in the drawing. */
export function tabulate(plan) {
  const rows = plan.attempts.map((attempt) =>
    el('tr', { 'data-made': attempt.made },
      el('th', { scope: 'row' }, String(attempt.number)),
      el('td', {}, attempt.number === 1 ? 'none' : range(attempt.least, attempt.most)),
      el('td', {}, range(attempt.earliest, attempt.latest)),
      el('td', {}, attempt.made)));
  return el('table', { class: 'plain' },
    el('thead', {}, el('tr', {}, ...['Attempt', 'Wait before', 'Starts at', 'Is made'].map((text) => el('th', { scope: 'col' }, text)))),
    el('tbody', {}, ...rows));
}

/** What the drawing shows, in a sentence or two. */
export function inWords(plan) {
  const last = plan.attempts.filter((attempt) => attempt.made !== 'never').at(-1);
  const span = last.number === 1 ? '' : ` The last one starts after ${range(last.earliest, Math.min(last.latest, plan.timeout))}.`;
  const number = plan.wanted === Infinity ? 'Attempts without limit' : plural(plan.wanted, 'attempt', 'attempts');
  if (plan.timeout === Infinity) {
    return `${number}, no deadline.${plan.cutShort ? ` The first ${plan.attempts.length} are shown.` : ''}${span}`;
  }
  const deadline = `the deadline of ${seconds(plan.timeout)}`;
  if (plan.cutShort) {
    return `${number}; the first ${plan.attempts.length} are shown, and they begin within ${deadline}.${span}`;
  }
  if (plan.certain === plan.wanted) {
    return `${number}, all of which begin within ${deadline}.${span}`;
  }
  const those = plan.certain === plan.possible ? `${plan.certain}` : `${plan.certain} to ${plan.possible}, as chance has it,`;
  return `${number}, but only ${those} ${plan.possible === 1 ? 'begins' : 'begin'} within ${deadline}.${span}`;
}

function range(least, most) {
  return seconds(least) === seconds(most) ? seconds(most) : `${seconds(least)} to ${seconds(most)}`;
}
