import { securityHeaders } from './page-headers.ts';
import type { Screens } from './screens.ts';

/** Answers a window's request for a file of the screens, which were read before: no request becomes a path of the disk. */
export function answerWindow(screens: Screens, ownHost: string, { method, url }: Request): Response {
  const { host, pathname } = new URL(url);
  const headers = new Headers(securityHeaders());
  const file = host === ownHost ? screens.get(pathname) : undefined;
  if (!file) return new Response('There is nothing here.', { status: 404, headers });
  if (method !== 'GET') return new Response('Only reading is possible.', { status: 405, headers });
  headers.set('Content-Type', file.type);
  // The body is copied: an answer takes what it is given for its own.
  return new Response(new Uint8Array(file.body), { headers });
}
