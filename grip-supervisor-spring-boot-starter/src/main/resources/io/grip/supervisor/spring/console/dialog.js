// Asks before something is done that is felt.

import { setText } from './dom.js';

const dialog = document.getElementById('question');
const yes = document.getElementById('question-yes');
const no = document.getElementById('question-no');

/** Whether the user agrees; the focus goes back to where it was. */
export function ask(question, action) {
  setText(document.getElementById('question-text'), question);
  setText(yes, action);
  return new Promise((answered) => {
    const asked = new AbortController();
    const end = (agreed) => {
      asked.abort();
      dialog.close();
      answered(agreed);
    };
    yes.addEventListener('click', () => end(true), { signal: asked.signal });
    no.addEventListener('click', () => end(false), { signal: asked.signal });
    dialog.addEventListener('cancel', () => end(false), { signal: asked.signal });
    dialog.showModal();
    no.focus();
  });
}
