import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('claims.ts', import.meta.url));

/** A process of its own that claims a data directory. */
export interface Claimer extends AsyncDisposable {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** The next thing it says; `undefined` when it has ended. */
  next(): Promise<string | undefined>;
  /** Lets it go in good order. */
  leave(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a claimer of `dataDir`. */
export function startClaimer(dataDir: string): Claimer {
  const child = spawn(process.execPath, [SCRIPT, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  return {
    child,
    next: async () => (await lines.next()).value,
    async leave() {
      child.stdin.end();
      await ended;
    },
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
