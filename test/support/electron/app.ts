import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Electron from 'electron';

type AppPart = Pick<
  Electron.App,
  | 'name'
  | 'isPackaged'
  | 'isReady'
  | 'whenReady'
  | 'quit'
  | 'exit'
  | 'getPath'
  | 'setPath'
  | 'requestSingleInstanceLock'
  | 'getAppMetrics'
>;

class StandInApp extends EventEmitter implements AppPart {
  readonly name = 'Flotilla';
  readonly isPackaged = false;
  readonly #paths = new Map<string, string>([['userData', join(tmpdir(), `stand-in-${process.pid}`)]]);
  readonly #ready: Promise<void>;
  #isReady = false;
  /** Utility processes that run. */
  readonly utilities = new Map<number, string>();
  /** Ends what the stand-in itself has opened. */
  onExit: () => Promise<void> = async () => undefined;

  constructor() {
    super();
    // As in Electron: not before the entry has been evaluated.
    this.#ready = new Promise((resolve) => {
      setImmediate(() => {
        this.#isReady = true;
        takeSignals();
        this.emit('ready', {});
        resolve();
      });
    });
  }

  isReady(): boolean {
    return this.#isReady;
  }

  whenReady(): Promise<void> {
    return this.#ready;
  }

  quit(): void {
    const event = preventable();
    this.emit('before-quit', event);
    if (!event.defaultPrevented) this.exit(0);
  }

  exit(code = 0): void {
    void this.onExit().finally(() => process.exit(code));
  }

  getPath(name: string): string {
    return this.#paths.get(name) ?? tmpdir();
  }

  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }

  getAppMetrics(): Electron.ProcessMetric[] {
    return [...this.utilities].map(
      ([pid, serviceName]) => ({ pid, type: 'Utility', serviceName }) as Electron.ProcessMetric,
    );
  }

  /** A folder with the first start's id in it, which sees what a later one writes beside it. */
  requestSingleInstanceLock(): boolean {
    const folder = join(this.getPath('userData'), 'stand-in-lock');
    mkdirSync(folder, { recursive: true });
    const owner = join(folder, 'owner');
    for (;;) {
      try {
        writeFileSync(owner, String(process.pid), { flag: 'wx' });
        break;
      } catch {
        if (isAlive(Number(readFileSync(owner, 'utf8')))) {
          writeFileSync(join(folder, `second-${process.pid}`), '');
          return false;
        }
        rmSync(owner, { force: true });
      }
    }
    const seen = new Set<string>();
    watch(folder, (_event, name) => {
      if (!name?.startsWith('second-') || seen.has(name)) return;
      seen.add(name);
      this.emit('second-instance', preventable(), [], '');
    }).unref();
    process.once('exit', () => rmSync(owner, { force: true }));
    return true;
  }
}

/** An event whose default may be prevented. */
export function preventable<Fields extends object>(fields?: Fields): Fields & Electron.Event {
  const event = {
    ...(fields as Fields),
    defaultPrevented: false,
    preventDefault() {
      event.defaultPrevented = true;
    },
  };
  return event;
}

/** Electron takes over what ends a program shortly before it is ready, and quits then, unless it was asked later not to. */
function takeSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) app.quit();
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Electron's `app`. */
export const app = new StandInApp();
