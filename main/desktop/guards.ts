import { app, type Session, shell, type WebContents } from 'electron';
import { findOutsideAddress } from '../page/outside-address.ts';
import { isOwnAddress, PAGE_URL } from './page-protocol.ts';

/** Keeps every page where it is and what it is, from its creation on. Called before the first window. */
export function guardPages(): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
}

/** Refuses every permission, download and request that leads outside. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  // Words to check with would be fetched from outside, for every window of the session.
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => {
    const isInspector = !app.isPackaged && details.url.startsWith('devtools:');
    answer({ cancel: !isOwnAddress(details.url) && !isInspector });
  });
}

function guardContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    // The page may load itself anew.
    if (event.url.split('#', 1)[0] === PAGE_URL) return;
    event.preventDefault();
    openOutside(event.url);
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}

function openOutside(address: string): void {
  const outside = findOutsideAddress(address);
  // Without a browser there is nothing to open it with, and nothing to be done about that.
  if (outside !== undefined) shell.openExternal(outside).catch(() => undefined);
}
