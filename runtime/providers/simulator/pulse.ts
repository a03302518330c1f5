import type { Clock, Timer } from '../../time/clock.ts';

/** Something that is called at its times. */
interface Beat {
  /** Returns when it wants to be called next (`Clock.monoMs`), or `undefined` when it is finished. */
  due(nowMonoMs: number): number | undefined;
}

/** One tick is what a reader of a token stream cannot tell from "at once". */
const TICK_MS = 4;
/** Ticks of one round; what is due later waits for as many rounds as it takes. */
const SLOT_COUNT = 1024;

interface Waiting {
  readonly beat: Beat;
  readonly tick: number;
}

/**
 * Calls any number of beats at their times with one timer for all: a wheel of 4 ms slots. A beat is
 * called at its time or up to one tick after it, never before.
 *
 * Source: G. Varghese, T. Lauck, "Hashed and hierarchical timing wheels", SOSP 1987, scheme 6.
 */
export interface Pulse extends Disposable {
  /** Calls `beat.due` at `atMonoMs` and then as often as it asks. */
  add(beat: Beat, atMonoMs: number): void;
  /** Beats waiting now. */
  readonly size: number;
}

/** Opens a pulse; its timer runs only while beats wait. */
export function openPulse(clock: Clock): Pulse {
  const slots: Waiting[][] = Array.from({ length: SLOT_COUNT }, () => []);
  let size = 0;
  let lastTick = 0;
  let timer: Timer | undefined;
  let closed = false;

  const put = (beat: Beat, atMonoMs: number, earliestTick: number): void => {
    const tick = Math.max(earliestTick, Math.ceil(atMonoMs / TICK_MS));
    slots[tick % SLOT_COUNT]!.push({ beat, tick });
    size += 1;
  };

  const turn = (): void => {
    timer = undefined;
    const nowMs = clock.monoMs();
    const nowTick = Math.floor(nowMs / TICK_MS);
    // A loop that was blocked for more than a round still visits each slot only once.
    const firstTick = Math.max(lastTick + 1, nowTick - SLOT_COUNT + 1);
    for (let tick = firstTick; tick <= nowTick; tick += 1) visit(tick % SLOT_COUNT, nowTick, nowMs);
    lastTick = Math.max(lastTick, nowTick);
    arm();
  };

  const visit = (index: number, nowTick: number, nowMs: number): void => {
    const waiting = slots[index]!;
    if (waiting.length === 0) return;
    slots[index] = [];
    for (const entry of waiting) {
      if (entry.tick > nowTick) {
        slots[index].push(entry);
        continue;
      }
      size -= 1;
      const next = entry.beat.due(nowMs);
      if (next !== undefined) put(entry.beat, next, nowTick + 1);
    }
  };

  const arm = (): void => {
    if (timer || closed || size === 0) return;
    timer = clock.after(Math.max(0, (lastTick + 1) * TICK_MS - clock.monoMs()), turn);
  };

  return {
    add(beat, atMonoMs) {
      // After an idle time no slot between then and now holds anything.
      if (size === 0) lastTick = Math.max(lastTick, Math.floor(clock.monoMs() / TICK_MS));
      put(beat, atMonoMs, lastTick + 1);
      arm();
    },
    get size() {
      return size;
    },
    [Symbol.dispose]() {
      closed = true;
      timer?.[Symbol.dispose]();
    },
  };
}
