import { expect, test } from 'vitest';
import { createTroubleWatch } from '../../../main/boot/disk-trouble.ts';
import type { LiveRun } from '../../../runtime/fleet/fleets.ts';
import type { RunState } from '../../../shared/model/states.ts';

function fleetsWith(states: Record<string, RunState>) {
  const reasons: Record<string, string | undefined> = {};
  return {
    states,
    reasons,
    list: () => Object.keys(states).map((runId) => ({ runId, progress: () => ({ state: states[runId] }) }) as LiveRun),
    pause: (runId: string, reason?: string) => {
      states[runId] = 'paused';
      reasons[runId] = reason;
    },
    resume: (runId: string) => void (states[runId] = 'running'),
  };
}

test('a full disk pauses what runs with its reason, and room lets exactly that go on', () => {
  const fleets = fleetsWith({ busy: 'running', held: 'paused', ending: 'stopping' });
  const watch = createTroubleWatch(() => fleets);
  watch({ code: 'DISK_FULL', message: 'The disk is full.' });
  expect(fleets.states).toEqual({ busy: 'paused', held: 'paused', ending: 'stopping' });
  expect(fleets.reasons).toEqual({ busy: 'The disk is full.' });
  watch(undefined);
  expect(fleets.states).toEqual({ busy: 'running', held: 'paused', ending: 'stopping' });
});

test('a run the operator stopped meanwhile is left alone', () => {
  const fleets = fleetsWith({ busy: 'running' });
  const watch = createTroubleWatch(() => fleets);
  watch({ code: 'DISK_FULL', message: 'The disk is full.' });
  fleets.states['busy'] = 'stopped';
  watch(undefined);
  expect(fleets.states).toEqual({ busy: 'stopped' });
});

test('a defect of history pauses nothing: no end of it would come', () => {
  const fleets = fleetsWith({ busy: 'running' });
  createTroubleWatch(() => fleets)({ code: 'INTERNAL', message: 'History cannot be written any more.' });
  expect(fleets.states).toEqual({ busy: 'running' });
});
