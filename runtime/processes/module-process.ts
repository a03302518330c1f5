import type { Duplex, Readable } from 'node:stream';

/** A module of ours that is to run in a process of its own. */
export interface ModuleOrder {
  /** Shown where the system lists processes, as far as it can be. */
  readonly name: string;
  readonly modulePath: string;
  readonly args: readonly string[];
  readonly nodeFlags: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A helper process. */
export interface ModuleProcess {
  /** Absent until it runs, and where it never did. */
  readonly pid: number | undefined;
  /** Bytes to it and from it; ends with it. */
  readonly channel: Duplex;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** With its exit code, once it is gone. Never rejects. */
  readonly exited: Promise<number | undefined>;
  /** Asks it to end, or ends it at once. */
  kill(how: 'ask' | 'force'): void;
  /** Whether it keeps this process alive; it does unless told. */
  keepAlive(on: boolean): void;
}

/**
 * Starts helpers where `process.execPath` is no Node: on the desktop, as Electron utility processes. Without one, helpers
 * are children of Node.
 */
export type StartModule = (order: ModuleOrder) => ModuleProcess;
