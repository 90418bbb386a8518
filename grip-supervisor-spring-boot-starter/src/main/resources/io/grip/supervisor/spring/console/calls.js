// The supervisors of calls: the table of all, and one in detail.

import { Charts } from './charts.js';
import { el, keyed, setAttribute, setText, svg } from './dom.js';
import { PolicyEditor } from './editor.js';
import { count, ofLimit, plural, rate, seconds, share, timeOfDay, words } from './format.js';

/** How many samples the small drawings show. */
const TREND = 40;

const COLUMNS = [
  ['Calls/s', (supervisor, history) => rate(sum(history.recent('success'), history.recent('failed')))],
  ['Failed/s', (supervisor, history) => rate(history.recent('failed')), (history) => history.recent('failed') > 0 && 'failing'],
  ['Retries/s', (supervisor, history) => rate(history.recent('retries')), (history) => history.recent('retries') > 0 && 'retrying'],
  ['p50', (supervisor) => seconds(supervisor.latency?.p50)],
  ['p99', (supervisor) => seconds(supervisor.latency?.p99)],
  ['Permits', (supervisor) => ofLimit(supervisor.inFlight, supervisor.limit) + (supervisor.waiting > 0 ? ` +${count(supervisor.waiting)}` : '')],
];

function sum(one, other) {
  return one === null || other === null ? null : one + other;
}

/** A state, as a word and a colour. */
export function badge() {
  return el('span', { class: 'badge' });
}

export function setBadge(element, state) {
  setText(element, words(state));
  setAttribute(element, 'data-state', String(state));
}

/** Brings the table up to date. `address(name)` is where a supervisor is looked at. */
export function updateTable(body, supervisors, histories, address, selected) {
  keyed(body, supervisors, (supervisor) => supervisor.name, (supervisor) => makeRow(supervisor, address), (row, supervisor) => {
    const history = histories.get(supervisor.name);
    row.classList.toggle('selected', supervisor.name === selected);
    setAttribute(row.parts.link, 'aria-current', supervisor.name === selected ? 'true' : null);
    setBadge(row.parts.badge, supervisor.state);
    COLUMNS.forEach(([, text, mark], index) => {
      setText(row.parts.cells[index], text(supervisor, history));
      setAttribute(row.parts.cells[index], 'data-mark', (mark && mark(history)) || null);
    });
    drawTrend(row.parts, history);
  });
}

