import { Presets, SingleBar } from 'cli-progress';
import { systemClock } from '../../runtime/time/clock.ts';
import type { FinishedAgent, RunProgress, RunReport } from '../../shared/model/run-summary.ts';
import type { Output } from './output.ts';
import { toCount, toDuration } from './text-table.ts';

/** Shows a run as it goes: JSON lines, a bar on a terminal, or now and then a line. */
export interface RunDisplay extends Disposable {
  /** @param isAnswerOmitted The answer is in history only. */
  agent(agent: FinishedAgent, isAnswerOmitted: boolean): void;
  progress(progress: RunProgress): void;
  settled(report: RunReport): void;
}

/** `run.progress` lines and, without a terminal, lines for people come at most this often. */
const JSON_INTERVAL_MS = 1_000;
const NOTE_INTERVAL_MS = 10_000;

/** The rate is that of the last few seconds. */
const RATE_WINDOW_MS = 5_000;

/** Different failures told as they happen; the summary counts them all. */
const MAX_FAILURES_TOLD = 10;

/** Opens the display of one run. */
export function openRunDisplay(
  run: { readonly runId: string; readonly fleet: string; readonly agents: number },
  output: Output,
): RunDisplay {
  output.note(`Run ${run.runId} of "${run.fleet}": ${toCount(run.agents)} ${run.agents === 1 ? 'agent' : 'agents'}.`);
  const rate = createRate();
  const bar = output.hasProgress ? openBar(run.agents) : undefined;
  const told = { jsonAtMs: -Infinity, noteAtMs: systemClock.monoMs(), failures: new Set<string>(), isPaused: false };
  const aroundBar = (tell: () => void): void => (bar ? bar.around(tell) : tell());
  // Told at once and in words: while it lasts nothing else happens that a person could see.
  const tellPause = ({ state, reason }: RunProgress): void => {
    told.isPaused = state === 'paused';
    told.jsonAtMs = -Infinity;
    if (state === 'paused') aroundBar(() => output.note(`The run is paused: ${reason ?? 'no reason was given.'}`));
    else if (state === 'running') aroundBar(() => output.note('The run goes on.'));
  };
  const showProgress = (progress: RunProgress): void => {
    const nowMs = systemClock.monoMs();
    rate.add(nowMs, progress.agentsDone);
    const perSec = rate.perSec();
    if ((progress.state === 'paused') !== told.isPaused) tellPause(progress);
    if (nowMs - told.jsonAtMs >= JSON_INTERVAL_MS) {
      told.jsonAtMs = nowMs;
      output.line('run.progress', toProgressLine(progress, perSec));
    }
    bar?.update(progress, perSec);
    if (!bar && nowMs - told.noteAtMs >= NOTE_INTERVAL_MS) {
      told.noteAtMs = nowMs;
      output.note(toProgressNote(progress, perSec));
    }
  };
  return {
    agent(agent, isAnswerOmitted) {
      output.line('agent.finished', { ...toAgentLine(agent), ...(isAnswerOmitted ? { answerOmitted: true } : {}) });
      if (agent.stop.kind !== 'failed' || told.failures.size >= MAX_FAILURES_TOLD) return;
      const { message } = agent.stop;
      if (told.failures.has(message)) return;
      told.failures.add(message);
      aroundBar(() => output.note(`${agent.name} failed: ${message.slice(0, 500)}`));
    },
    progress: showProgress,
    settled(report) {
      told.jsonAtMs = -Infinity;
      showProgress(report);
      output.line('run.finished', toFinishedLine(report));
    },
    [Symbol.dispose]: () => bar?.stop(),
  };
}

function toAgentLine(agent: FinishedAgent): object {
  const { inputTokens, outputTokens, costUsd, ...rest } = agent;
  return {
    agent: rest.name,
    index: rest.agent,
    kind: rest.kind,
    state: rest.state,
    stop: rest.stop,
    turns: rest.turns,
    toolCalls: rest.toolCalls,
    tokens: inputTokens + outputTokens,
    inputTokens,
    outputTokens,
    costUsd: costUsd ?? null,
    ms: rest.ms,
    answer: rest.answer,
  };
}

