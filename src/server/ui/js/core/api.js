// Requests to the centre: the CSRF token on every change, errors as the server's own words, and patience when the
// network is away for what may safely be asked twice.

import { language, say } from './lang.js';
import { T } from '../texts.js';

let csrf = null;
let lost = () => {};

/** Keeps the token of the session; `onLost` is called when the session has ended. */
export function session(token, onLost) {
  csrf = token;
  if (onLost) lost = onLost;
}

/** What the server refused: `message` for people, `code` for us; code 'network' = no answer at all. */
export class Problem extends Error {
  constructor(body, status) {
    super(body.detail ? `${body.title}${/[。.!！]$/.test(body.title) ? '' : say(T.colon)}${body.detail}` : body.title);
    Object.assign(this, { code: body.code, status, by: body.by, until: body.until });
  }
}

export const headers = () => ({
  'Accept-Language': language() === 'zh' ? 'zh-CN' : 'en',
  ...(csrf && { 'X-CSRF-Token': csrf }),
});

/** The problem that a failed answer tells of. */
export function problem(status, text) {
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    /* a proxy's page */
  }
  return new Problem(body?.title ? body : { title: say(T.serverError, { status }), code: 'internal' }, status);
}

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function send(method, path, { body, signal, keepalive } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      keepalive,
      credentials: 'same-origin',
      headers: { ...headers(), ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem({ title: say(T.noNetwork), code: 'network' }, 0);
  }
  if (response.ok) return response;
  const failed = problem(response.status, await response.text());
  if (response.status === 401 && failed.code === 'unauthenticated') lost();
  throw failed;
}

/** Tries again after 1, 2, 4 s when there was no answer or a gateway's. Only for what may be asked twice. */
async function patiently(ask) {
  for (let round = 0; ; round += 1) {
    try {
      return await ask();
    } catch (error) {
      const passing = error.code === 'network' || [502, 503, 504].includes(error.status);
      if (!passing || round >= 3) throw error;
      await wait(1000 * 2 ** round);
    }
  }
}

const json = async (response) => (response.status === 204 ? null : response.json());

export const get = async (path, options) => json(await patiently(() => send('GET', path, options)));
export const bytes = async (path, options) => (await patiently(() => send('GET', path, options))).arrayBuffer();
export const post = async (path, body = {}, options) => json(await send('POST', path, { body, ...options }));
/** A POST that changes nothing (a search), or whose repetition is harmless (an acknowledgement). */
export const ask = async (path, body = {}, options) =>
  json(await patiently(() => send('POST', path, { body, ...options })));
export const replace = async (path, body) => json(await patiently(() => send('PUT', path, { body })));
export const patch = async (path, body) => json(await patiently(() => send('PATCH', path, { body })));
export const remove = async (path) => json(await patiently(() => send('DELETE', path)));
