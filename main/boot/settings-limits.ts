import type { BreakerLimits } from '../../runtime/admission/breaker/circuit-breaker.ts';
import type { LaneLimits, LaneName } from '../../runtime/admission/gate.ts';
import type { AskSettings } from '../../runtime/agent/agent-context.ts';
import { ALL_RUNS_LANE } from '../../runtime/fleet/live-run.ts';
import { MAX_AGENTS } from '../../shared/fleet/fleet-schema.ts';
import type { SettingsValues } from '../../shared/settings/settings.ts';

/** The lanes that are there from the start; that of the threads is sized by `CpuGovernor`. */
export function toLanes(values: SettingsValues): readonly (readonly [LaneName, LaneLimits])[] {
  return [
    ['io', toIoLimits(values)],
    [
      'process',
      {
        maxRunning: values['process.maxRunning'],
        queueCapacity: values['process.queueCapacity'],
        maxPerAgent: values['process.maxPerAgent'],
      },
    ],
    // Agents that wait here already hold their run's slot; a run may have as many as a fleet file allows.
    [ALL_RUNS_LANE, { maxRunning: values['agents.maxRunning'], queueCapacity: MAX_AGENTS }],
  ];
}

function toIoLimits(values: SettingsValues): LaneLimits {
  return {
    maxRunning: values['io.maxRunning'],
    minRunning: values['io.adaptive'] ? values['io.minRunning'] : undefined,
    queueCapacity: values['io.queueCapacity'],
    maxPerAgent: values['io.maxPerAgent'],
    ageingStarts: values['io.ageingStarts'],
  };
}

/** The lane of one provider. */
export function toProviderLane(values: SettingsValues): LaneLimits {
  return {
    maxRunning: values['provider.maxConcurrentStreams'],
    minRunning: values['provider.adaptive'] ? values['provider.minConcurrentStreams'] : undefined,
    queueCapacity: values['provider.queueCapacity'],
  };
}

/** When calls that fail are held back. */
export function toBreakerLimits(values: SettingsValues): BreakerLimits {
  return {
    isOn: values['breaker.enabled'],
    windowMs: values['breaker.windowMs'],
    failureRatio: values['breaker.failureRatio'],
    minCalls: values['breaker.minCalls'],
    openMs: values['breaker.openMs'],
    probes: values['breaker.probes'],
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
