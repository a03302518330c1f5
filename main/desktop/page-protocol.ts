import { protocol, type Session } from 'electron';
import { securityHeaders } from '../page/page-headers.ts';
import { loadScreens, type Screens, SCREENS_FOLDER, screensThatSay } from '../page/screens.ts';

const SCHEME = 'flotilla';
const HOST = 'app';

/** The address of the window's only page. */
export const PAGE_URL = `${SCHEME}://${HOST}/`;

/** Whether an address lies within the program's own page; every other is somebody else's. */
export function isOwnAddress(address: string): boolean {
  return address.startsWith(PAGE_URL);
}

/** Makes the scheme one with an origin of its own. Has to be said before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Answers `flotilla://app/…` from the built screens, which are read once: no request becomes a path of the disk. */
export async function servePage(session: Session): Promise<void> {
  const screens = (await loadScreens(SCREENS_FOLDER)) ?? screensThatSay('The screens of Flotilla have not been built.');
  session.protocol.handle(SCHEME, (request) => answer(screens, request));
}

function answer(screens: Screens, { method, url }: Request): Response {
  const { host, pathname } = new URL(url);
  const headers = new Headers(securityHeaders());
  const file = host === HOST ? screens.get(pathname) : undefined;
  if (!file) return new Response('There is nothing here.', { status: 404, headers });
  if (method !== 'GET') return new Response('Only reading is possible.', { status: 405, headers });
  headers.set('Content-Type', file.type);
  // The body is copied: an answer takes what it is given for its own.
  return new Response(new Uint8Array(file.body), { headers });
}
