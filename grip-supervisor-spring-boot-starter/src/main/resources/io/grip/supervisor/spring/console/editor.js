// The policy of a supervisor: every value with its origin, to be edited, and the picture of what it does.

import { el, keyed, setAttribute, setText } from './dom.js';
import { plural, timeOfDay } from './format.js';
import { draw, inWords, tabulate } from './picture.js';
import { duration, plan, read } from './waits.js';

const MOST_ROWS = 12;
const GROUPS = ['', 'retry', 'deadline', 'admission', 'restart', 'escalation'];
const LEAVES = [
  'max-attempts', 'backoff.type', 'backoff.initial', 'backoff.multiplier', 'backoff.max', 'jitter', 'budget.share', 'budget.floor', 'budget.recent', 'timeout', 'attempt-timeout',
  'max-concurrency', 'max-wait', 'mode', 'max-restarts', 'period',
];
/** What is what it is until the next start. */
const FIXED = new Set(['thread']);
const CHOICES = {
  'retry.backoff.type': ['none', 'fixed', 'linear', 'exponential'],
  'restart.backoff.type': ['none', 'fixed', 'linear', 'exponential'],
  'restart.mode': ['never', 'on-failure', 'always'],
  'escalation.on-panic': ['true', 'false'],
  'escalation.on-retry-exhausted': ['true', 'false'],
};
/** What a kind of backoff has no use for. */
const UNUSED = {
  none: ['initial', 'multiplier', 'max'],
  fixed: ['multiplier', 'max'],
  linear: ['multiplier'],
  exponential: [],
};

let editors = 0;

export class PolicyEditor {
  #id = `policy-${++editors}`;
  #send;
  #policy = {};
  #leaves = new Map();
  #sending = false;
  /** Why the edits were refused; until they are other ones. */
  #refusal = '';
  #readOnly = null;

  #drawing = el('div', { class: 'drawing' });
  #words = el('p', { class: 'words', id: `${this.#id}-words` });
  #inForce = el('p', { class: 'quiet', hidden: true });
  #table = el('div', {});
  #attemptTime = el('input', { id: `${this.#id}-time`, value: '0ms', autocomplete: 'off', spellcheck: 'false', input: () => this.#redraw() });
  #groups = el('div', { class: 'groups' });
  #state = el('p', { class: 'quiet', role: 'status', id: `${this.#id}-state` });
  #apply = el('button', { type: 'submit', class: 'strong' }, 'Apply');
  #reset = el('button', { type: 'button', click: () => this.#forget() }, 'Undo edits');
  #resized = new ResizeObserver(() => this.#redraw());

