// Puts the page together: reads the endpoint, shows what it says, and does what is asked.

import { CallsDetail, updateTable } from './calls.js';
import { Endpoint, Poller, Refused } from './connection.js';
import { ask } from './dialog.js';
import { el, setText } from './dom.js';
import { History } from './history.js';
import { updateTrees } from './trees.js';

const byId = (id) => document.getElementById(id);
const address = document.querySelector('meta[name=grip-endpoint]').content;
const endpoint = new Endpoint(address);
const histories = new Map();

const page = {
  selected: null,
  detail: null,
  /** Why calls and trees cannot be changed; undefined until that is known. */
  readOnly: { calls: undefined, trees: undefined },
  connection: { state: 'waiting' },
  seen: null,
};

// ---- what is looked at, kept in the address so that it can be bookmarked

/** A name with slashes takes more than one part of a path. */
const callsPath = (name) => ['calls', ...name.split('/')];

const addressOf = (name) => `#calls/${encodeURIComponent(name)}`;

function fromAddress() {
  const match = /^#calls\/(.+)$/.exec(location.hash);
  try {
    return match ? decodeURIComponent(match[1]) : null;
  } catch {
    return null;
  }
}

function select(name) {
  if (name === page.selected) {
    return;
  }
  page.detail?.end();
  page.selected = name;
  page.detail = name === null ? null : new CallsDetail(name, actions);
  page.detail && (page.detail.element.hidden = true);
  byId('detail').replaceChildren(page.detail?.element ?? el('p', { class: 'empty' }, 'Choose a supervisor to see its policy, its last failures and how it goes.'));
  page.readOnly.calls = undefined;
}

// ---- reading and showing

/**
 * @param isLatest tells whether nothing has been asked for since: what is older must not take back what was done
 *     meanwhile
 */
async function readAll(isLatest) {
  const selected = page.selected;
  const [all, one] = await Promise.all([endpoint.get(), selected === null ? null : readOne(selected)]);
  await learnPermissions(all);
  if (!isLatest()) {
    return;
  }
  const at = Date.now() / 1000;
  page.seen = Date.now();
  for (const supervisor of all.supervisors ?? []) {
    if (!histories.has(supervisor.name)) {
      histories.set(supervisor.name, new History());
    }
    histories.get(supervisor.name).add(at, supervisor);
  }
  show(all);
  if (selected === page.selected && selected !== null) {
    showOne(one);
  }
}

/** The supervisor; null if there is none of that name (any more). */
async function readOne(name) {
  try {
    return await endpoint.get(callsPath(name));
  } catch (refused) {
    if (refused.status === 404) {
      return null;
    }
    throw refused;
  }
}

async function learnPermissions(all) {
  const child = all.trees?.find((tree) => tree.children?.length > 0)?.children[0];
  if (page.readOnly.trees === undefined && child) {
    page.readOnly.trees = await endpoint.readOnlyBecause(['trees', ...child.path.split('/')]);
  }
  if (page.readOnly.calls === undefined && page.selected !== null) {
    page.readOnly.calls = await endpoint.readOnlyBecause(callsPath(page.selected));
  }
}

function show(all) {
  const supervisors = all.supervisors ?? [];
  const trees = all.trees ?? [];
  updateTable(document.querySelector('#calls tbody'), supervisors, histories, addressOf, page.selected);
  byId('calls').hidden = supervisors.length === 0;
  byId('no-calls').hidden = supervisors.length > 0;
  updateTrees(byId('trees'), trees, page.readOnly.trees ?? null, actOnChild);
  byId('no-trees').hidden = trees.length > 0;
}

function showOne(supervisor) {
  if (supervisor === null) {
    const name = page.selected;
    select(null);
    byId('detail').replaceChildren(el('p', { class: 'empty' }, `There is no supervisor of the name ${name}.`));
    return;
  }
  page.detail.element.hidden = false;
  page.detail.update(supervisor, histories.get(supervisor.name) ?? new History(), page.readOnly.calls ?? null);
}

