import process from 'node:process';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { AgentActivity, FinishedAgent, RunProgress, RunReport } from '../../../shared/model/run-summary.ts';
import type { Output } from '../output.ts';
import { toCount } from '../text-table.ts';
import { openLiveBlock } from './live-block.ts';
import { progressLines } from './progress-lines.ts';

/** Shows a run as it goes: JSON lines, a bar on a terminal, or now and then a line. */
export interface RunDisplay extends Disposable {
  /** @param isAnswerOmitted The answer is in history only. */
  agent(agent: FinishedAgent, isAnswerOmitted: boolean): void;
  /** @param atWork What some agents do now; as before when absent. */
  progress(progress: RunProgress, atWork?: readonly AgentActivity[]): void;
  settled(report: RunReport): void;
}

/** `run.progress` lines and, without a terminal, lines for people come at most this often. */
const JSON_INTERVAL_MS = 1_000;
const NOTE_INTERVAL_MS = 10_000;

/** The rate is that of the last few seconds. */
const RATE_WINDOW_MS = 5_000;

/** For a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

/** Drawn at most this often; more cannot be read. */
const DRAW_INTERVAL_MS = 80;

/** Different failures told as they happen; the summary counts them all. */
const MAX_FAILURES_TOLD = 10;

/** Opens the display of one run. */
export function openRunDisplay(output: Output): RunDisplay {
  const rate = createRate();
  const bar = output.hasProgress ? openBar() : undefined;
  const told = { jsonAtMs: -Infinity, noteAtMs: systemClock.monoMs(), failures: new Set<string>(), isPaused: false };
  const aroundBar = (tell: () => void): void => (bar ? bar.around(tell) : tell());
  // Told at once and in words: while it lasts nothing else happens that a person could see.
  const tellPause = ({ state, reason }: RunProgress): void => {
    told.isPaused = state === 'paused';
    told.jsonAtMs = -Infinity;
    if (state === 'paused') aroundBar(() => output.note(`The run is paused: ${reason ?? 'no reason was given.'}`));
    else if (state === 'running') aroundBar(() => output.note('The run goes on.'));
  };
  let doing: readonly AgentActivity[] = [];
  const showProgress = (progress: RunProgress, atWork = doing): void => {
    doing = atWork;
    const nowMs = systemClock.monoMs();
    rate.add(nowMs, progress.agentsDone);
    const perSec = rate.perSec();
    if ((progress.state === 'paused') !== told.isPaused) tellPause(progress);
    if (nowMs - told.jsonAtMs >= JSON_INTERVAL_MS) {
      told.jsonAtMs = nowMs;
      output.line('run.progress', toProgressLine(progress, perSec));
    }
    bar?.update(progress, perSec, atWork);
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
    cached: report.cached,
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

function openBar() {
  const { stderr } = process;
  const block = openLiveBlock(stderr);
  let drawnAtMs = -Infinity;
  let draw: (() => void) | undefined;
  const onResize = (): void => draw?.();
  stderr.on('resize', onResize);
  return {
    update(progress: RunProgress, perSec: number, atWork: readonly AgentActivity[]) {
      draw = () => {
        const columns = stderr.columns || DEFAULT_COLUMNS;
        block.draw(progressLines({ progress, atWork, perSec, nowMs: systemClock.nowMs(), columns }));
      };
      const nowMs = systemClock.monoMs();
      if (nowMs - drawnAtMs < DRAW_INTERVAL_MS) return;
      drawnAtMs = nowMs;
      draw();
    },
    /** Takes the block away, lets `tell` write lines, and draws it again. */
    around: (tell: () => void) => block.around(tell),
    stop() {
      stderr.off('resize', onResize);
      block[Symbol.dispose]();
    },
  };
}
