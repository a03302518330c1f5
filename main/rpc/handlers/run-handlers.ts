import { readEarlierLog, streamLog } from '../../runs/agent-log.ts';
import { readAgentTimes } from '../../runs/agent-times.ts';
import { streamAgents } from '../../runs/agents-stream.ts';
import { streamFigures } from '../../runs/figures-stream.ts';
import { createRecordedReports, readRecordedReport } from '../../runs/recorded-reports.ts';
import { readRunView } from '../../runs/run-view.ts';
import type { HandlersOf, InstanceParts } from './instance-parts.ts';

/** What a paused run says of its reason when nobody gives another. */
const BY_OPERATOR = 'paused by the operator';

/** Runs, live and recorded. */
export function runHandlers(parts: InstanceParts): HandlersOf<'runs'> {
  const { plane, journal, settings, clock, dataDir } = parts;
  const rooms = { journal, history: plane.history, clock, dataDir };
  const reports = createRecordedReports(rooms);
  const stopDeadlineMs = (given: number | undefined): number => given ?? settings.values()['agents.stopDeadlineMs'];
  return {
    list: () => ({ runs: journal.list() }),
    progress: ({ runId }) => journal.progress(runId),
    watch: ({ runId }, { signal }) => journal.watch(runId, signal),
    get: ({ runId }) => readRunView(rooms, reports, runId),
    report: ({ runId }) => readRecordedReport(rooms, reports, runId),
    agents: ({ runId }, { signal }) => streamAgents(rooms, runId, signal),
    figures: ({ runId }, { signal }) => streamFigures(rooms, runId, signal),
    log: (subject, { signal }) => streamLog(rooms, subject, signal),
    earlierLog: (request) => readEarlierLog(rooms, request),
    times: (subject) => readAgentTimes(rooms, subject),
    ...runCommands(parts, stopDeadlineMs),
    ...agentCommands(parts, stopDeadlineMs),
  };
}

type StopDeadline = (given: number | undefined) => number;
type RunCommands = 'pause' | 'resume' | 'stop' | 'stopAll' | 'pauseAll' | 'resumeAll';
type AgentCommands = 'pauseAgent' | 'resumeAgent' | 'stopAgent';

function runCommands(
  { plane: { fleets }, journal }: InstanceParts,
  stopDeadlineMs: StopDeadline,
): Pick<HandlersOf<'runs'>, RunCommands> {
  return {
    pause({ runId }) {
      journal.progress(runId);
      fleets.pause(runId, BY_OPERATOR);
      return journal.progress(runId);
    },
    resume({ runId, budget }) {
      journal.progress(runId);
      fleets.resume(runId, budget);
      return journal.progress(runId);
    },
    async stop({ runId, deadlineMs }) {
      journal.progress(runId);
      await fleets.stop(runId, stopDeadlineMs(deadlineMs));
      return journal.progress(runId);
    },
    // Each of the three answers the runs that it changed, not all it looked at.
    async stopAll({ deadlineMs }) {
      const live = journal.live();
      await Promise.all(live.map(({ runId }) => fleets.stop(runId, stopDeadlineMs(deadlineMs))));
      return { runs: live.filter(({ state }) => state !== 'stopping').map(({ runId }) => journal.progress(runId)) };
    },
    pauseAll() {
      const atWork = journal.live().filter(({ state }) => state === 'running' || state === 'queued');
      for (const { runId } of atWork) fleets.pause(runId, BY_OPERATOR);
      return { runs: atWork.map(({ runId }) => journal.progress(runId)) };
    },
    resumeAll() {
      const paused = journal.live().filter(({ state }) => state === 'paused');
      for (const { runId } of paused) fleets.resume(runId);
      const now = paused.map(({ runId }) => journal.progress(runId));
      // One whose budget is spent stays paused.
      return { runs: now.filter(({ state }) => state !== 'paused') };
    },
  };
}

function agentCommands(
  { plane: { fleets }, journal }: InstanceParts,
  stopDeadlineMs: StopDeadline,
): Pick<HandlersOf<'runs'>, AgentCommands> {
  return {
    pauseAgent({ runId, agent }) {
      journal.progress(runId);
      fleets.pauseAgent(runId, agent);
      return {};
    },
    resumeAgent({ runId, agent }) {
      journal.progress(runId);
      fleets.resumeAgent(runId, agent);
      return {};
    },
    async stopAgent({ runId, agent, deadlineMs }) {
      journal.progress(runId);
      await fleets.stopAgent(runId, agent, stopDeadlineMs(deadlineMs));
      return {};
    },
  };
}
