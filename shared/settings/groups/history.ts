import { bytes, count, milliseconds } from '../define-setting.ts';

const MIB = 2 ** 20;

/** What is recorded, and how soon. */
export const historySettings = {
  'history.flushMs': milliseconds({
    min: 1,
    max: 100,
    default: 50,
    applies: 'restart',
    summary: 'Longest time a fact waits in memory before it is written; older ones survive a crash.',
  }),
  'history.batchRecords': count({
    min: 1,
    max: 100_000,
    default: 1_000,
    applies: 'restart',
    summary: 'Records written in one transaction.',
  }),
  'history.bufferRecords': count({
    min: 1_000,
    max: 10_000_000,
    default: 100_000,
    applies: 'restart',
    summary: 'Records that may wait to be written; beyond it admission slows down, and nothing is dropped.',
  }),
  'history.walMaxBytes': bytes({
    min: 1 * MIB,
    max: 4_096 * MIB,
    default: 64 * MIB,
    applies: 'restart',
    summary: 'Size of the write-ahead log after which it is folded back into the database.',
  }),
  'history.maxOutputBytes': bytes({
    min: 0,
    max: 64 * MIB,
    default: 65_536,
    applies: 'restart',
    summary: 'Bytes of a tool call that are recorded, of its arguments and its output each.',
  }),
} as const;
