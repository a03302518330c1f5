import { app, type BrowserWindow, dialog, nativeTheme, screen, session } from 'electron';
import { systemClock } from '../../runtime/time/clock.ts';
import type { Preferences } from '../../shared/contract/app.ts';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import { hostInstance } from '../instance/host-instance.ts';
import { connectToOwner, type InstanceClient, joinInstance } from '../instance/join-instance.ts';
import { bridgeTransports } from '../rpc/bridge-transports.ts';
import { askBeforeClosing } from './close-question.ts';
import type { DesktopStart } from '../boot/desktop-start.ts';
import { guardPages, guardSession } from './guards.ts';
import { findKeychain } from './keychain.ts';
import { watchLive } from './live-watch.ts';
import { openMainWindow } from './main-window.ts';
import { servePage } from './page-protocol.ts';
import { startUtilityHelper } from './utility-helper.ts';
import type { PortTransport } from './port-transport.ts';
import { type DesktopActions, openTray, showMenu } from './tray.ts';
import { loadWindowPlace, saveWindowPlace } from '../app/window-place.ts';

/** Stopping every run has a deadline of its own; what then still hangs is left behind. */
const CLOSE_LIMIT_MS = 60_000;

/** Behind the page until it is drawn: the tokens' own backgrounds. */
const BACKGROUND = { dark: '#0b0f14', light: '#f6f7f9' } as const;

/** The desktop from the moment Electron is ready until it quits; ends the process. */
export async function runDesktop(start: DesktopStart): Promise<void> {
  const asked = Promise.withResolvers<void>();
  const desktop = new Desktop(start, () => asked.resolve());
  let exitCode = 0;
  try {
    await app.whenReady();
    if (await desktop.open()) await asked.promise;
  } catch (error) {
    dialog.showErrorBox('Flotilla could not start', toAppError(error).message);
    exitCode = 1;
  }
  using _late = systemClock.after(CLOSE_LIMIT_MS, () => app.exit(1));
  await desktop[Symbol.asyncDispose]().catch(() => (exitCode = 1));
  app.exit(exitCode);
}

/** What the window shows: this process, or another that owns the data directory. */
interface Shown {
  readonly client: InstanceClient;
  readonly serve: (transport: PortTransport) => void;
  /** Whether runs end with this process. */
  readonly isOwner: boolean;
}

class Desktop implements AsyncDisposable {
  readonly #start: DesktopStart;
  readonly #leave: () => void;
  readonly #owned = new AsyncDisposableStack();
  readonly #actions: DesktopActions;
  #shown: Shown | undefined;
  #window: BrowserWindow | undefined;
  #opening: Promise<void> | undefined;
  #isLeaving = false;

  constructor(start: DesktopStart, leave: () => void) {
    this.#start = start;
    this.#leave = () => {
      this.#isLeaving = true;
      leave();
    };
    this.#actions = {
      show: () => void this.#show(),
      stopAll: () => void this.#shown?.client.calls.runs.stopAll({}).catch(() => undefined),
      quit: () => app.quit(),
    };
    this.#listen();
  }

  /** Answers whether this process is the one that shows the window. */
  async open(): Promise<boolean> {
    const { dataDir, environment, version } = this.#start;
    const { openControlPlane } = await import('../boot/open-control-plane.ts');
    const keychain = findKeychain();
    const hosted = await hostInstance({
      dataDir,
      environment,
      version,
      commandLine: {},
      clock: systemClock,
      openControlPlane: (options) => openControlPlane({ ...options, startHelper: startUtilityHelper }),
      host: {
        kind: 'desktop',
        ...(keychain && { keychain }),
        show: async () => {
          await this.#show();
          return { shown: true };
        },
        onPreferences: followTheme,
      },
    });
    if (hosted) {
      this.#owned.use(hosted);
      this.#shown = { client: hosted.client, serve: (transport) => hosted.serve(transport), isOwner: true };
    } else {
      this.#shown = await this.#joinOwner();
    }
    if (!this.#shown) return false;
    await this.#dress(this.#shown.client);
    await this.#show();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLeaving = true;
    this.#window?.destroy();
    await this.#owned.disposeAsync();
  }

  #listen(): void {
    guardPages();
    app.on('second-instance', this.#actions.show);
    app.on('activate', this.#actions.show);
    // The tray stays; whether the program ends was asked before the window closed.
    app.on('window-all-closed', () => undefined);
    app.on('before-quit', (event) => {
      event.preventDefault();
      void this.#quit();
    });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, this.#leave);
  }

  async #dress(client: InstanceClient): Promise<void> {
    guardSession(session.defaultSession);
    await servePage(session.defaultSession);
    followTheme(await client.calls.app.preferences({}));
    showMenu(this.#actions);
    const tray = this.#owned.use(openTray(this.#actions));
    this.#owned.use(watchLive(client, (counts) => tray.update(counts)));
  }

  /** Another program owns the data directory: its window comes to the front, or this one shows what it does. */
  async #joinOwner(): Promise<Shown | undefined> {
    const { dataDir, version } = this.#start;
    const client = await joinInstance(dataDir, systemClock, `flotilla ${version}`);
    if (!client)
      throw new AppError(
        'INSTANCE_UNREACHABLE',
        'The program that used this data directory has just ended; start Flotilla again.',
      );
    this.#owned.use(client);
    const { shown } = await client.calls.app.show({});
    return shown ? undefined : { client, serve: (transport) => void bridgeToOwner(transport, dataDir), isOwner: false };
  }

  #show(): Promise<void> {
    if (this.#window) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.show();
      this.#window.focus();
      return Promise.resolve();
    }
    this.#opening ??= this.#openWindow().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openWindow(): Promise<void> {
    const shown = this.#shown;
    if (!shown || this.#isLeaving) return;
    const { dataDir } = this.#start;
    const place = await loadWindowPlace(
      dataDir,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    );
    this.#window = openMainWindow({
      place,
      background: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
      nowMs: () => systemClock.monoMs(),
      serve: shown.serve,
      mayClose: () => this.#mayClose(shown),
      onClosed: (left) => {
        this.#window = undefined;
        void saveWindowPlace(dataDir, left);
      },
    });
  }

  async #mayClose({ client, isOwner }: Shown): Promise<boolean> {
    if (this.#isLeaving) return true;
    const answer = isOwner ? await askBeforeClosing(client, this.#window, 'close') : 'quit';
    if (answer === 'quit') this.#leave();
    return answer !== 'stay';
  }

  async #quit(): Promise<void> {
    if (this.#isLeaving) return;
    const shown = this.#shown;
    if (shown?.isOwner && (await askBeforeClosing(shown.client, this.#window, 'quit')) !== 'quit') return;
    this.#leave();
  }
}

/** The page asks for another port when this one ends, and so finds the next owner too. */
async function bridgeToOwner(transport: PortTransport, dataDir: string): Promise<void> {
  const far = await connectToOwner(dataDir).catch(() => undefined);
  if (far) bridgeTransports(transport, far);
  else transport.close();
}

function followTheme({ theme }: Preferences): void {
  nativeTheme.themeSource = theme;
}
