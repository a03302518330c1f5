import { bytes, count, milliseconds, toggle } from '../define-setting.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** The io lane: asynchronous work inside the process, such as file tools. */
export const ioSettings = {
  'io.maxRunning': count({
    min: 1,
    max: 100_000,
    default: 256,
    applies: 'live',
    summary: 'Pieces of in-process work that run at the same time.',
  }),
  'io.queueCapacity': count({
    min: 0,
    max: 1_000_000,
    default: 20_000,
    applies: 'live',
    summary: 'Pieces of in-process work that may wait; the next is refused with LANE_SATURATED.',
  }),
  'io.maxPerAgent': count({
    min: 1,
    max: 100_000,
    default: 100_000,
    applies: 'live',
    summary:
      'Pieces of in-process work that one agent has running at the same time; its others wait, and nobody else does.',
  }),
  'io.ageingStarts': count({
    min: 1,
    max: 10_000,
    default: 8,
    applies: 'live',
    summary:
      'Starts of higher priority after which waiting work of normal priority goes next; low after twice as many.',
  }),
  'io.adaptive': toggle({
    default: false,
    applies: 'live',
    summary: 'Lets the lane find by itself how much may run, from how long its work takes and how much of it fails.',
  }),
  'io.minRunning': count({
    min: 1,
    max: 100_000,
    default: 16,
    applies: 'live',
    summary: 'Least that io.adaptive goes down to; io.maxRunning is the most it goes up to.',
  }),
} as const;

/** The cpu lane: work in worker threads. */
export const cpuSettings = {
  'cpu.maxWorkers': count({
    min: 1,
    max: 64,
    default: ({ cores }) => Math.min(64, Math.max(1, cores)),
    applies: 'rolling',
    summary: 'Worker threads of the cpu lane; one per core unless told.',
  }),
  'cpu.minWorkers': count({
    min: 0,
    max: 64,
    default: 0,
    applies: 'live',
    summary:
      'Worker threads that are kept when there is nothing to do, and the fewest that cpu.autoscale goes down to.',
  }),
  'cpu.autoscale': toggle({
    default: false,
    applies: 'live',
    summary: 'Sizes the worker threads to the work that comes, between cpu.minWorkers and cpu.maxWorkers.',
  }),
  'cpu.groupLimit': count({
    min: 1,
    max: 1_024,
    default: 256,
    applies: 'live',
    summary: 'Small tasks that are sent to a worker thread in one message under load; 1 sends each by itself.',
  }),
  'cpu.queueCapacity': count({
    min: 0,
    max: 1_000_000,
    default: 10_000,
    applies: 'live',
    summary: 'Tasks that may wait for a worker thread; the next is refused with LANE_SATURATED.',
  }),
  'cpu.oldGenerationBytes': bytes({
    min: 32 * MIB,
    max: 16 * GIB,
    default: 256 * MIB,
    applies: 'rolling',
    summary:
      'Heap of each worker thread for long-lived objects; a task that needs more fails with WORKER_OUT_OF_MEMORY.',
  }),
  'cpu.youngGenerationBytes': bytes({
    min: 1 * MIB,
    max: 512 * MIB,
    default: 48 * MIB,
    applies: 'rolling',
    summary: 'Heap of each worker thread for new objects; more means fewer but longer pauses.',
  }),
  'cpu.externalBytes': bytes({
    min: 16 * MIB,
    max: 64 * GIB,
    default: 512 * MIB,
    applies: 'live',
    summary: 'Memory outside its heap (buffers) that a worker thread may keep; a task that keeps more fails with it.',
  }),
  'cpu.idleTimeoutMs': milliseconds({
    min: 0,
    max: 3_600_000,
    default: 30_000,
    applies: 'live',
    summary: 'Time without work after which a worker thread ends; it starts again when needed.',
  }),
} as const;

/** The process lane: programs. */
export const processSettings = {
  'process.maxRunning': count({
    min: 1,
    max: 1_000,
    default: ({ cores }) => Math.min(1_000, Math.max(4, cores * 2)),
    applies: 'live',
    summary: 'Programs that run at the same time.',
  }),
  'process.queueCapacity': count({
    min: 0,
    max: 1_000_000,
    default: 10_000,
    applies: 'live',
    summary: 'Programs that may wait to be started; the next is refused with LANE_SATURATED.',
  }),
  'process.maxPerAgent': count({
    min: 1,
    max: 1_000,
    default: 1_000,
    applies: 'live',
    summary: 'Programs that one agent has running at the same time; its others wait, and nobody else does.',
  }),
  'process.stopGraceMs': milliseconds({
    min: 0,
    max: 600_000,
    default: 5_000,
    applies: 'live',
    summary: 'Time between asking a program to end and forcing it; a program keeps what it was started with.',
  }),
  'process.maxOutputBytes': bytes({
    min: 1_024,
    max: 256 * MIB,
    default: 1 * MIB,
    applies: 'live',
    summary:
      "Output kept of a command agent's program, of standard output and standard error each; the rest is thrown away.",
  }),
} as const;
