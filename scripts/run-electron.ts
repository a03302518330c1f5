import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';

/** A start that the system's sandbox refuses ends well within this; what ends later so has crashed. */
const REFUSED_WITHIN_MS = 10_000;

/** How Electron ended: with the exit code to pass on, or because this system lets it have no sandbox for its pages. */
export type ElectronEnd = { readonly exitCode: number } | { readonly refused: string };

/**
 * Runs Electron until it ends, and passes signals on to it. Where unprivileged programs may have no namespaces of their own
 * (Ubuntu from 23.10 on) Electron stops itself at once rather than show pages without a sandbox, and so do we.
 */
export async function runElectron(electron: string, args: readonly string[]): Promise<ElectronEnd> {
  const startedAtMs = performance.now();
  const child = spawn(electron, [...args], { stdio: 'inherit' });
  const onSignal = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const { promise, resolve } = Promise.withResolvers<ElectronEnd>();
  child.once('error', (error) => {
    process.stderr.write(`Electron could not be started (${error.message}).\n`);
    resolve({ exitCode: 4 });
  });
  child.once('exit', (code, signal) => {
    const isRefused = signal === 'SIGTRAP' && performance.now() - startedAtMs < REFUSED_WITHIN_MS;
    if (isRefused)
      resolve({ refused: 'Electron may not have its sandbox on this system (docs/desktop.md names the way out)' });
    else resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
  });
  const end = await promise;
  for (const signal of signals) process.off(signal, onSignal);
  return end;
}
