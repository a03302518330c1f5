import process from 'node:process';
import type { LaneStats } from '../../../runtime/admission/gate.ts';
import type { LaneStatus } from '../../../shared/contract/app.ts';
import { CONTRACT_VERSION } from '../../../shared/contract/define.ts';
import type { HandlersOf, InstanceParts } from './instance-parts.ts';
import { notYet } from './not-yet.ts';

/** The instance itself. */
export function appHandlers({ plane, journal, dataDir, version, startedAtMs }: InstanceParts): HandlersOf<'app'> {
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
      caches: [...plane.caches()],
      memory: plane.memory(),
    }),
    about: notYet,
    pulse: notYet,
    preferences: notYet,
    setPreferences: notYet,
    show: notYet,
  };
}

function toLaneStatus({ maxRunning, ...stats }: LaneStats): LaneStatus {
  return { ...stats, max: maxRunning };
}
