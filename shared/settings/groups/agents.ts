import { bytes, count, milliseconds, names, toggle } from '../define-setting.ts';

const MIB = 2 ** 20;

/** Agents and their tools. */
export const agentSettings = {
  'agents.maxRunning': count({
    min: 1,
    max: 100_000,
    default: 1_000,
    applies: 'live',
    summary: 'Agents of all runs together that work at the same time, whatever their fleet files say.',
  }),
  'agents.stopDeadlineMs': milliseconds({
    min: 0,
    max: 600_000,
    default: 10_000,
    applies: 'live',
    summary: 'Time agents get to end by themselves when a run is stopped; then they are forced.',
  }),
  'agents.modelEnabled': toggle({
    default: true,
    applies: 'live',
    summary: 'Lets model agents start and go on to their next turn; while it is off they wait, and nothing fails.',
  }),
  'agents.commandEnabled': toggle({
    default: true,
    applies: 'live',
    summary: 'Lets command agents start their programs; while it is off they wait, and what runs already goes on.',
  }),
  'tools.off': names({
    maxNames: 30,
    default: '',
    applies: 'live',
    summary: 'Tools that are switched off in every run: calls of them are denied, and the model reads why.',
  }),
  'tools.maxOutputBytes': bytes({
    min: 1_024,
    max: 64 * MIB,
    default: 65_536,
    applies: 'live',
    summary: 'Output of one tool call that the model gets to see; more is cut with a marker.',
  }),
  'tools.timeoutMs': milliseconds({
    min: 10,
    max: 7_200_000,
    default: 60_000,
    applies: 'live',
    summary: 'Time one tool call may take once it has its place in a lane; then it fails with TASK_TIMED_OUT.',
  }),
} as const;
