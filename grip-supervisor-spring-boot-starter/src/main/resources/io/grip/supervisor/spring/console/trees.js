// The trees of supervised children, and what can be done to a child.

import { badge, setBadge, simpleName } from './calls.js';
import { el, keyed, setText } from './dom.js';
import { plural, seconds, timeOfDay, words } from './format.js';

const DOWN = new Set(['REGISTERED', 'STOPPED', 'FAILED']);
const ACTIONS = [
  ['restart', 'Restart', (state) => !DOWN.has(state) && state !== 'STOPPING'],
  ['stop', 'Stop', (state) => !DOWN.has(state) && state !== 'STOPPING'],
  ['start', 'Start', (state) => DOWN.has(state)],
];

/** Brings the trees up to date. `act(action, path)` is called for a child; `readOnly` says why it may not be. */
export function updateTrees(element, trees, readOnly, act) {
  keyed(element, trees, (tree) => tree.path, () => el('ul', { class: 'tree' }), (list, tree) =>
    updateChildren(list, [tree], readOnly, act, true));
}

function updateChildren(list, children, readOnly, act, isRoot = false) {
  keyed(list, children, (child) => child.path, (child) => makeNode(child, act, isRoot), (item, child) => {
    const parts = item.parts;
    setBadge(parts.badge, child.state);
    setText(parts.about, about(child));
    setText(parts.failure, failure(child.lastFailure));
    parts.failure.hidden = !child.lastFailure;
    for (const [button, possible] of parts.buttons) {
      button.disabled = readOnly !== null || !possible(child.state);
      button.title = readOnly ?? '';
    }
    setText(parts.readOnly, isRoot && readOnly !== null ? readOnly : '');
    parts.readOnly.hidden = parts.readOnly.textContent === '';
    parts.children.hidden = !child.children?.length;
    updateChildren(parts.children, child.children ?? [], readOnly, act);
  });
}

function makeNode(child, act, isRoot) {
  const buttons = isRoot ? [] : ACTIONS.map(([action, label, possible]) => [
    el('button', { type: 'button', class: 'small', 'aria-label': `${label} ${child.path}`, click: () => act(action, child.path) }, label),
    possible,
  ]);
  const parts = {
    badge: badge(),
    about: el('span', { class: 'about' }),
    failure: el('span', { class: 'failure' }),
    readOnly: el('p', { class: 'quiet' }),
    children: el('ul', {}),
    buttons,
  };
  const item = el('li', { 'data-path': child.path },
    el('div', { class: 'node' },
      el('span', { class: 'name', title: child.path }, child.name),
      parts.badge,
      el('span', { class: 'buttons' }, ...buttons.map(([button]) => button)),
      parts.about,
      parts.failure),
    parts.readOnly,
    parts.children);
  item.parts = parts;
  return item;
}

function about(child) {
  const parts = [child.strategy ? `${words(child.kind)}, ${words(child.strategy)}` : words(child.kind)];
  if (child.restarts > 0) {
    parts.push(plural(child.restarts, 'restart', 'restarts'));
  }
  if (child.consecutiveFailures > 0) {
    parts.push(`${plural(child.consecutiveFailures, 'failure', 'failures')} in a row`);
  }
  if (known(child.budgetLeft)) {
    parts.push(`${child.budgetLeft} more before it gives up`);
  }
  if (known(child.nextRestartIn)) {
    parts.push(`next restart in ${seconds(child.nextRestartIn)}`);
  }
  if (known(child.healthyFor)) {
    parts.push(`up for ${seconds(child.healthyFor)}`);
  }
  if (child.abandonedThreads?.length > 0) {
    parts.push(plural(child.abandonedThreads.length, 'abandoned thread', 'abandoned threads'));
  }
  return parts.join(' \u00b7 ');
}

function failure(last) {
  if (!last) {
    return '';
  }
  const what = [simpleName(last.exception) ?? words(last.kind), last.message].filter(Boolean).join(': ');
  return last.at ? `${timeOfDay(last.at)} ${what}` : what;
}

function known(value) {
  return value !== null && value !== undefined;
}
