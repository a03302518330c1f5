import process from 'node:process';
import type { ControlPlane } from '../boot/control-plane.ts';
import type { Settings } from '../settings/open-settings.ts';
import type { LaneStats } from '../../runtime/admission/gate.ts';
import type { LaneStatus } from '../../shared/contract/app.ts';
import type { contract } from '../../shared/contract/contract.ts';
import { CONTRACT_VERSION } from '../../shared/contract/define.ts';
import type { Handlers } from './handlers.ts';
import type { RunJournal } from './run-journal.ts';

/** What the handlers call. */
export interface InstanceParts {
  readonly plane: ControlPlane;
  readonly settings: Settings;
  readonly journal: RunJournal;
  readonly dataDir: string;
  readonly version: string;
  readonly startedAtMs: number;
}

/** One function per entry of the contract: call one method, shape its answer. */
export function createInstanceHandlers(parts: InstanceParts): Handlers<typeof contract> {
  return {
    app: appHandlers(parts),
    fleets: fleetHandlers(parts),
    runs: runHandlers(parts),
    settings: settingHandlers(parts),
  };
}

function appHandlers({
  plane,
  journal,
  dataDir,
  version,
  startedAtMs,
}: InstanceParts): Handlers<typeof contract>['app'] {
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
  };
}

function fleetHandlers({ plane, journal }: InstanceParts): Handlers<typeof contract>['fleets'] {
  return {
    async launch(request) {
      const { run, resultsPath } = await plane.launch(request);
      journal.attach(run);
      // An id that was told is one that history finds; a disk that is full is told by the run itself.
      await plane.history.flush().catch(() => undefined);
      const { runId, fleet, agents } = run.progress();
      return { runId, fleet, agents, ...(resultsPath === undefined ? {} : { resultsPath }) };
    },
    validate: async (request) => ({ problems: [...(await plane.validate(request))] }),
  };
}

function runHandlers({ plane, journal, settings }: InstanceParts): Handlers<typeof contract>['runs'] {
  const stopDeadlineMs = (given: number | undefined): number => given ?? settings.values()['agents.stopDeadlineMs'];
  return {
    list: () => ({ runs: journal.list() }),
    progress: ({ runId }) => journal.progress(runId),
    pause({ runId }) {
      journal.progress(runId);
      plane.fleets.pause(runId, 'paused by the operator');
      return journal.progress(runId);
    },
    resume({ runId, budget }) {
      journal.progress(runId);
      plane.fleets.resume(runId, budget);
      return journal.progress(runId);
    },
    async stop({ runId, deadlineMs }) {
      journal.progress(runId);
      await plane.fleets.stop(runId, stopDeadlineMs(deadlineMs));
      return journal.progress(runId);
    },
    async stopAll({ deadlineMs }) {
      const live = journal.live();
      await Promise.all(live.map(({ runId }) => plane.fleets.stop(runId, stopDeadlineMs(deadlineMs))));
      return { runs: live.map(({ runId }) => journal.progress(runId)) };
    },
    watch: ({ runId }, { signal }) => journal.watch(runId, signal),
  };
}

function settingHandlers({ settings }: InstanceParts): Handlers<typeof contract>['settings'] {
  return {
    list: () => ({ version: settings.version, settings: [...settings.list()] }),
    get: ({ key }) => settings.get(key),
    set: ({ key, value, by }) => settings.set(key, value, by),
    history: ({ limit }) => ({ changes: [...settings.history(limit)] }),
    undo: ({ by }) => settings.undo(by),
  };
}

function toLaneStatus({ maxRunning, ...stats }: LaneStats): LaneStatus {
  return { ...stats, max: maxRunning };
}
