import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Electron from 'electron';
import { _electron, type Browser, chromium, type Page } from 'playwright-core';
import type { Answer } from './control.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The program under test, and what it is given. */
export interface DesktopOptions {
  /** A folder with a package.json whose `main` Electron starts. */
  readonly appFolder: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

type Modules = typeof Electron;

/** A desktop program that runs, seen from outside. */
export interface OpenedDesktop extends AsyncDisposable {
  readonly runsOn: 'Electron' | 'the stand-in';
  /** Its only page; after it was loaded anew, the new one. */
  page(): Promise<Page>;
  /** Carries `work` out in the main process. It sees nothing but what it is given. */
  evaluate<Value, Argument>(
    work: (electron: Modules, argument: Argument) => Value | Promise<Value>,
    argument?: Argument,
  ): Promise<Value>;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number | null>;
  stderr(): string;
}

/** The real Electron of this machine; `undefined` where its binary was not fetched. */
function findElectron(): string | undefined {
  const folder = join(ROOT, 'node_modules', 'electron');
  const name = join(folder, 'path.txt');
  if (!existsSync(name)) return undefined;
  const path = join(folder, 'dist', readFileSync(name, 'utf8').trim());
  return existsSync(path) ? path : undefined;
}

/** Starts the program on the real Electron where there is one, else on the stand-in. */
export async function openDesktop(options: DesktopOptions): Promise<OpenedDesktop> {
  const electron = findElectron();
  // A host that fetched Electron must not fall back unseen.
  if (electron === undefined && process.env['FLOTILLA_TEST_ON'] === 'electron')
    throw new Error('Electron is not here.');
  return electron === undefined ? openOnStandIn(options) : await openOnElectron(electron, options);
}

async function openOnElectron(executablePath: string, options: DesktopOptions): Promise<OpenedDesktop> {
  const env = { ...process.env, ...options.environment } as Record<string, string>;
  const running = await _electron.launch({ executablePath, args: [options.appFolder, ...options.args], env });
  const child = running.process();
  const said = keepStderr(child);
  return {
    runsOn: 'Electron',
    page: () => running.firstWindow(),
    evaluate: (work, argument) => running.evaluate(work as never, argument as never),
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    exited: exitOf(child),
    stderr: said,
    [Symbol.asyncDispose]: () => running.close(),
  };
}

function openOnStandIn({ appFolder, args, environment }: DesktopOptions): OpenedDesktop {
  const { main } = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as { main: string };
  const register = new URL('./register.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', register, join(appFolder, main), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const said = keepStderr(child);
  const exited = exitOf(child);
  let browser: Browser | undefined;
  let lastId = 0;
  return {
    runsOn: 'the stand-in',
    async page() {
      await browser?.close();
      browser = await chromium.connectOverCDP(await addressOf(child, said));
      const context = browser.contexts()[0]!;
      const own = (page: Page): boolean => page.url().includes('.stand-in/');
      for (;;) {
        const page = context.pages().find(own);
        if (page) return page;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    evaluate<Value>(work: unknown, argument: unknown): Promise<Value> {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const onAnswer = (answer: Answer): void => {
          if (answer.id !== id) return;
          child.off('message', onAnswer);
          if (answer.error === undefined) resolve(answer.value as Value);
          else reject(new Error(answer.error));
        };
        child.on('message', onAnswer);
        child.send({ id, source: String(work), argument }, (error) => {
          if (error) reject(error);
        });
      });
    },
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    exited,
    stderr: said,
    async [Symbol.asyncDispose]() {
      await browser?.close().catch(() => undefined);
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

function keepStderr(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  return () => text;
}

async function addressOf(child: ChildProcess, said: () => string): Promise<string> {
  for (;;) {
    const address = /DevTools listening on (?<address>ws:\S+)/.exec(said())?.groups?.['address'];
    if (address !== undefined) return address;
    if (child.exitCode !== null) throw new Error(`The program ended before it opened its window:\n${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