function makeRow(supervisor, address) {
  const parts = {
    link: el('a', { href: address(supervisor.name), title: supervisor.name }, supervisor.name),
    badge: badge(),
    cells: COLUMNS.map(([label]) => el('td', { class: 'number', 'data-label': label })),
    calls: svg('polyline', { class: 'line-calls' }),
    retries: svg('polyline', { class: 'line-retries' }),
  };
  const trend = svg('svg', { viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, parts.calls, parts.retries);
  const row = el('tr', {},
    el('th', { scope: 'row' }, parts.link),
    el('td', { class: 'state' }, parts.badge),
    ...parts.cells,
    el('td', { class: 'trend' }, trend));
  row.parts = parts;
  return row;
}

function drawTrend(parts, history) {
  const succeeded = history.column('success').slice(-TREND);
  const failed = history.column('failed').slice(-TREND);
  const calls = succeeded.map((value, index) => (value ?? 0) + (failed[index] ?? 0));
  const retries = history.column('retries').slice(-TREND).map((value) => value ?? 0);
  const top = Math.max(1e-9, ...calls, ...retries);
  const points = (values) => values.map((value, index) =>
    `${(100 - (values.length - 1 - index) * (100 / (TREND - 1))).toFixed(1)},${(22.5 - (value / top) * 20).toFixed(1)}`).join(' ');
  setAttribute(parts.calls, 'points', points(calls));
  setAttribute(parts.retries, 'points', points(retries));
}

const FIGURES = [
  ['Succeeded', (s) => count(s.executions?.success)],
  ['Failed', (s) => count(s.executions?.failure)],
  ['Rejected', (s) => count(s.executions?.rejected)],
  ['Cancelled', (s) => count(s.executions?.cancelled)],
  ['Shut down', (s) => count(s.executions?.shutdown)],
  ['Attempts', (s) => count(s.attempts)],
  ['Retries', (s) => count(s.retries)],
  ['Restarts', (s) => count(s.restarts)],
  ['Gave up', (s) => count(s.giveUps)],
  ['Escalated', (s) => count(s.escalations)],
  ['Late results', (s) => count(s.lateResults)],
  ['Hook errors', (s) => count(s.hookErrors)],
  ['p50', (s) => seconds(s.latency?.p50)],
  ['p99', (s) => seconds(s.latency?.p99)],
  ['Permits', (s) => ofLimit(s.inFlight, s.limit)],
  ['Waiting', (s) => count(s.waiting)],
  ['Retry budget', (s) => (s.retryBudget ? count(s.retryBudget.available) : 'none')],
  ['Refused by it', (s) => count(s.retryBudget?.refused)],
];

/** One supervisor in detail. */
export class CallsDetail {
  #name;
  #actions;
  #badge = badge();
  #about = el('p', { class: 'quiet' });
  #figures = el('dl', { class: 'figures' });
  #figureValues = new Map();
  #charts;
  #editor;
  #failures = el('tbody', {});
  #noFailures = el('p', { class: 'empty' }, 'None.');
  #failuresTable;
  #failuresFrame;
  #threads = el('ul', { class: 'threads' });
  #threadsSection;
  #stacks = new Map();
  #drain;
  #reason = el('p', { class: 'quiet', id: 'drain-reason' });

  /** @param actions update(name, policy), drain(name), resume(name), stacks(name) */
  constructor(name, actions) {
    this.#name = name;
    this.#actions = actions;
    this.#drain = el('button', { type: 'button', 'aria-describedby': 'drain-reason', click: () => this.#turn() });
    for (const [label] of FIGURES) {
      const value = el('dd', {});
      this.#figureValues.set(label, value);
      this.#figures.append(el('div', {}, el('dt', {}, label), value));
    }
    const rates = el('div', { class: 'chart', role: 'img', 'aria-label': 'Chart of calls and retries a second' });
    const times = el('div', { class: 'chart', role: 'img', 'aria-label': 'Chart of the median and the 99th percentile of the time calls take' });
    this.#editor = new PolicyEditor((changes) => actions.update(name, changes));
    this.#failuresTable = el('table', { class: 'plain failures' },
      el('thead', {}, el('tr', {}, ...['When', 'What', 'Attempt'].map((text) => el('th', { scope: 'col' }, text)))),
      this.#failures);
    this.#failuresFrame = el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Last failures' }, this.#failuresTable);
    this.#threadsSection = el('section', { hidden: true }, el('h3', {}, 'Abandoned threads'), this.#threads,
      el('button', { type: 'button', click: () => this.#showStacks() }, 'Show their stacks'));
    this.element = el('div', {},
      el('div', { class: 'title' }, el('h2', { title: name }, name), this.#badge, this.#drain),
      this.#about, this.#reason,
      el('section', { class: 'charts' },
        el('div', {}, el('h3', {}, 'A second'), rates),
        el('div', {}, el('h3', {}, 'Time taken'), times)),
      el('section', {}, el('h3', {}, 'Since it began'), this.#figures),
      el('section', {}, el('h3', {}, 'Last failures'), this.#failuresFrame, this.#noFailures),
      this.#threadsSection,
      this.#editor.element);
    this.#charts = new Charts(rates, times);
  }

  end() {
    this.#charts.end();
    this.#editor.end();
  }

  update(supervisor, history, readOnly) {
    setBadge(this.#badge, supervisor.state);
    setText(this.#about, about(supervisor));
    for (const [label, text] of FIGURES) {
      setText(this.#figureValues.get(label), text(supervisor));
    }
    this.#charts.update(history);
    this.#editor.update(supervisor.policy ?? {}, readOnly);
    this.#updateDrain(supervisor.state, readOnly);
    this.#updateFailures(supervisor.lastFailures ?? []);
    this.#updateThreads(supervisor.abandonedThreads ?? []);
  }

  #updateDrain(state, readOnly) {
    setText(this.#drain, state === 'DRAINING' ? 'Resume' : 'Drain');
    this.#drain.disabled = readOnly !== null || state === 'CLOSED';
    setText(this.#reason, readOnly ?? (state === 'CLOSED' ? 'Closed: it does nothing any more.' : ''));
    this.#reason.hidden = this.#reason.textContent === '';
  }

  #turn() {
    return this.#drain.textContent === 'Drain' ? this.#actions.drain(this.#name) : this.#actions.resume(this.#name);
  }

  #updateFailures(failures) {
    this.#failuresFrame.hidden = failures.length === 0;
    this.#noFailures.hidden = failures.length > 0;
    const seen = new Map();
    const items = failures.map((failure) => {
      const key = `${failure.at} ${failure.attempt} ${failure.exception}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return { ...failure, key: `${key} ${seen.get(key)}` };
    });
    keyed(this.#failures, items, (failure) => failure.key, failureRow, () => {});
  }

  #updateThreads(threads) {
    this.#threadsSection.hidden = threads.length === 0;
    keyed(this.#threads, threads, (thread) => thread.thread, (thread) => {
      const age = el('span', { class: 'quiet' });
      const stack = el('pre', { hidden: true, tabindex: '0' });
      const item = el('li', {}, el('strong', {}, thread.thread), ' ', age, stack);
      item.parts = { age, stack };
      return item;
    }, (item, thread) => {
      setText(item.parts.age, `for ${seconds(thread.age)}`);
      const stack = [this.#stacks.get(thread.thread) ?? []].flat();
      setText(item.parts.stack, stack.join('\n'));
      item.parts.stack.hidden = stack.length === 0;
    });
  }

  async #showStacks() {
    const supervisor = await this.#actions.stacks(this.#name);
    if (supervisor) {
      this.#stacks = new Map((supervisor.abandonedThreads ?? []).map((thread) => [thread.thread, thread.stack ?? []]));
      this.#updateThreads(supervisor.abandonedThreads ?? []);
    }
  }
}

const THREADS = {
  caller: 'attempts on the caller\u2019s thread',
  own: 'attempts on threads of their own',
  custom: 'attempts on threads of the application\u2019s choice',
};

function about(supervisor) {
  const budget = supervisor.retryBudget;
  const parts = [
    supervisor.policyName ? `policy ${supervisor.policyName}` : 'built by the application itself, and not measured',
    THREADS[supervisor.thread] ?? supervisor.thread,
  ];
  if (supervisor.latency) {
    parts.push(`percentiles of the last ${plural(supervisor.latency.sample, 'call', 'calls')}`);
  }
  if (budget) {
    parts.push(`retries at most ${share(budget.share)} of calls, or ${budget.floor}`);
  }
  return parts.join(' \u00b7 ');
}

/** A failure: its exception's simple name, its message as it came. */
export function failureRow(failure) {
  return el('tr', {},
    el('td', {}, timeOfDay(failure.at)),
    el('td', { class: 'what' },
      el('span', { class: 'exception', title: failure.exception ?? '' }, simpleName(failure.exception) ?? words(failure.kind)),
      ' ', el('span', { class: 'quiet' }, afterwards(failure)),
      failure.message ? el('span', { class: 'message' }, failure.message) : null),
    el('td', { class: 'number' }, failure.attempt === undefined ? '' : String(failure.attempt)));
}

function afterwards(failure) {
  const then = failure.then === 'END' ? 'the end of it' : failure.then && `${words(failure.then)} after ${seconds(failure.delay)}`;
  return [words(failure.kind), then].filter(Boolean).join(', ');
}

export function simpleName(exception) {
  return exception ? String(exception).slice(String(exception).lastIndexOf('.') + 1) : null;
}
