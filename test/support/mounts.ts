import { execFileSync } from 'node:child_process';

/** Mounts over `path` until disposed of; `undefined` where this machine does not let the test. */
export function mount(path: string, ...options: readonly string[]): Disposable | undefined {
  try {
    execFileSync('mount', [...options, path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', path], { stdio: 'ignore' }) };
}

/** Makes what is mounted over `path` read-only. */
export function makeReadOnly(path: string): void {
  execFileSync('mount', ['-o', 'remount,ro,bind', path]);
}
