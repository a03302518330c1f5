import { ipcRenderer } from 'electron';
import { PORT, WANT_PORT } from '../../shared/contract/window-port.ts';

/** The part of the page's window that is used here; a preload script is compiled without the types of a page. */
declare const window: {
  readonly location: { readonly origin: string };
  addEventListener(type: 'message', listener: (event: { source: unknown; data: unknown }) => void): void;
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void;
};

// The page gets a port and nothing else: no function of ours and none of Electron's.
window.addEventListener('message', ({ source, data }) => {
  if (source === window && data === WANT_PORT) ipcRenderer.send(WANT_PORT);
});
ipcRenderer.on(PORT, ({ ports }) => window.postMessage(PORT, window.location.origin, ports));
