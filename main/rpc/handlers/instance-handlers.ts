import type { contract } from '../../../shared/contract/contract.ts';
import type { Handlers } from '../handlers.ts';
import { appHandlers } from './app-handlers.ts';
import { fleetHandlers } from './fleet-handlers.ts';
import { historyHandlers } from './history-handlers.ts';
import type { InstanceParts } from './instance-parts.ts';
import { providerHandlers } from './provider-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { settingHandlers } from './setting-handlers.ts';

/** One function per entry of the contract: call one method, shape its answer. */
export function createInstanceHandlers(parts: InstanceParts): Handlers<typeof contract> {
  return {
    app: appHandlers(parts),
    fleets: fleetHandlers(parts),
    history: historyHandlers(parts),
    providers: providerHandlers(parts),
    runs: runHandlers(parts),
    settings: settingHandlers(parts),
  };
}
