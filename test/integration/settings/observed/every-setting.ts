import { expect, test } from 'vitest';
import { SETTING_KEYS, type SettingKey } from '../../../../shared/settings/settings.ts';
import { agentObservations, toolObservations } from './agents.ts';
import { breakerObservations } from './breakers.ts';
import { loadedCacheObservations } from './caches.ts';
import { contextObservations } from './contexts.ts';
import { gcObservations } from './gc.ts';
import { historyObservations } from './history.ts';
import { ioObservations, processLaneObservations } from './lanes.ts';
import { memoryObservations } from './memory.ts';
import type { Observation } from './observation.ts';
import { programObservations } from './programs.ts';
import { providerPlaceObservations } from './provider-places.ts';
import { providerTimeObservations } from './provider-times.ts';
import { threadObservations } from './threads.ts';

/** What each setting changes. A new setting does not compile before somebody has said here how that is seen. */
const OBSERVATIONS: Readonly<Record<SettingKey, Observation>> = {
  ...ioObservations,
  ...threadObservations,
  ...processLaneObservations,
  ...programObservations,
  ...providerPlaceObservations,
  ...providerTimeObservations,
  ...agentObservations,
  ...toolObservations,
  ...breakerObservations,
  ...memoryObservations,
  ...gcObservations,
  ...loadedCacheObservations,
  ...contextObservations,
  ...historyObservations,
};

type Group<Key extends string> = Key extends `${infer Name}.${string}` ? Name : never;

/** The test file of each group of settings; a new group does not compile before it has one. */
export const TEST_FILES: Readonly<Record<Group<SettingKey>, string>> = {
  io: 'lanes',
  process: 'lanes',
  cpu: 'threads',
  provider: 'providers',
  agents: 'agents',
  tools: 'agents',
  breaker: 'agents',
  memory: 'memory',
  gc: 'gc',
  cache: 'caches',
  history: 'history',
};

/** Makes the tests of one file: one for each setting of its groups. */
export function testSettings(file: string): void {
  const keys = SETTING_KEYS.filter((key) => TEST_FILES[key.split('.')[0] as Group<SettingKey>] === file);
  test.each(keys)('%s changes what a running control plane does', async (key) => {
    await expect(OBSERVATIONS[key]()).resolves.toBeUndefined();
  });
}
