import type { IncomingMessage } from 'node:http';

/** Why a request is not answered with what it asks for. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 414 | 429 | 431 | 503;
  /** Holds no markup and nothing of the request. */
  readonly sentence: string;
}

/** The names under which the page is served on a port, on IPv4's loopback: any other one is a name that was made to lead here (DNS rebinding). */
export function ownHosts(port: number): ReadonlySet<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
}

/** Longest address of a request, far beyond any of ours. */
const MAX_ADDRESS_CHARS = 1_024;

/** Why a request for a file is refused before anybody looks who asks. */
export function findFault(request: IncomingMessage, hosts: ReadonlySet<string>): Refusal | undefined {
  const { method = '', headers, url = '' } = request;
  const hostFault = findHostFault(request, hosts);
  if (hostFault) return hostFault;
  if (!isOwnOrigin(request)) return { status: 403, sentence: 'Another site asked for this page.' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, sentence: 'Only GET and HEAD are answered here.' };
  if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') {
    return { status: 400, sentence: 'A request here has no body.' };
  }
  if (!isOwnFetch(headers)) return { status: 403, sentence: 'Another site asked for a part of this page.' };
  if (url.length > MAX_ADDRESS_CHARS) return { status: 414, sentence: 'The address is too long.' };
  return undefined;
}

/** Why a request for a WebSocket is refused before anybody looks who asks: unlike a file it must say which page it is of. */
export function findUpgradeFault(
  request: IncomingMessage,
  hosts: ReadonlySet<string>,
  base: string,
): Refusal | undefined {
  const hostFault = findHostFault(request, hosts);
  if (hostFault) return hostFault;
  if (request.headers.origin === undefined || !isOwnOrigin(request)) {
    return { status: 403, sentence: 'Only the page of this address may connect.' };
  }
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return { status: 403, sentence: 'Another site asked to connect.' };
  if (request.url !== `${base}rpc`) return { status: 404, sentence: 'There is no WebSocket here.' };
  return undefined;
}

function findHostFault({ headers, rawHeaders }: IncomingMessage, hosts: ReadonlySet<string>): Refusal | undefined {
  // Node keeps the first of several; two are never sent by a browser.
  const count = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (count === 1 && headers.host !== undefined && hosts.has(headers.host.toLowerCase())) return undefined;
  return { status: 403, sentence: 'This address is not served under that name.' };
}

/** A browser says where a request comes from in all that could change something, and in every WebSocket. */
function isOwnOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || headers.origin === `http://${headers.host?.toLowerCase()}`;
}

/** A link on another site may lead here (and finds no session, as the cookie is strict); a part may only be asked for by our page. */
function isOwnFetch(headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}
