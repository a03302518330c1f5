import { createInterface } from 'node:readline/promises';
import process from 'node:process';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { FleetBudget } from '../../../shared/fleet/fleet-schema.ts';
import type { RunReport } from '../../../shared/model/run-summary.ts';
import { parseTokens, parseUsd } from '../budget-words.ts';
import { toCount } from '../text-table.ts';
import type { Output } from '../output.ts';

/** How often it is looked whether somebody else has let the run go on while the question stands. */
const LOOK_MS = 500;

/** What a person decided about a run whose budget is used up. */
export type BudgetAnswer =
  | { readonly kind: 'raise'; readonly budget: FleetBudget }
  | { readonly kind: 'leave' }
  /** The run is not paused any more: there is nothing left to answer. */
  | { readonly kind: 'gone' };

/** What the question is asked with. */
export interface BudgetQuestion {
  readonly report: RunReport;
  readonly output: Output;
  /** Whether the run still waits for an answer. */
  readonly isPaused: () => Promise<boolean>;
  /** Withdraws the question; the run is left as it is. */
  readonly signal: AbortSignal;
}

/** Whether a person is there to be asked. */
export function canAsk(output: Output): boolean {
  return !output.isJson && process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on the terminal until the answer can be understood; no answer leaves the run paused. */
export async function askForBudget({ report, output, isPaused, signal }: BudgetQuestion): Promise<BudgetAnswer> {
  const withdrawn = new AbortController();
  const withdraw = (): void => withdrawn.abort();
  signal.addEventListener('abort', withdraw, { once: true });
  using _watch = watchPause(isPaused, withdrawn);
  const isTokens = report.reason?.includes('tokens') === true;
  const used = isTokens
    ? `${toCount(report.inputTokens + report.outputTokens)} tokens`
    : `$${report.costUsd.toFixed(4)}`;
  output.note(`It has used ${used} and keeps what it has.`);
  const asked = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  // The end of the input is no answer either.
  asked.once('close', withdraw);
  try {
    for (;;) {
      const question = `Raise it to how ${isTokens ? 'many tokens' : 'much, in US dollars'}? (empty: leave it paused) `;
      const text = (await asked.question(question, { signal: withdrawn.signal })).trim();
      if (text === '') return { kind: 'leave' };
      const budget = isTokens ? parseTokens(text) : parseUsd(text);
      if (typeof budget === 'object') return { kind: 'raise', budget };
      output.note(budget);
    }
  } catch (error) {
    if (!withdrawn.signal.aborted) throw error;
    output.note('');
    return (await isPaused()) || signal.aborted ? { kind: 'leave' } : { kind: 'gone' };
  } finally {
    asked.close();
    process.stdin.pause();
    signal.removeEventListener('abort', withdraw);
  }
}

function watchPause(isPaused: () => Promise<boolean>, withdrawn: AbortController): Disposable {
  const over = new AbortController();
  const look = async (): Promise<void> => {
    await systemClock.sleep(LOOK_MS);
    if (over.signal.aborted) return;
    if (await isPaused().catch(() => true)) await look();
    else withdrawn.abort();
  };
  void look();
  return { [Symbol.dispose]: () => over.abort() };
}
