import { ipcRenderer } from 'electron';

/** The part of the page's window that is used here; a preload script is compiled without the types of a page. */
declare const window: {
  readonly location: { readonly origin: string };
  addEventListener(type: 'message', listener: (event: { source: unknown; data: unknown }) => void): void;
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void;
};

/** What `renderer/rpc/open-transport.ts` says and hears; main listens and answers under the same names. */
const WANT_PORT = 'flotilla.want-port';
const PORT = 'flotilla.port';

// The page gets a port and nothing else: no function of ours and none of Electron's.
window.addEventListener('message', ({ source, data }) => {
  if (source === window && data === WANT_PORT) ipcRenderer.send(WANT_PORT);
});
ipcRenderer.on(PORT, ({ ports }) => window.postMessage(PORT, window.location.origin, ports));
