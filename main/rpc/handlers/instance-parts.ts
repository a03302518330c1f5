import type { PreferenceFile } from '../../app/preferences.ts';
import type { PulseFeed } from '../../app/pulse.ts';
import type { Clock } from '../../../runtime/time/clock.ts';
import type { ControlPlane } from '../../boot/control-plane.ts';
import type { AddedFleets } from '../../fleets/added-fleets.ts';
import type { Host } from '../../instance/host.ts';
import type { ProviderKeys } from '../../providers/provider-keys.ts';
import type { Environment } from '../../providers/provider-lookup.ts';
import type { Settings } from '../../settings/settings.ts';
import type { contract } from '../../../shared/contract/contract.ts';
import type { Handlers } from '../handlers.ts';
import type { RunJournal } from '../run-journal.ts';

/** What the handlers call. */
export interface InstanceParts {
  readonly plane: ControlPlane;
  readonly settings: Settings;
  readonly journal: RunJournal;
  readonly host: Host;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly keys: ProviderKeys;
  readonly added: AddedFleets;
  readonly preferences: PreferenceFile;
  readonly pulse: PulseFeed;
  readonly dataDir: string;
  readonly version: string;
  readonly startedAtMs: number;
}

/** The handlers of one domain of the contract. */
export type HandlersOf<Domain extends keyof typeof contract> = Handlers<typeof contract>[Domain];