function toProgressLine(progress: RunProgress, perSec: number): object {
  const { runId, state, reason, agentsDone, agents, agentsFailed, agentsRunning, turns, toolCalls } = progress;
  return {
    runId,
    state,
    ...(reason === undefined ? {} : { reason }),
    done: agentsDone,
    total: agents,
    perSec,
    failed: agentsFailed,
    running: agentsRunning,
    turns,
    toolCalls,
  };
}

function toFinishedLine(report: RunReport): object {
  const { runId, fleet, state, reason, agents, agentsFailed, agentsAtLimit, turns, toolCalls } = report;
  return {
    runId,
    fleet,
    state,
    ...(reason === undefined ? {} : { reason }),
    agents,
    failed: agentsFailed,
    atLimit: agentsAtLimit,
    turns,
    toolCalls,
    toolCallsFailed: report.toolCallsFailed,
    retries: report.retries,
    lost: report.lost,
    duplicated: report.duplicated,
    tokens: report.inputTokens + report.outputTokens,
    costUsd: report.unpricedTurns > 0 ? null : report.costUsd,
    unpricedTurns: report.unpricedTurns,
    ms: report.ms,
    peakRssBytes: report.peakRssBytes,
    latencyMs: { p50: report.latencyMs.p50 ?? null, p99: report.latencyMs.p99 ?? null },
  };
}

function toProgressNote(progress: RunProgress, perSec: number): string {
  const { agentsDone, agents, agentsFailed, agentsRunning, toolCalls, state } = progress;
  return `${state}: ${toCount(agentsDone)} of ${toCount(agents)} agents, ${perSec.toFixed(1)} a second, ${toCount(agentsRunning)} at work, ${toCount(agentsFailed)} failed, ${toCount(toolCalls)} tool calls.`;
}

function createRate() {
  const samples: { atMs: number; done: number }[] = [];
  return {
    add(atMs: number, done: number) {
      samples.push({ atMs, done });
      while ((samples[1]?.atMs ?? Infinity) < atMs - RATE_WINDOW_MS) samples.shift();
    },
    perSec(): number {
      const [first, last] = [samples[0], samples.at(-1)];
      if (!first || !last || last.atMs === first.atMs) return 0;
      return Math.round(((last.done - first.done) / (last.atMs - first.atMs)) * 1e5) / 100;
    },
  };
}

function openBar(total: number) {
  const bar = new SingleBar(
    {
      format:
        '{bar} {value}/{total} agents · {perSec}/s · {left} · {running} at work · {calls} tool calls · {failed} failed{state}',
      stream: process.stderr,
      barsize: 24,
      hideCursor: true,
      linewrap: true,
      clearOnComplete: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  const words = { perSec: '0', left: '', running: 0, calls: '0', failed: 0, state: '' };
  bar.start(total, 0, words);
  let last = { done: 0, words };
  return {
    update(progress: RunProgress, perSec: number) {
      const leftMs = perSec > 0 ? ((progress.agents - progress.agentsDone) / perSec) * 1_000 : undefined;
      const shown = {
        perSec: perSec.toFixed(1),
        left: leftMs === undefined ? 'time left unknown' : `${toDuration(leftMs)} left`,
        running: progress.agentsRunning,
        calls: toCount(progress.toolCalls),
        failed: progress.agentsFailed,
        state: progress.state === 'running' ? '' : ` · ${progress.state}`,
      };
      last = { done: progress.agentsDone, words: shown };
      bar.update(progress.agentsDone, shown);
    },
    /** Takes the bar away, lets `tell` write lines, and draws it again. */
    around(tell: () => void) {
      bar.stop();
      tell();
      bar.start(total, last.done, last.words);
    },
    stop: () => bar.stop(),
  };
}
