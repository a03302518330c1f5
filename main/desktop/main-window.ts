import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, ipcMain, type IpcMainEvent, MessageChannelMain } from 'electron';
import { isOwnAddress, PAGE_URL } from './page-protocol.ts';
import { PORT, WANT_PORT } from '../../shared/contract/window-port.ts';
import type { WindowPlace } from '../app/window-place.ts';
import { PortTransport } from '../rpc/port-transport.ts';

/** A page that ends again this soon after it was loaded anew would do so for ever: then a person decides. */
const CRASH_AGAIN_MS = 60_000;

/** What the window needs of the rest of the program. */
export interface MainWindowOptions {
  readonly place: WindowPlace;
  /** The colour behind the page until it is drawn. */
  readonly background: string;
  readonly nowMs: () => number;
  /** Serves the contract to the page over its port. */
  readonly serve: (transport: PortTransport) => void;
  /** Asked when the window is about to close; it closes when this answers yes. */
  readonly mayClose: () => Promise<boolean>;
  readonly onClosed: (place: WindowPlace) => void;
}

/** Opens the window: sandboxed, without Node, with one page that it cannot leave. */
export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const { isMaximized, ...bounds } = options.place;
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Flotilla',
    backgroundColor: options.background,
    webPreferences: {
      // Built as one file of CommonJS, which is what a sandboxed preload script has to be.
      preload: fileURLToPath(new URL('../preload/preload.cjs', import.meta.url)),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  if (isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  closeWhenAllowed(window, options);
  handPortsOver(window, options.serve);
  recoverPage(window, options.nowMs);
  // What does not load is seen in the window.
  window.loadURL(PAGE_URL).catch(() => undefined);
  return window;
}

/** The last port is the page's only one: a page that was loaded anew, or connects anew, ends the one before. */
function handPortsOver(window: BrowserWindow, serve: MainWindowOptions['serve']): void {
  let last: PortTransport | undefined;
  const onWanted = ({ sender, senderFrame }: IpcMainEvent): void => {
    if (sender !== window.webContents || !senderFrame || senderFrame.parent) return;
    if (!isOwnAddress(senderFrame.url)) return;
    last?.close();
    const { port1, port2 } = new MessageChannelMain();
    last = new PortTransport(port1);
    serve(last);
    senderFrame.postMessage(PORT, undefined, [port2]);
  };
  ipcMain.on(WANT_PORT, onWanted);
  window.once('closed', () => {
    ipcMain.off(WANT_PORT, onWanted);
    last?.close();
  });
}

/** A page that ended is loaded anew; runs do not notice. */
function recoverPage(window: BrowserWindow, nowMs: () => number): void {
  let recoveredAtMs = -Infinity;
  const recover = async (reason: string): Promise<void> => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const isAgain = nowMs() - recoveredAtMs < CRASH_AGAIN_MS;
    if (isAgain) {
      const { response } = await dialog.showMessageBox(window, {
        type: 'error',
        message: 'The screens of Flotilla ended again.',
        detail: `Your runs go on (${reason}). Load the screens anew, or close the window and open it from the tray.`,
        buttons: ['Load anew', 'Close the window'],
        defaultId: 0,
        cancelId: 1,
      });
      if (window.isDestroyed()) return;
      if (response === 1) return window.close();
    }
    recoveredAtMs = nowMs();
    window.webContents.reload();
  };
  // In a turn of its own: one that is loaded anew while its end is still being told takes the whole program with it
  // (https://github.com/electron/electron/pull/51900).
  window.webContents.on('render-process-gone', (_event, { reason }) => void setImmediate(() => void recover(reason)));
}

function closeWhenAllowed(window: BrowserWindow, { mayClose, onClosed }: MainWindowOptions): void {
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    try {
      if (!(await mayClose()) || window.isDestroyed()) return;
      onClosed({ ...window.getNormalBounds(), isMaximized: window.isMaximized() });
      window.destroy();
    } finally {
      isAsking = false;
    }
  };
  window.on('close', (event) => {
    event.preventDefault();
    void ask();
  });
}
