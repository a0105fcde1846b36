// What changes at the centre, as it changes. EventSource comes back by itself after most failures; where it gives up (a
// restarted server), it is opened again with growing pauses. Listeners are told of the state of the line as well.

const listeners = new Set();
let source = null;
let pause = 1000;
let timer = 0;
let up = false;
let offset = 0;

/** Listens: listener({type: 'case' | 'reload' | 'line', …}). Gives the function that stops it. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = (event) => listeners.forEach((listener) => listener(event));

/** Whether events come in. */
export const isUp = () => up;

/** The server's time now, ms: the clocks of clinics' computers are wrong. */
export const now = () => Date.now() + offset;

/** Sets the difference of the clocks from a time the server just told. */
export function setClock(iso) {
  const told = Date.parse(iso);
  if (Number.isFinite(told)) offset = told - Date.now();
}

function line(state) {
  if (up === state) return;
  const back = state && !up;
  up = state;
  tell({ type: 'line', up });
  if (back) tell({ type: 'reload' });
}

export function open() {
  close();
  source = new EventSource('/api/events');
  source.addEventListener('hello', (event) => {
    pause = 1000;
    setClock(JSON.parse(event.data).now);
    line(true);
  });
  source.addEventListener('case', (event) => tell({ type: 'case', ...JSON.parse(event.data) }));
  source.addEventListener('reload', () => tell({ type: 'reload' }));
  source.onerror = () => {
    line(false);
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(timer);
    timer = setTimeout(open, pause);
    pause = Math.min(30000, pause * 2);
  };
}

export function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}
