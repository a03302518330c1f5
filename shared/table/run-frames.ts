import { defineTable } from './define-table.ts';

/**
 * Figures of one run, one row for each second (of a past run for each `seconds`), oldest first; NaN where nothing was
 * measured.
 *
 * `callP50Ms` and `callP99Ms` are of the tool calls that ended in it, waiting plus running. How things stood at its end:
 * `running` calls without a result, `waiting` agents without a slot, `agents` at work. `gcPauseMs` is the longest pause of
 * main, `loopDelayP99Ms` main's.
 */
export const runFrames = defineTable('runFrames', {
  atMs: 'f64',
  seconds: 'f64',
  toolCalls: 'u32',
  toolCallsFailed: 'u32',
  turns: 'u32',
  outputTokens: 'f64',
  callP50Ms: 'f64',
  callP99Ms: 'f64',
  running: 'u32',
  waiting: 'u32',
  agents: 'u32',
  gcPauseMs: 'f64',
  loopDelayP99Ms: 'f64',
  rssBytes: 'f64',
});
