import type { LaneLimits, LaneName } from '../../runtime/admission/gate.ts';
import type { AskSettings } from '../../runtime/agent/agent-context.ts';
import { ALL_RUNS_LANE } from '../../runtime/fleet/live-run.ts';
import type { CpuWorkersOptions } from '../../runtime/workers/cpu-lane.ts';
import { MAX_AGENTS } from '../../shared/fleet/fleet-schema.ts';
import type { SettingsValues } from '../../shared/settings/settings.ts';

/** Tasks a worker thread may hold beside the one it runs, so that it never waits for main between two short ones. */
const TASKS_PER_WORKER = 4;

/** The lanes that are there from the start. */
export function toLanes(values: SettingsValues): readonly (readonly [LaneName, LaneLimits])[] {
  return [
    ['io', { maxRunning: values['io.maxRunning'], queueCapacity: values['io.queueCapacity'] }],
    ['cpu', { maxRunning: values['cpu.maxWorkers'] * TASKS_PER_WORKER, queueCapacity: values['cpu.queueCapacity'] }],
    ['process', { maxRunning: values['process.maxRunning'], queueCapacity: values['process.queueCapacity'] }],
    // Agents that wait here already hold their run's slot; a run may have as many as a fleet file allows.
    [ALL_RUNS_LANE, { maxRunning: values['agents.maxRunning'], queueCapacity: MAX_AGENTS }],
  ];
}

/** The worker threads. */
export function toCpuWorkers(values: SettingsValues): CpuWorkersOptions {
  return {
    maxWorkers: values['cpu.maxWorkers'],
    oldGenerationBytes: values['cpu.oldGenerationBytes'],
    youngGenerationBytes: values['cpu.youngGenerationBytes'],
    idleTimeoutMs: values['cpu.idleTimeoutMs'],
  };
}

/** How a turn is asked. */
export function toAskSettings(values: SettingsValues): AskSettings {
  return {
    requestTimeoutMs: values['provider.requestTimeoutMs'],
    maxAttempts: values['provider.maxAttempts'],
    backoff: { baseMs: values['provider.retryBaseMs'], maxMs: values['provider.retryMaxMs'] },
  };
}
