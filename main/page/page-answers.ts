import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PageAccess } from './page-access.ts';
import { findSecrets, toCookie } from './page-cookie.ts';
import { securityHeaders } from './page-headers.ts';
import { findFault, type Refusal } from './request-guard.ts';
import { INDEX_PATH, sentencePage, type Screens } from './screens.ts';

/** What requests are answered from. */
export interface PageAnswers {
  readonly screens: Screens;
  readonly access: PageAccess;
  /** The names it is served under. */
  readonly hosts: ReadonlySet<string>;
  readonly port: number;
}

const YEAR_SECONDS = 31_536_000;

const NO_SESSION: Refusal = {
  status: 401,
  sentence: 'This browser was not let in, or its address was used before: run "flotilla serve" again for a new one.',
};
const NOT_HERE: Refusal = { status: 404, sentence: 'There is nothing at this address.' };

/** Answers one request: exchanges a one-time token, else hands out a file of the screens to a browser that was let in. */
export function answerRequest(request: IncomingMessage, response: ServerResponse, answers: PageAnswers): void {
  const { screens, access, hosts, port } = answers;
  const host = request.headers.host?.toLowerCase() ?? '';
  const fault = findFault(request, hosts);
  // What a stranger calls us is not repeated in an answer.
  const headers = securityHeaders(hosts.has(host) ? host : `127.0.0.1:${port}`);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (fault) return refuse(request, response, fault);
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const token = path === INDEX_PATH ? new URLSearchParams(query).get('token') : null;
  if (token !== null) return exchangeToken(request, response, { token, access, port });
  if (!access.findSession(findSecrets(port, request.headers.cookie))) return refuse(request, response, NO_SESSION);
  const name = path.startsWith(access.base) ? `/${path.slice(access.base.length)}` : '';
  const file = screens.get(name);
  if (!file) return refuse(request, response, NOT_HERE);
  response.setHeader('Content-Type', file.type);
  response.setHeader('Cache-Control', cacheRule(name, file.isImmutable));
  send(request, response, { status: 200, body: file.body });
}

interface Exchange {
  readonly token: string;
  readonly access: PageAccess;
  readonly port: number;
}

/** A `HEAD`, as programs that look at links send, does not use the token up. */
function exchangeToken(request: IncomingMessage, response: ServerResponse, { token, access, port }: Exchange): void {
  const secret = request.method === 'GET' ? access.exchange(token) : undefined;
  if (secret === undefined) return refuse(request, response, NO_SESSION);
  response.setHeader('Set-Cookie', toCookie(port, access.base, secret));
  response.setHeader('Cache-Control', 'no-store');
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return goOnFromHere(request, response, access.base);
  response.setHeader('Location', access.base);
  send(request, response, { status: 303, body: '' });
}

/** Where a link on another page led here, a strict cookie does not follow a redirection; it follows a page of ours that goes on. */
function goOnFromHere(request: IncomingMessage, response: ServerResponse, base: string): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Refresh', `0; url=${base}`);
  send(request, response, { status: 200, body: sentencePage('Flotilla opens …') });
}

function cacheRule(path: string, isImmutable: boolean): string {
  if (isImmutable) return `private, max-age=${YEAR_SECONDS}, immutable`;
  return path === INDEX_PATH ? 'no-store' : 'private, no-cache';
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, sentence }: Refusal): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  // Whatever else such a client has sent is not looked at.
  if (status !== 401 && status !== 404) response.setHeader('Connection', 'close');
  send(request, response, { status, body: sentencePage(sentence) });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: { readonly status: number; readonly body: string | Buffer },
): void {
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}
