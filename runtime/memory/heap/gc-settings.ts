import { toHeapLimitBytes, toEffectiveYoungBytes } from './generations.ts';

/** A setting of the garbage collector, as far as people have to know it. */
export interface GcSetting {
  /** Its key, or Node's own flag where it is one of main's. */
  readonly key: string;
  /** One sentence: which heaps it governs. */
  readonly governs: string;
  /** Whether a thread of this name is among them. */
  readonly hasThread: (name: string) => boolean;
  /** A heap's limits are fixed when its thread starts: others are started in its place, or the program is. */
  readonly applies: 'rolling' | 'restart';
  /** One sentence: how a change reaches them. */
  readonly how: string;
}

const isCpu = (name: string): boolean => name.startsWith('cpu-');
const isMain = (name: string): boolean => name === 'main';

const ROLLING =
  'New threads are started with it one by one; those that are replaced finish what they run, and nothing is lost.';
const RESTART = 'The heap of the main thread is made when the program starts; start it again with this flag of Node.';

/** Every setting of the garbage collector. */
export const GC_SETTINGS: readonly GcSetting[] = [
  {
    key: 'cpu.youngGenerationBytes',
    governs: 'New objects of each worker thread of the cpu lane.',
    hasThread: isCpu,
    applies: 'rolling',
    how: ROLLING,
  },
  {
    key: 'cpu.oldGenerationBytes',
    governs: 'Long-lived objects of each worker thread of the cpu lane.',
    hasThread: isCpu,
    applies: 'rolling',
    how: ROLLING,
  },
  {
    key: '--max-semi-space-size',
    governs:
      'New objects of the main thread; a third of its young generation, in MB. Threads without limits of their own take it too.',
    hasThread: isMain,
    applies: 'restart',
    how: RESTART,
  },
  {
    key: '--max-old-space-size',
    governs: 'Long-lived objects of the main thread, in MB. Threads without limits of their own take it too.',
    hasThread: isMain,
    applies: 'restart',
    how: RESTART,
  },
];

/** The settings that govern the heap of a thread; none for a thread that lives with what Node gives it. */
export function gcSettingsOf(thread: string): readonly GcSetting[] {
  return GC_SETTINGS.filter((setting) => setting.hasThread(thread));
}

/** What a heap was to be and what it is. */
export interface HeapState {
  readonly wantedYoungBytes: number;
  readonly wantedOldBytes: number;
  /** What V8 makes of the wanted sizes. */
  readonly expectedLimitBytes: number;
  readonly effectiveYoungBytes: number;
  /** What the thread itself says; `undefined` (`pending`) while none runs. */
  readonly measuredLimitBytes: number | undefined;
  /** Whether the thread has the wanted limits. */
  readonly isApplied: boolean;
}

/** Sizes of an engine differ from what was asked by less than this when they are the same. */
const SAME_WITHIN_BYTES = 2 ** 20;

/** Compares what a thread's heap was to be with what it says it is (0 bytes: nothing yet). */
export function toHeapState(wanted: { oldBytes: number; youngBytes: number }, measuredLimitBytes: number): HeapState {
  const expectedLimitBytes = toHeapLimitBytes(wanted.oldBytes, wanted.youngBytes);
  return {
    wantedYoungBytes: wanted.youngBytes,
    wantedOldBytes: wanted.oldBytes,
    expectedLimitBytes,
    effectiveYoungBytes: toEffectiveYoungBytes(wanted.youngBytes),
    measuredLimitBytes: measuredLimitBytes > 0 ? measuredLimitBytes : undefined,
    isApplied: measuredLimitBytes > 0 && Math.abs(measuredLimitBytes - expectedLimitBytes) <= SAME_WITHIN_BYTES,
  };
}