// ---- acting

/** Does something and says how it went. Answers what the endpoint answered, or null. */
async function attempt(what, action) {
  try {
    const answer = await action();
    notice(what === null ? '' : `${what}.`);
    poller.now();
    return answer;
  } catch (refused) {
    if (!(refused instanceof Refused)) {
      throw refused;
    }
    notice(refused.message, true);
    return null;
  }
}

const actions = {
  update: async (name, policy) => {
    const supervisor = await endpoint.post(callsPath(name), { action: 'update', policy });
    poller.now();
    return supervisor.policy ?? (await endpoint.get(callsPath(name))).policy;
  },
  drain: async (name) =>
    (await ask(`Drain ${name}? New calls get a single attempt, and nothing waits, retries or restarts until it is resumed.`, 'Drain')) &&
    attempt(`${name} drains`, () => endpoint.post(callsPath(name), { action: 'drain' })),
  resume: (name) => attempt(`${name} runs again`, () => endpoint.post(callsPath(name), { action: 'resume' })),
  stacks: (name) => attempt(null, () => endpoint.get(callsPath(name), '?stacks=true')),
};

async function actOnChild(action, path) {
  const question = { restart: `Restart ${path}?`, stop: `Stop ${path}? It stays down until it is started again.` }[action];
  const label = { restart: 'Restart', stop: 'Stop' }[action];
  if (question === undefined || (await ask(question, label))) {
    await attempt(`Asked to ${action} ${path}`, () => endpoint.post(['trees', ...path.split('/')], { action }));
  }
}

function notice(text, bad = false) {
  const element = byId('notice');
  setText(element, text);
  element.hidden = text === '';
  element.classList.toggle('bad', bad);
}

// ---- the connection

function connection(state) {
  const before = page.connection.state;
  page.connection = state;
  document.body.dataset.connection = state.state;
  setText(byId('pause'), state.state === 'paused' ? 'Resume' : 'Pause');
  if (before !== state.state && (state.state === 'lost' || before === 'lost')) {
    setText(byId('announcement'), state.state === 'lost' ? `Not connected. ${state.why}` : 'Connected again.');
  }
  if (state.state === 'lost') {
    // What may be done may have changed with whatever happened meanwhile.
    page.readOnly = { calls: undefined, trees: undefined };
  }
  tick();
}

function tick() {
  const { state, why, next, every } = page.connection;
  const of = page.seen === null ? null : new Date(page.seen).toLocaleTimeString('en-GB');
  const inSeconds = Math.max(0, Math.ceil((next - Date.now()) / 1000));
  setText(byId('connection-text'), {
    waiting: 'Connecting',
    live: `Live, every ${every / 1000} s`,
    lost: `Not connected, trying again ${inSeconds > 0 ? `in ${inSeconds} s` : 'now'}`,
    paused: 'Paused',
  }[state]);
  const stale = byId('stale');
  stale.hidden = state !== 'lost' && state !== 'paused';
  const figures = of === null ? 'Nothing has been read yet.' : `The figures below are of ${of}.`;
  setText(stale, state === 'lost' ? `${why} ${figures}` : figures);
}

const poller = new Poller(readAll, connection);

if (address === '') {
  connection({ state: 'lost', why: 'The endpoint supervisors is not exposed: add it to management.endpoints.web.exposure.include.' });
  byId('pause').disabled = true;
  setText(byId('connection-text'), 'Not connected');
} else {
  addEventListener('hashchange', () => {
    select(fromAddress());
    poller.now();
    if (page.selected !== null) {
      byId('detail').focus({ preventScroll: matchMedia('(min-width: 70rem)').matches });
    }
  });
  byId('pause').addEventListener('click', () => (poller.paused ? poller.resume() : poller.pause()));
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('detail').focus();
  });
  select(fromAddress());
  setInterval(tick, 1_000);
  poller.now();
}