  /** @param send gives the changed values to the endpoint and answers the policy that is then in force */
  constructor(send) {
    this.#send = send;
    this.element = el('section', { class: 'policy', 'aria-labelledby': `${this.#id}-title` },
      el('h3', { id: `${this.#id}-title` }, 'Policy'),
      el('figure', {},
        this.#drawing,
        el('figcaption', {}, this.#words, this.#inForce,
          el('p', { class: 'assumed' }, el('label', { for: this.#attemptTime.id }, 'if each attempt fails after'), this.#attemptTime),
          el('details', {}, el('summary', {}, 'The waits as a table'), this.#table))),
      el('form', { novalidate: true, submit: (event) => this.#submit(event) },
        this.#groups,
        el('div', { class: 'buttons' }, this.#apply, this.#reset, this.#state)));
    this.#resized.observe(this.#drawing);
  }

  end() {
    this.#resized.disconnect();
  }

  /** What is in force now; values that are being edited stay as they are. */
  update(inForce, readOnly) {
    const policy = withUnused(inForce);
    this.#policy = policy;
    this.#readOnly = readOnly;
    keyed(this.#groups, groupsOf(policy), (group) => group.name, (group) => this.#makeGroup(group), (fieldset, group) =>
      keyed(fieldset.leavesElement, group.keys, (key) => key, (key) => this.#makeLeaf(key), (row, key) => row.leaf.take(policy[key])));
    for (const key of this.#leaves.keys()) {
      if (!(key in policy)) {
        this.#leaves.delete(key);
      }
    }
    this.#changed();
  }

  #makeGroup({ name }) {
    const leaves = el('div', {});
    const fieldset = el('fieldset', {}, el('legend', {}, name === '' ? 'general' : name), leaves);
    fieldset.leavesElement = leaves;
    return fieldset;
  }

  #makeLeaf(key) {
    const leaf = new Leaf(`${this.#id}-${key}`, key, () => {
      this.#refusal = '';
      this.#changed();
    });
    this.#leaves.set(key, leaf);
    leaf.element.leaf = leaf;
    return leaf.element;
  }

  /** Brings all that depends on the edited values up to date. */
  #changed() {
    for (const group of ['retry', 'restart']) {
      const unused = UNUSED[this.#leaves.get(`${group}.backoff.type`)?.value] ?? [];
      for (const name of ['initial', 'multiplier', 'max']) {
        const leaf = this.#leaves.get(`${group}.backoff.${name}`);
        if (leaf) {
          leaf.element.hidden = unused.includes(name);
        }
      }
    }
    const edits = Object.keys(this.#edits()).length;
    for (const [key, leaf] of this.#leaves) {
      leaf.permit(this.#readOnly === null && !FIXED.has(key));
    }
    this.#apply.disabled = this.#readOnly !== null || edits === 0 || this.#sending;
    this.#reset.disabled = edits === 0 || this.#sending;
    if (this.#readOnly !== null) {
      setText(this.#state, this.#readOnly);
    } else if (this.#refusal !== '') {
      setText(this.#state, this.#refusal);
    } else if (edits > 0) {
      setText(this.#state, `${plural(edits, 'value differs', 'values differ')} from what is in force.`);
    } else if (!this.#state.classList.contains('done')) {
      setText(this.#state, '');
    }
    if (edits > 0) {
      this.#state.classList.remove('done');
    }
    setAttribute(this.element, 'data-edited', edits > 0 ? 'true' : null);
    this.#redraw();
  }

  /** What to send. A backoff of another kind is sent whole, because it takes over nothing from the one before. */
  #edits() {
    const edits = {};
    for (const [key, leaf] of this.#leaves) {
      const kind = this.#leaves.get(key.replace(/[^.]*$/, 'type'));
      const whole = key.includes('.backoff.') && kind?.edited;
      if (!leaf.element.hidden && (leaf.edited || (whole && leaf.value !== ''))) {
        edits[key] = leaf.value;
      }
    }
    return edits;
  }

  #redraw() {
    const time = duration(this.#attemptTime.value);
    setAttribute(this.#attemptTime, 'aria-invalid', time >= 0 ? null : 'true');
    const policy = read((key) => this.#leaves.get(key)?.value);
    const unreadable = [...policy.wrong, ...(time >= 0 ? [] : ['the time of an attempt'])];
    if (unreadable.length > 0) {
      setText(this.#words, `Cannot be drawn: ${unreadable.join(', ')} cannot be read, or is out of its range.`);
      this.#drawing.classList.add('outdated');
      return;
    }
    this.#drawing.classList.remove('outdated');
    const planned = plan(policy, time, MOST_ROWS);
    setText(this.#words, inWords(planned));
    const now = plan(read((key) => this.#policy[key]?.value), time, MOST_ROWS);
    setText(this.#inForce, `In force: ${inWords(now)}`);
    this.#inForce.hidden = inWords(now) === inWords(planned);
    if (this.#drawing.clientWidth > 0) {
      this.#drawing.replaceChildren(draw(planned, this.#drawing.clientWidth));
    }
    this.#table.replaceChildren(tabulate(planned));
  }

  #forget() {
    this.#refusal = '';
    this.#leaves.forEach((leaf) => leaf.reset());
    this.#changed();
    this.#attemptTime.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const edits = this.#edits();
    if (this.#apply.disabled || Object.keys(edits).length === 0) {
      return;
    }
    this.#sending = true;
    this.#refusal = '';
    this.#leaves.forEach((leaf) => leaf.complain(''));
    this.#changed();
    try {
      const policy = await this.#send(edits);
      this.#sending = false;
      this.#leaves.forEach((leaf) => leaf.reset());
      this.update(policy, this.#readOnly);
      this.#state.classList.add('done');
      setText(this.#state, `In force since ${new Date().toLocaleTimeString('en-GB')}.`);
    } catch (refused) {
      this.#sending = false;
      this.#complain(refused);
      this.#changed();
    }
  }

  #complain(refused) {
    let first = null;
    const rest = [];
    for (const error of refused.errors ?? []) {
      const leaf = this.#leaves.get(error.field);
      leaf ? leaf.complain(error.message) : rest.push([error.field, error.message].filter(Boolean).join(': '));
      first ??= leaf;
    }
    this.#refusal = rest.join(' ') || (first ? 'Refused; nothing has been changed.' : refused.message);
    first?.focus();
  }
}

/** One value of the policy. */
class Leaf {
  #inForce = '';
  #control;
  #origin = el('span', { class: 'origin' });
  #error = el('span', { class: 'error' });

  constructor(id, key, changed) {
    const choices = CHOICES[key];
    const attributes = { id, 'aria-describedby': `${id}-origin ${id}-error`, input: () => this.#edit(changed) };
    this.#control = choices
      ? el('select', attributes, ...choices.map((choice) => el('option', { value: choice }, choice)))
      : el('input', { ...attributes, autocomplete: 'off', spellcheck: 'false' });
    setAttribute(this.#origin, 'id', `${id}-origin`);
    setAttribute(this.#error, 'id', `${id}-error`);
    this.element = el('div', { class: 'leaf', 'data-key': key },
      el('label', { for: id }, key.includes('.') ? key.slice(key.indexOf('.') + 1) : key), this.#control, this.#origin, this.#error);
  }

  get value() {
    return this.#control.value.trim();
  }

  get edited() {
    return this.value !== this.#inForce;
  }

  take(leaf) {
    const edited = this.edited;
    this.#inForce = written(leaf?.value);
    if (!edited || !this.#control.dataset.touched) {
      this.#show();
    }
    const origin = originOf(leaf);
    setText(this.#origin, origin.replace(/class path resource \[([^\]]+)\]/, '$1'));
    setAttribute(this.#origin, 'title', origin);
    this.#mark();
  }

  reset() {
    delete this.#control.dataset.touched;
    this.#show();
    this.complain('');
    this.#mark();
  }

  permit(permitted) {
    this.#control.disabled = !permitted && this.#control instanceof HTMLSelectElement;
    this.#control.readOnly = !permitted;
  }

  complain(message) {
    setText(this.#error, message);
    setAttribute(this.#control, 'aria-invalid', message === '' ? null : 'true');
  }

  focus() {
    this.#control.focus();
  }

  #edit(changed) {
    this.#control.dataset.touched = 'true';
    this.complain('');
    this.#mark();
    changed();
  }

  #show() {
    if (this.#control.value === this.#inForce) {
      return;
    }
    if (this.#control instanceof HTMLSelectElement && ![...this.#control.options].some((option) => option.value === this.#inForce)) {
      this.#control.append(el('option', { value: this.#inForce }, this.#inForce));
    }
    this.#control.value = this.#inForce;
  }

  #mark() {
    this.element.classList.toggle('edited', this.edited);
  }
}

function written(value) {
  if (value === null || value === undefined) {
    return '';
  }
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** With the values of a backoff that its kind has no use for: another kind may. */
function withUnused(policy) {
  const whole = { ...policy };
  for (const group of ['retry.backoff', 'restart.backoff'].filter((name) => `${name}.type` in policy)) {
    for (const name of UNUSED.none) {
      whole[`${group}.${name}`] ??= { value: null };
    }
  }
  return whole;
}

function originOf(leaf) {
  const at = leaf?.at ? `at ${timeOfDay(leaf.at)}` : null;
  const by = leaf?.by ? `by ${leaf.by}` : null;
  return [leaf?.origin, at, by].filter(Boolean).join(' ');
}

function groupsOf(policy) {
  const groups = new Map();
  for (const key of Object.keys(policy)) {
    const name = key.includes('.') ? key.slice(0, key.indexOf('.')) : '';
    groups.set(name, [...(groups.get(name) ?? []), key]);
  }
  return [...groups]
    .map(([name, keys]) => ({ name, keys: sorted(keys, (key) => LEAVES.indexOf(key.slice(name.length + 1))) }))
    .sort((one, other) => place(GROUPS.indexOf(one.name)) - place(GROUPS.indexOf(other.name)));
}

function sorted(keys, position) {
  return keys.sort((one, other) => place(position(one)) - place(position(other)) || one.localeCompare(other));
}

/** What is not known comes last. */
function place(index) {
  return index < 0 ? Number.MAX_SAFE_INTEGER : index;
}
