import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./memory-eater-child.ts', import.meta.url));

/** A process that takes memory of the machine. Disposing of it ends it and waits until it is gone. */
export interface MemoryEater extends AsyncDisposable {
  readonly pid: number;
  /** Takes the bytes; resolves when it has them. */
  eat(): Promise<void>;
}

/** Starts a process that will take `bytes`. */
export function startMemoryEater(bytes: number): MemoryEater {
  const child = spawn(process.execPath, [CHILD, String(bytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  return {
    pid: child.pid!,
    async eat() {
      const answered = once(child.stdout, 'data');
      child.stdin.write('eat\n');
      await answered;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await closed;
    },
  };
}
