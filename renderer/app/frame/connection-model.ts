import type { AppError } from '../../../shared/errors/app-error.ts';

/** When it is tried again, as a sentence. */
export function toWaitWords(nextAtMs: number, nowMs: number): string {
  const seconds = Math.ceil((nextAtMs - nowMs) / 1_000);
  if (seconds <= 0) return 'Trying now …';
  return `Next try in ${seconds} s.`;
}

/** Why trying again does not help, and what does. */
export function toRefusalWords(error: AppError): {
  readonly title: string;
  readonly text: string;
  readonly way: 'reload' | 'address';
} {
  if (error.code === 'CONTRACT_VERSION') {
    return {
      title: 'This page and the program are of different versions.',
      text: 'The program was probably updated. Reload the window; runs are not touched.',
      way: 'reload',
    };
  }
  return {
    title: 'The session of this page is over.',
    text: 'Runs go on without it, unless the program was ended. Run "flotilla serve" again on the same data directory: it joins or replaces the program and prints a new address to open.',
    way: 'address',
  };
}
