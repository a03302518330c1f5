import { expect, test } from 'vitest';
import { toHealth, type Vitals } from '../../../main/app/health.ts';

const OPEN = { level: 'open', text: 'There is enough memory.', timesShort: 0, shortMs: 0 } as const;

const WELL: Vitals = {
  trouble: undefined,
  memory: { availableBytes: 8e9, machineBytes: 16e9, gate: OPEN },
  loopDelayP99Ms: 3,
  refusedLane: undefined,
};
const SHORT = { availableBytes: 0.7e9, machineBytes: 16e9, gate: OPEN };

test.each<[string, Partial<Vitals>, string, string]>([
  ['nothing is short', {}, 'healthy', ''],
  ['less than 5 % of the memory is left', { memory: SHORT }, 'busy', '700 MB'],
  [
    'the memory gate holds starts back',
    { memory: { ...WELL.memory, gate: { ...OPEN, level: 'short', text: 'Memory is short: 100 MB.' } } },
    'busy',
    'Memory is short: 100 MB.',
  ],
  ['main is late', { loopDelayP99Ms: 101 }, 'busy', '101 ms late'],
  ['main is not late yet', { loopDelayP99Ms: 100 }, 'healthy', ''],
  ['a lane refused work', { refusedLane: 'io' }, 'busy', 'lane io'],
  [
    'history cannot be written, whatever else is short',
    { trouble: 'The disk is full.', memory: SHORT },
    'trouble',
    'disk',
  ],
])('%s', (_name, vitals, level, reason) => {
  const health = toHealth({ ...WELL, ...vitals });
  expect(health.level).toBe(level);
  expect(health.reason ?? '').toContain(reason);
  expect(health.reason === undefined).toBe(level === 'healthy');
});
