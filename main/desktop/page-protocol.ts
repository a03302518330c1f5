import { protocol, type Session } from 'electron';
import { loadScreens, SCREENS_FOLDER, screensThatSay } from '../page/screens.ts';
import { answerWindow } from '../page/window-answers.ts';

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

/** Answers `flotilla://app/…` from the built screens, which are read once. */
export async function servePage(session: Session): Promise<void> {
  const screens = (await loadScreens(SCREENS_FOLDER)) ?? screensThatSay('The screens of Flotilla have not been built.');
  session.protocol.handle(SCHEME, (request) => answerWindow(screens, HOST, request));
}
