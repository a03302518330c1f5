import type { Breakers } from '../../../runtime/admission/breaker/breakers.ts';
import type { Gate } from '../../../runtime/admission/gate.ts';
import type { NamedCaches } from '../../../runtime/cache/named/named-caches.ts';
import type { SettingKey, SettingsValues } from '../../../shared/settings/settings.ts';
import type { History } from '../../history/history.ts';
import type { Settings } from '../../settings/settings.ts';
import { toCachesValues } from '../caches.ts';
import type { OpenProviders } from '../provider-source.ts';
import { toBreakerLimits, toLanes } from '../settings-limits.ts';
import type { CpuGovernor } from './cpu-governor.ts';
import type { MemoryGovernor } from './memory-governor.ts';

/** What settings limit. */
interface Governed {
  readonly gate: Pick<Gate, 'reconfigure'>;
  readonly breakers: Pick<Breakers, 'reconfigure'>;
  readonly cpu: CpuGovernor;
  readonly memory: MemoryGovernor;
  readonly caches: Pick<NamedCaches, 'reconfigure'>;
  readonly providers: Pick<OpenProviders, 'reconfigure'>;
}

/** Carries each change of a setting to what it limits, until it is disposed of. */
export function carrySettings(settings: Settings, governed: Governed): Disposable {
  const { gate, breakers, cpu, memory, caches, providers } = governed;
  const owned = new DisposableStack();
  owned.use(settings.showRollout((key) => cpu.rollout(key)));
  const carry = async (values: SettingsValues, changed: readonly SettingKey[]): Promise<void> => {
    // Those that may refuse go first.
    cpu.apply(values, changed);
    memory.apply(values, changed);
    breakers.reconfigure(toBreakerLimits(values));
    for (const [lane, limits] of toLanes(values)) gate.reconfigure(lane, limits);
    if (changed.some((key) => key.startsWith('provider.'))) providers.reconfigure(values);
    if (changed.some((key) => key.startsWith('cache.'))) await caches.reconfigure(toCachesValues(values));
  };
  owned.use(settings.onChange(carry));
  return owned;
}

/** Changes of settings that were made while nothing ran are recorded at the start, so many of them at most. */
const MISSED_CHANGES = 1_000;

/** The settings' own file stays their source; history has them beside the runs. */
export function recordSettings(settings: Settings, history: Pick<History, 'recordSettingChange'>): Disposable {
  for (const change of settings.history(MISSED_CHANGES).toReversed()) history.recordSettingChange(change);
  return settings.onRecorded((change) => history.recordSettingChange(change, { ...settings.values() }));
}
