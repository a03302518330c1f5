import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import type { LaneStats } from '../../../runtime/admission/gate.ts';
import type { LaneStatus } from '../../../shared/contract/app.ts';
import { CONTRACT_VERSION } from '../../../shared/contract/define.ts';
import { findStartFolder } from '../../app/start-folder.ts';
import { logPathOf } from '../../boot/log.ts';
import { historyPath } from '../../history/store/database.ts';
import type { HandlersOf, InstanceParts } from './instance-parts.ts';

/** The instance itself. */
export function appHandlers(parts: InstanceParts): HandlersOf<'app'> {
  const { plane, journal, host, keys, preferences, pulse, dataDir, version, startedAtMs } = parts;
  return {
    version: () => ({ version, contract: CONTRACT_VERSION, pid: process.pid }),
    status: () => ({
      pid: process.pid,
      version,
      startedAtMs,
      dataDir,
      liveRuns: journal.live().length,
      lanes: plane.gate.stats().map(toLaneStatus),
      threads: [...plane.threads()],
      providers: [...plane.providers()],
      breakers: [...plane.breakers()],
      caches: [...plane.caches()],
      memory: plane.memory(),
    }),
    about: () => ({
      version,
      host: host.kind,
      platform: process.platform,
      cores: availableParallelism(),
      dataDir,
      historyPath: historyPath(dataDir),
      logPath: logPathOf(dataDir),
      hasLog: existsSync(logPathOf(dataDir)),
      keepsKeys: keys.isKeeping,
      startFolder: findStartFolder(),
    }),
    pulse: (_input, { signal }) => pulse.listen(signal),
    preferences: () => preferences.load(),
    setPreferences: async (chosen) => {
      const kept = await preferences.save(chosen);
      host.onPreferences?.(kept);
      return kept;
    },
    show: () => host.show(),
  };
}

function toLaneStatus({ maxRunning, ...stats }: LaneStats): LaneStatus {
  return { ...stats, max: maxRunning };
}
