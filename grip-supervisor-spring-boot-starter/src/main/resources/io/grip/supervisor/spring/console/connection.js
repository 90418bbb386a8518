// Talks to the endpoint, and asks it again and again.

const PATIENCE = 10_000;

/** The endpoint did not do what was asked; the message says why, `errors` what was wrong with which field. */
export class Refused extends Error {
  constructor(message, status = 0, errors = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export class Endpoint {
  #base;

  /** @param base its address, relative to the page */
  constructor(base) {
    this.#base = base;
  }

  get(path = [], query = '') {
    return this.#ask(path, query, { method: 'GET' });
  }

  post(path, body) {
    const headers = { 'Content-Type': 'application/json', ...csrf() };
    return this.#ask(path, '', { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Why changes are not permitted at a path; null where they are, or where that cannot be told before trying. */
  async readOnlyBecause(path) {
    try {
      const answer = await fetch(this.#url(path), { method: 'OPTIONS', signal: AbortSignal.timeout(PATIENCE) });
      const allowed = answer.headers.get('Allow');
      return answer.ok && allowed !== null && !/\bPOST\b/.test(allowed)
        ? 'Read-only: management.endpoint.supervisors.access of this application does not permit changes.'
        : null;
    } catch {
      return null;
    }
  }

  #url(path, query = '') {
    return this.#base + path.map((part) => `/${encodeURIComponent(part)}`).join('') + query;
  }

  async #ask(path, query, request) {
    let answer;
    try {
      answer = await fetch(this.#url(path, query), {
        ...request,
        headers: { Accept: 'application/json', ...request.headers },
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch (failure) {
      throw new Refused(failure.name === 'TimeoutError' ? 'The application does not answer.' : 'The application cannot be reached.');
    }
    const body = await json(answer);
    if (answer.ok && body !== null) {
      return body;
    }
    throw new Refused(reason(answer, body), answer.status, Array.isArray(body?.errors) ? body.errors : []);
  }
}

async function json(answer) {
  if (!/[/+]json\b/.test(answer.headers.get('Content-Type') ?? '')) {
    return null;
  }
  try {
    return await answer.json();
  } catch {
    return null;
  }
}

function reason(answer, body) {
  if (typeof body?.message === 'string' && body.message !== '') {
    return body.message;
  }
  if (Array.isArray(body?.errors) && body.errors.length > 0) {
    return body.errors.map((error) => error.message).join(' ');
  }
  if (answer.type === 'opaqueredirect' || answer.status === 401) {
    return 'The application wants you to sign in: reload the page.';
  }
  switch (answer.status) {
    case 403:
      return 'You are not permitted to do this (403).';
    case 404:
      return 'There is no such thing in this application (404). Is the endpoint supervisors exposed?';
    case 405:
      return 'Changes are not permitted here (405): see management.endpoint.supervisors.access.';
    case 409:
      return 'Not possible in its present state (409).';
    case 413:
      return 'That is too much at once (413).';
    default:
      return answer.ok ? 'The answer is not JSON: perhaps a proxy or a login page answered.' : `The application answered ${answer.status}.`;
  }
}

/** Where the application keeps Spring Security's token in a cookie for pages like this one, it comes along. */
function csrf() {
  const cookie = document.cookie.split('; ').find((one) => one.startsWith('XSRF-TOKEN='));
  return cookie ? { 'X-XSRF-TOKEN': decodeURIComponent(cookie.slice('XSRF-TOKEN='.length)) } : {};
}

/**
 * Reads again and again: every so often while that goes well, ever less often while it does not, not of its own accord while
 * the page is hidden or paused. `report(state)` hears of every change: waiting, live, lost, paused.
 */
export class Poller {
  #read;
  #report;
  #every;
  #longest;
  #timer = null;
  #failures = 0;
  #paused = false;
  #turn = 0;

  constructor(read, report, every = 2_000, longest = 30_000) {
    this.#read = read;
    this.#report = report;
    this.#every = every;
    this.#longest = longest;
    document.addEventListener('visibilitychange', () => (document.hidden || this.#paused ? this.#stop() : this.now()));
  }

  get paused() {
    return this.#paused;
  }

  pause() {
    this.#paused = true;
    this.#stop();
    this.#report({ state: 'paused' });
  }

  resume() {
    this.#paused = false;
    this.#failures = 0;
    this.now();
  }

  /**
   * Reads at once, and only once if paused or hidden: whoever did something is to see what came of it. What is still being
   * read is no longer the latest.
   */
  async now() {
    this.#stop();
    const turn = ++this.#turn;
    let outcome;
    try {
      await this.#read(() => turn === this.#turn);
      this.#failures = 0;
      outcome = { state: 'live', every: this.#every };
    } catch (failure) {
      if (!(failure instanceof Refused)) {
        console.error(failure);
      }
      this.#failures++;
      outcome = { state: 'lost', why: failure.message };
    }
    if (turn !== this.#turn || this.#paused) {
      return;
    }
    const wait = this.#wait();
    this.#report({ ...outcome, next: Date.now() + wait });
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.now(), wait);
    }
  }

  #wait() {
    if (this.#failures === 0) {
      return this.#every;
    }
    const most = Math.min(this.#longest, this.#every * 2 ** (this.#failures - 1));
    return most * (1 - Math.random() / 2);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
