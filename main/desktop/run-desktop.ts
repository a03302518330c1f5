import { app, type BrowserWindow, dialog, nativeTheme, powerSaveBlocker, safeStorage, screen, session } from 'electron';
import { systemClock } from '../../runtime/time/clock.ts';
import type { Preferences } from '../../shared/contract/app.ts';
import { toAppError } from '../../shared/errors/app-error.ts';
import { watchLive } from '../app/live-watch.ts';
import { findSystemKeychain } from '../app/system-keychain.ts';
import { loadWindowPlace, saveWindowPlace } from '../app/window-place.ts';
import type { DesktopStart } from '../boot/desktop-start.ts';
import { type Backing, openBacking } from '../instance/backing.ts';
import { askBeforeClosing } from './close-question.ts';
import { guardPages, guardSession } from './guards.ts';
import { openMainWindow } from './main-window.ts';
import { servePage } from './page-protocol.ts';
import { type DesktopActions, type DesktopTray, openTray, showMenu } from './tray.ts';
import { startUtilityModule } from './utility-module.ts';

/** Beyond what runs have to stop: history becomes durable, processes end. What then still hangs is left behind. */
const CLOSE_MARGIN_MS = 15_000;

/** Behind the page until it is drawn: the tokens' own backgrounds. */
const BACKGROUND = { dark: '#0b0f14', light: '#f6f7f9' } as const;

/** The desktop from the moment Electron is ready until it quits; ends the process. */
export async function runDesktop(start: DesktopStart): Promise<void> {
  const asked = Promise.withResolvers<'asked'>();
  const desktop = new Desktop(start, () => asked.resolve('asked'));
  let exitCode = 0;
  try {
    await app.whenReady();
    desktop.endOnSignals();
    if (await desktop.open()) await desktop.followOwner(asked.promise);
  } catch (error) {
    dialog.showErrorBox(desktop.isOpen ? 'Flotilla had to end' : 'Flotilla could not start', toAppError(error).message);
    exitCode = 1;
  }
  using _late = systemClock.after(desktop.stopDeadlineMs() + CLOSE_MARGIN_MS, () => app.exit(1));
  await desktop[Symbol.asyncDispose]().catch(() => (exitCode = 1));
  app.exit(exitCode);
}

class Desktop implements AsyncDisposable {
  readonly #start: DesktopStart;
  readonly #leave: () => void;
  readonly #actions: DesktopActions;
  #tray: DesktopTray | undefined;
  #backing: Backing | undefined;
  /** What lives as long as the backing. */
  #watch: AsyncDisposable | undefined;
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
      stopAll: () => void this.#backing?.client.calls.runs.stopAll({}).catch(() => undefined),
      quit: () => app.quit(),
    };
    this.#listen();
  }

  get isOpen(): boolean {
    return this.#tray !== undefined;
  }

  stopDeadlineMs(): number {
    return this.#backing?.stopDeadlineMs() ?? 0;
  }

  /** Not before the app is ready: until then Electron puts handlers of its own in the place of ours, which ask before they quit. */
  endOnSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, this.#leave);
  }

  /** Answers whether this process is the one that shows the window; else the owner has shown its own. */
  async open(): Promise<boolean> {
    const backing = await this.#openBacking();
    if (!backing.isOwner && (await backing.client.calls.app.show({})).shown) return false;
    guardSession(session.defaultSession);
    await servePage(session.defaultSession);
    showMenu(this.#actions);
    this.#tray = openTray(this.#actions);
    await this.#dress(backing);
    await this.#show();
    return true;
  }

  /** Until `asked`: when another program that owned the data directory ends, the window goes on with the next owner, or this. */
  async followOwner(asked: Promise<'asked'>): Promise<void> {
    while (this.#backing && (await Promise.race([asked, this.#backing.ended])) !== 'asked') {
      await this.#undress();
      await this.#dress(await this.#openBacking());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isLeaving = true;
    this.#window?.destroy();
    await this.#undress();
    this.#tray?.[Symbol.dispose]();
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
  }

  async #openBacking(): Promise<Backing> {
    const { dataDir, environment, version } = this.#start;
    const keychain = await findSystemKeychain(safeStorage);
    this.#backing = await openBacking({
      dataDir,
      environment,
      version,
      startModule: startUtilityModule,
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
    return this.#backing;
  }

  async #dress({ client }: Backing): Promise<void> {
    // An owner that ends meanwhile is followed by the next.
    const chosen = await client.calls.app.preferences({}).catch(() => undefined);
    if (chosen) followTheme(chosen);
    this.#watch = watchLive(client, { onCounts: (counts) => this.#tray?.update(counts), keepAwake: createWaker() });
  }

  async #undress(): Promise<void> {
    await this.#watch?.[Symbol.asyncDispose]();
    const backing = this.#backing;
    this.#watch = undefined;
    this.#backing = undefined;
    await backing?.[Symbol.asyncDispose]();
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
    if (!this.isOpen || this.#isLeaving) return;
    const { dataDir } = this.#start;
    const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
    const place = await loadWindowPlace(dataDir, areas);
    this.#window = openMainWindow({
      place,
      background: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
      nowMs: () => systemClock.monoMs(),
      // Between two owners nobody answers; the page tries again by itself.
      serve: (transport) => (this.#backing ? this.#backing.connect(transport) : transport.close()),
      mayClose: () => this.#mayClose(),
      onClosed: (left) => {
        this.#window = undefined;
        void saveWindowPlace(dataDir, left);
      },
    });
  }

  async #mayClose(): Promise<boolean> {
    if (this.#isLeaving) return true;
    const answer = await this.#ask('close');
    if (answer === 'quit') this.#leave();
    return answer !== 'stay';
  }

  async #quit(): Promise<void> {
    if (!this.#isLeaving && (await this.#ask('quit')) === 'quit') this.#leave();
  }

  /** Runs of another program go on without this window. */
  async #ask(wanted: 'close' | 'quit'): ReturnType<typeof askBeforeClosing> {
    return this.#backing?.isOwner ? await askBeforeClosing(this.#backing.client, this.#window, wanted) : 'quit';
  }
}

/** Keeps the machine awake while it is told to. */
function createWaker(): (isNeeded: boolean) => void {
  let blocker: number | undefined;
  return (isNeeded) => {
    if (isNeeded) blocker ??= powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== undefined) powerSaveBlocker.stop(blocker);
    if (!isNeeded) blocker = undefined;
  };
}

function followTheme({ theme }: Preferences): void {
  nativeTheme.themeSource = theme;
}
