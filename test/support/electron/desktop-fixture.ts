import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_FOLDER, buildApp } from '../../../scripts/build/build-app.ts';
import { type InstanceClient, joinInstance } from '../../../main/instance/join-instance.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { openDesktop, type OpenedDesktop } from './open-desktop.ts';

/** A data directory, and desktop programs started on it. */
export interface DesktopFixture extends AsyncDisposable {
  readonly dataDir: string;
  open(environment?: Readonly<Record<string, string>>): Promise<OpenedDesktop>;
  /** A client of whoever owns the data directory; fails when nobody does. */
  joinOwner(): Promise<InstanceClient>;
}

/** A fleet of two programs that run until they are stopped; `before` is what each does first. */
export function waitingFleet(name = 'waiting', before = ''): string {
  return `flotilla: 1
name: ${name}
agents:
  - name: waiter
    count: 2
    kind: command
    command: ['${process.execPath}', '-e', '${before}setInterval(() => {}, 1000)']
    prompt: wait
`;
}

/** Builds the program as it is shipped, and gives it a data directory of its own. What it opened is closed in the end. */
export async function createDesktopFixture(appFolder?: string): Promise<DesktopFixture> {
  if (appFolder === undefined) await buildApp();
  const folder = await mkdtemp(join(tmpdir(), 'desktop-'));
  const dataDir = join(folder, 'data');
  const opened: OpenedDesktop[] = [];
  return {
    dataDir,
    async open(environment = {}) {
      const args = [`--data-dir=${dataDir}`];
      const desktop = await openDesktop({ appFolder: appFolder ?? APP_FOLDER, args, environment });
      process.stderr.write(`The desktop runs on ${desktop.runsOn}.\n`);
      opened.push(desktop);
      return desktop;
    },
    async joinOwner() {
      const client = await joinInstance(dataDir, systemClock, 'test');
      if (!client) throw new Error('Nobody owns the data directory.');
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const desktop of opened.toReversed()) await desktop[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Asks again and again until it is so; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Closes the window or quits, and answers the question that follows as a person would; answers what the buttons were. */
export function answerClosing(
  desktop: OpenedDesktop,
  how: 'close' | 'quit',
  button: string,
): Promise<readonly string[]> {
  return desktop.evaluate(
    async ({ app, BrowserWindow, dialog }, [way, wanted]: readonly [string, string]) => {
      const asked = new Promise<readonly string[]>((resolve) => {
        dialog.showMessageBox = async (...args: unknown[]) => {
          const { buttons } = args.at(-1) as { buttons: string[] };
          resolve(buttons);
          return { response: buttons.indexOf(wanted), checkboxChecked: false };
        };
      });
      if (way === 'quit') app.quit();
      else BrowserWindow.getAllWindows()[0]!.close();
      return await asked;
    },
    [how, button] as const,
  );
}
