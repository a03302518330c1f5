import { bytes, choice, count, milliseconds, ratio } from '../define-setting.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Memory of the machine and of the heaps. */
export const memorySettings = {
  'memory.gate': choice({
    values: ['wait', 'refuse', 'off'],
    default: 'wait',
    applies: 'live',
    summary:
      'What happens to launches while memory is short: they wait, are refused with MEMORY_SHORT, or go on (off).',
  }),
  'memory.minAvailableBytes': bytes({
    min: 0,
    max: 1_024 * GIB,
    default: ({ memoryBytes }) => Math.min(512 * MIB, Math.floor(memoryBytes / 16)),
    applies: 'live',
    summary: 'Memory that is to stay available; with less, nothing new is started. 0 looks at the pressure alone.',
  }),
  'memory.maxPressureRatio': ratio({
    min: 0.01,
    max: 1,
    default: 0.2,
    applies: 'live',
    summary:
      'Part of the time programs may wait for memory (Linux) before nothing new is started; 1 does not look at it.',
  }),
  'memory.resumeRatio': ratio({
    min: 1.05,
    max: 10,
    default: 1.25,
    applies: 'live',
    summary: 'Memory is enough again when so many times memory.minAvailableBytes is available.',
  }),
  'memory.settleMs': milliseconds({
    min: 0,
    max: 600_000,
    default: 2_000,
    applies: 'live',
    summary: 'Time for which there must be enough memory before starts are free again.',
  }),
  'memory.lookEveryMs': milliseconds({
    min: 50,
    max: 60_000,
    default: 500,
    applies: 'live',
    summary: 'How often available memory is looked at.',
  }),
  'memory.floorRunning': count({
    min: 1,
    max: 1_000,
    default: 1,
    applies: 'live',
    summary: 'Work that each lane may run however short memory is: only what goes on gives memory back.',
  }),
  'memory.softHeapRatio': ratio({
    min: 0.1,
    max: 0.99,
    default: 0.85,
    applies: 'live',
    summary: 'Part of its heap limit from which a thread is warned of, before it fails with WORKER_OUT_OF_MEMORY.',
  }),
  'memory.pooledBytes': bytes({
    min: 0,
    max: 1 * GIB,
    default: 8 * MIB,
    applies: 'live',
    summary: 'Buffers that the main thread keeps for the next use; 0 keeps none.',
  }),
} as const;

/** The tuner of the worker threads' young generation. */
export const gcSettings = {
  'gc.tuner': choice({
    values: ['off', 'advise', 'act'],
    default: 'advise',
    applies: 'live',
    summary: 'Whether cpu.youngGenerationBytes is tuned to the load: off, only advised, or changed step by step (act).',
  }),
  'gc.pauseTargetMs': milliseconds({
    min: 1,
    max: 1_000,
    default: 4,
    applies: 'live',
    summary: 'Pause that 99 of 100 garbage collections of a worker thread are not to exceed.',
  }),
  'gc.maxShareRatio': ratio({
    min: 0.001,
    max: 0.9,
    default: 0.1,
    applies: 'live',
    summary: 'Part of the busy time of the worker threads that garbage collection may take.',
  }),
  'gc.minYoungBytes': bytes({
    min: 1 * MIB,
    max: 1 * GIB,
    default: 3 * MIB,
    applies: 'live',
    summary: 'The tuner never makes the young generation smaller.',
  }),
  'gc.maxYoungBytes': bytes({
    min: 1 * MIB,
    max: 1 * GIB,
    default: 192 * MIB,
    applies: 'live',
    summary: 'The tuner never makes the young generation larger.',
  }),
  'gc.coolDownMs': milliseconds({
    min: 0,
    max: 600_000,
    default: 15_000,
    applies: 'live',
    summary: 'Time after a step of the tuner in which nothing is measured: threads start, code gets warm.',
  }),
  'gc.measureMs': milliseconds({
    min: 1_000,
    max: 3_600_000,
    default: 30_000,
    applies: 'live',
    summary: 'Time over which the tuner measures before it judges.',
  }),
} as const;
