import { useState } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../../app/path-to.ts';
import type { RunView } from '../../../../shared/contract/run-schemas.ts';
import type { RunProgress } from '../../../../shared/model/run-summary.ts';
import { tookMs } from '../../../../shared/model/run-times.ts';
import { isFinalRunState, type RunState } from '../../../../shared/model/states.ts';
import { useConnectionState, useStream } from '../../../rpc/host-context.tsx';
import { type Loaded, valueOf } from '../../../rpc/loaded.ts';
import { useHostCommand, useHostQuery } from '../../../rpc/queries.ts';
import { useConfirm } from '../../../ui/overlays/use-confirm.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';
import { Frames } from './figures-model.ts';
import { countWhole } from './run-model.ts';
import { addSample, type Sample } from './time-left-model.ts';

const LIVE_MS = 1_000;
/** A run that has ended may be resumed from elsewhere. */
const ENDED_MS = 10_000;
const CHANGES = ['runs', 'history', 'fleets'];

/** A run with what its page learned by watching it. */
export interface WatchedRun {
  readonly view: Loaded<RunView>;
  /** Raised when the run goes on after its end: its streams begin anew. */
  readonly session: number;
  /** What it had done when, for the time that is left. */
  readonly samples: readonly Sample[];
}

/** One run, live or recorded. */
export function useRun(runId: string): WatchedRun {
  const [isLive, setLive] = useState<boolean>();
  const [session, setSession] = useState(0);
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const view = useHostQuery<RunView & { readonly heardAtMs: number }>({
    key: ['runs', 'get', runId],
    ask: async (host, signal) => ({ ...(await host.calls.runs.get({ runId }, { signal })), heardAtMs: Date.now() }),
    everyMs: isLive === false ? ENDED_MS : LIVE_MS,
  });
  const heard = valueOf(view);
  if (heard && heard.isLive !== isLive) {
    if (heard.isLive && isLive === false) setSession(session + 1);
    setLive(heard.isLive);
    setSamples([]);
  }
  // Time at work stands still while the run is paused: a pause adds nothing, and takes nothing away.
  const sample =
    heard?.isLive === true && heard.run.state === 'running' ? toSample(heard.run, heard.heardAtMs) : undefined;
  if (sample && samples.at(-1)?.tookMs !== sample.tookMs) setSamples(addSample(samples, sample));
  return { view: useReport(view), session, samples };
}

/** The view with its report, which may take seconds and is no reason to show nothing until then. */
function useReport(view: Loaded<RunView>): Loaded<RunView> {
  const known = valueOf(view);
  const runId = known?.run.runId ?? '';
  const isMissing = known !== undefined && !known.isLive && isFinalRunState(known.run.state) && !known.report;
  const asked = useHostQuery({
    key: ['runs', 'report', runId, known?.run.endedAtMs],
    ask: (host, signal) => host.calls.runs.report({ runId }, { signal }),
    enabled: isMissing,
  });
  const report = isMissing ? valueOf(asked) : undefined;
  if (!report || (view.kind !== 'ready' && view.kind !== 'stale')) return view;
  return { ...view, value: { ...view.value, report } };
}

function toSample(run: RunProgress, nowMs: number): Sample {
  const { turns, agentsRunning: running } = run;
  return { tookMs: tookMs(run, nowMs), steps: turns + countWhole(run), running };
}

/** How a run stands: one that lived when its host said farewell was stopped with it, though nobody could ask any more. */
export function useShownState(state: RunState): RunState {
  const connection = useConnectionState();
  const farewell = 'farewell' in connection ? connection.farewell : undefined;
  return farewell && !farewell.isShowingOther && !isFinalRunState(state) ? 'stopped' : state;
}

/** The figures of a run by second. */
export function useFigures(runId: string, session: number): Loaded<Frames> {
  return useStream(`runs.figures ${runId} ${session}`, {
    open: (host, signal) => host.calls.runs.figures({ runId }, { signal }),
    begin: () => new Frames(),
    fold: (frames, message: Uint8Array) => {
      frames.take(message);
      return frames;
    },
  });
}

/** What can be done with a run. */
export interface RunCommands {
  readonly pause: (runId: string) => Promise<unknown>;
  readonly resume: (runId: string, budget?: { usd?: number; tokens?: number }) => Promise<unknown>;
  /** Asks first. */
  readonly stop: (runId: string, fleet: string) => Promise<void>;
  /** Continues a run that has ended; goes to its page. */
  readonly launch: (runId: string, only?: 'failed') => Promise<void>;
  readonly isBusy: boolean;
}

/** Commands to runs; a failure is told in a toast. */
export function useRunCommands(): RunCommands {
  const [, navigate] = useLocation();
  const confirm = useConfirm();
  const { report } = useToasts();
  const pause = useHostCommand((host, runId: string, how) => host.calls.runs.pause({ runId }, how), {
    changes: CHANGES,
    onError: (error) => report(error, 'The run was not paused'),
  });
  const resume = useHostCommand(
    (host, input: { runId: string; budget?: { usd?: number; tokens?: number } }, how) =>
      host.calls.runs.resume(input, how),
    { changes: CHANGES, onError: (error) => report(error, 'The run was not resumed') },
  );
  const stop = useHostCommand((host, runId: string, how) => host.calls.runs.stop({ runId }, how), {
    changes: CHANGES,
    onError: (error) => report(error, 'The run was not stopped'),
  });
  const launch = useHostCommand(
    (host, input: { resume: string; only?: 'failed' }, how) =>
      host.calls.fleets.launch({ ...input, overrides: {} }, how),
    { changes: CHANGES, onError: (error) => report(error, 'The run does not go on') },
  );
  return {
    isBusy: pause.isRunning || resume.isRunning || stop.isRunning || launch.isRunning,
    pause: (runId) => pause.run(runId),
    resume: (runId, budget) => resume.run(budget ? { runId, budget } : { runId }),
    stop: async (runId, fleet) => {
      const isSure = await confirm({
        title: `Stop ${fleet}?`,
        consequence:
          'What agents do now may take a few seconds to end; then it is cut off. Those in the queue do not begin. Answers, logs and figures stay in history, and the run can be resumed later.',
        confirmLabel: 'Stop run',
        tone: 'danger',
      });
      if (isSure) await stop.run(runId);
    },
    launch: async (runId, only) => {
      const launched = await launch.run(only ? { resume: runId, only } : { resume: runId });
      if (launched) navigate(pathTo.run(launched.runId));
    },
  };
}
