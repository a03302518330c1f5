import type { Breakers } from '../../../runtime/admission/breaker/breakers.ts';
import type { Gate } from '../../../runtime/admission/gate.ts';
import type { NamedCaches } from '../../../runtime/cache/named/named-caches.ts';
import type { Fleets } from '../../../runtime/fleet/fleets.ts';
import type { MemoryReader } from '../../../runtime/memory/gate/memory-reading.ts';
import type { CpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import type { History } from '../../history/history.ts';
import { tellOfBreakers } from './breaker-notices.ts';
import type { ControlPlaneOptions } from '../control-plane.ts';
import type { OpenProviders } from '../provider-source.ts';
import { createRunNotices } from './run-notices.ts';
import { carrySettings, recordSettings } from './carry-settings.ts';
import { CpuGovernor } from './cpu-governor.ts';
import { MemoryGovernor, type MemoryGovernorStatus } from './memory-governor.ts';
import { carrySwitches } from './switches.ts';

/** Everything that settings limit. */
export interface GovernedParts {
  readonly options: Pick<ControlPlaneOptions, 'settings' | 'clock' | 'log'>;
  readonly gate: Gate;
  readonly breakers: Breakers;
  readonly cpuWorkers: CpuWorkers;
  readonly caches: NamedCaches;
  readonly providers: OpenProviders;
  readonly fleets: Fleets;
  readonly history: Pick<History, 'sink' | 'recordSettingChange'>;
  /** A test may say how much memory there is. */
  readonly memoryReader?: MemoryReader | undefined;
}

/** Turns every limit while the program runs, and says what it holds back. */
export interface Governor extends Disposable {
  memory(): MemoryGovernorStatus;
}

/** Governs everything by the settings until it is disposed of. */
export function openGovernor({ options, memoryReader, ...governed }: GovernedParts): Governor {
  const { settings, clock, log } = options;
  const { gate, breakers, cpuWorkers, fleets, history } = governed;
  const owned = new DisposableStack();
  const values = settings.values();
  const tell = createRunNotices(fleets, history.sink, clock);
  const cpu = owned.use(new CpuGovernor({ gate, cpuWorkers, clock, log }, values));
  const memory = owned.use(new MemoryGovernor({ gate, settings, clock, log, tell, reader: memoryReader }, values));
  owned.use(tellOfBreakers(breakers, tell, log));
  owned.use(recordSettings(settings, history));
  owned.use(carrySwitches(settings, { fleets, tell, log }));
  owned.use(carrySettings(settings, { ...governed, cpu, memory }));
  return { memory: () => memory.status(), [Symbol.dispose]: () => owned.dispose() };
}
