import { type Farewell, toRunWords } from '../../../shared/contract/farewell.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';

/** When it is tried again, as a sentence. */
export function toWaitWords(nextAtMs: number, nowMs: number): string {
  const seconds = Math.ceil((nextAtMs - nowMs) / 1_000);
  if (seconds <= 0) return 'Trying now …';
  return `Next try in ${seconds} s.`;
}

/** What a host that is lost has come to, and how to go on. */
export function toLostWords(
  since: string,
  farewell: Farewell | undefined,
): { readonly title: string; readonly text: string } {
  if (farewell) {
    return {
      title: `Flotilla was ended at ${since}; ${toRunWords(farewell)}.`,
      text: 'What you see is from then. Start Flotilla again and open the new address it prints: the address changes with each start.',
    };
  }
  return {
    title: `Flotilla does not answer since ${since}.`,
    text: 'What you see is from then. Runs go on without this window unless the program was ended: then start it again, open its new address and resume them.',
  };
}

/** Why trying again does not help, and what does; `farewell` is what the host said before, when it did. */
export function toRefusalWords(
  error: AppError,
  farewell?: Farewell,
): {
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
  if (farewell) {
    return {
      title: 'The session of this page is over: Flotilla was started anew.',
      text: `When it was ended, ${toRunWords(farewell)}. Open the new address that its start printed, or run "flotilla serve" again for another.`,
      way: 'address',
    };
  }
  return {
    title: 'The session of this page is over.',
    text: 'Runs go on without it, unless the program was ended. Run "flotilla serve" again on the same data directory: it joins or replaces the program and prints a new address to open.',
    way: 'address',
  };
}
