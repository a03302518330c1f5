import process from 'node:process';
import { systemClock } from '../../runtime/time/clock.ts';

/** Signals nearer together than this are one: npm passes on what the terminal has sent to its child as well. */
const SAME_SIGNAL_MS = 300;

/** What happens when a person asks to stop. */
export interface InterruptionSteps {
  /** The first time: a clean stop. */
  readonly stop: () => void;
  /** The second time: at once. */
  readonly stopNow: () => void;
}

/** Listens for SIGINT, SIGTERM and SIGHUP until disposed of. */
export function onInterruption({ stop, stopNow }: InterruptionSteps): Disposable {
  let times = 0;
  let lastMs = -Infinity;
  const onSignal = (): void => {
    const nowMs = systemClock.monoMs();
    const isSame = nowMs - lastMs < SAME_SIGNAL_MS;
    lastMs = nowMs;
    if (isSame) return;
    times++;
    if (times === 1) stop();
    else stopNow();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
