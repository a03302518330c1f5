import { AppError } from '../errors/app-error.ts';
import type { SettingKey, SettingsValues } from './settings.ts';

interface Rule {
  readonly keys: readonly [SettingKey, SettingKey];
  readonly holds: (values: SettingsValues) => boolean;
  readonly sentence: string;
}

/** Settings that would contradict each other. */
const RULES: readonly Rule[] = [
  {
    keys: ['provider.retryBaseMs', 'provider.retryMaxMs'],
    holds: (values) => values['provider.retryBaseMs'] <= values['provider.retryMaxMs'],
    sentence: 'must be at most',
  },
  {
    keys: ['provider.stallMs', 'provider.requestTimeoutMs'],
    holds: (values) => values['provider.stallMs'] <= values['provider.requestTimeoutMs'],
    sentence: 'must be at most',
  },
  {
    keys: ['provider.connectTimeoutMs', 'provider.requestTimeoutMs'],
    holds: (values) => values['provider.connectTimeoutMs'] <= values['provider.requestTimeoutMs'],
    sentence: 'must be at most',
  },
  {
    keys: ['cpu.youngGenerationBytes', 'cpu.oldGenerationBytes'],
    holds: (values) => values['cpu.youngGenerationBytes'] <= values['cpu.oldGenerationBytes'],
    sentence: 'must be at most',
  },
  {
    keys: ['cpu.minWorkers', 'cpu.maxWorkers'],
    holds: (values) => values['cpu.minWorkers'] <= values['cpu.maxWorkers'],
    sentence: 'must be at most',
  },
  {
    keys: ['gc.minYoungBytes', 'gc.maxYoungBytes'],
    holds: (values) => values['gc.minYoungBytes'] <= values['gc.maxYoungBytes'],
    sentence: 'must be at most',
  },
  {
    keys: ['history.batchRecords', 'history.bufferRecords'],
    holds: (values) => values['history.batchRecords'] <= values['history.bufferRecords'],
    sentence: 'must be at most',
  },
  {
    keys: ['io.minRunning', 'io.maxRunning'],
    holds: (values) => !values['io.adaptive'] || values['io.minRunning'] <= values['io.maxRunning'],
    sentence: 'must, while io.adaptive is on, be at most',
  },
  {
    keys: ['provider.minConcurrentStreams', 'provider.maxConcurrentStreams'],
    holds: (values) =>
      !values['provider.adaptive'] ||
      values['provider.minConcurrentStreams'] <= values['provider.maxConcurrentStreams'],
    sentence: 'must, while provider.adaptive is on, be at most',
  },
];

/**
 * Refuses values that contradict each other; never adjusts one.
 *
 * @throws {AppError} SETTING_INVALID naming both settings and what they are.
 */
export function checkSettings(values: SettingsValues): void {
  for (const rule of RULES) {
    if (rule.holds(values)) continue;
    const [one, other] = rule.keys;
    throw new AppError(
      'SETTING_INVALID',
      `"${one}" (${values[one]}) ${rule.sentence} "${other}" (${values[other]}); change one of them.`,
      { details: { keys: [...rule.keys] } },
    );
  }
}
