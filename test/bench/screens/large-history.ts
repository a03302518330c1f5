import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openHistory } from '../../../main/history/open-history.ts';
import type { History } from '../../../main/history/history.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { historyPath } from '../../../main/history/store/database.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';

/** A history that was filled. */
export interface LargeHistory {
  /** Turns and tool calls, which are all but a few of its rows. */
  readonly records: number;
  /** All runs are as large as this one. */
  readonly runId: string;
  readonly agentsPerRun: number;
  /** A word that stands in every tenth call, and one that stands in one call of each run. */
  readonly commonWord: string;
  readonly rareWord: string;
}

const AGENTS = 10_000;
const TURNS = 10;
const CALLS = 9;
const RECORDS_PER_RUN = AGENTS * TURNS * (1 + CALLS);
/** Agents at work at the same time: the rows of one agent do not lie together. */
const AGENTS_AT_ONCE = 100;
const BEGAN_AT_MS = 1_790_000_000_000;
const RUN_MS = 3_600_000;
const EXAMPLE = join(import.meta.dirname, '../../../examples/ten-thousand-calls.yaml');
const COMMON = 'harbour';
const RARE = 'lighthouse';
const WORD_LOOK_MS = 100;

/**
 * Fills a new history through its own sink with runs of a million turns and calls each, at least `records` in all, and waits until
 * every word is indexed, so that nothing is left to do for who opens it. One that is there is taken as it is.
 */
export async function fillHistory(dataDir: string, records: number): Promise<LargeHistory> {
  const runs = Math.ceil(records / RECORDS_PER_RUN);
  if (!existsSync(historyPath(dataDir))) await emitRuns(dataDir, runs);
  return {
    records: runs * RECORDS_PER_RUN,
    runId: runIdOf(runs - 1),
    agentsPerRun: AGENTS,
    commonWord: COMMON,
    rareWord: RARE,
  };
}

async function emitRuns(dataDir: string, runs: number): Promise<void> {
  await using history = await openHistory({ dataDir, clock: systemClock });
  for (let run = 0; run < runs; run++) await emitRun(history, run);
  while (history.stats().wordLag > 0) await systemClock.sleep(WORD_LOOK_MS);
}

function runIdOf(run: number): string {
  return `01K${String(run).padStart(23, '0')}`;
}

async function emitRun(history: History, run: number): Promise<void> {
  const runId = runIdOf(run);
  const atMs = BEGAN_AT_MS + run * RUN_MS;
  const emit = (event: RuntimeEvent): void => history.sink.emit(event);
  emit({
    type: 'run.launched',
    runId,
    atMs,
    fleet: 'ten-thousand-calls',
    fleetPath: EXAMPLE,
    fleetText: '',
    overrides: {},
    workspace: '',
    agents: AGENTS,
    settingsVersion: 0,
  });
  emit({ type: 'run.changed', runId, atMs, state: 'running' });
  for (let first = 0; first < AGENTS; first += AGENTS_AT_ONCE) {
    for (let turn = 0; turn <= TURNS + 1; turn++) {
      for (let agent = first; agent < first + AGENTS_AT_ONCE; agent++) {
        const subject = { runId, agent, atMs: atMs + (agent / AGENTS + turn / 1_000) * RUN_MS * 0.9 };
        if (turn === 0) emitBeginning(emit, subject);
        else if (turn <= TURNS) emitTurn(emit, subject, turn);
        else emitEnd(emit, subject);
        await history.sink.room();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  emit({ type: 'run.changed', runId, atMs: atMs + RUN_MS, state: 'done' });
  await history.flush();
}

type Emit = (event: RuntimeEvent) => void;
interface Subject {
  readonly runId: string;
  readonly agent: number;
  readonly atMs: number;
}

function emitBeginning(emit: Emit, subject: Subject): void {
  const name = `reader-${String(subject.agent).padStart(5, '0')}`;
  const prompt = 'Read your part of the log of the port and say what stands out.';
  emit({ type: 'agent.added', ...subject, name, kind: 'model', system: 'You are careful.', prompt });
  emit({ type: 'agent.changed', ...subject, state: 'queued' });
  emit({ type: 'agent.changed', ...subject, state: 'asking' });
}

function emitTurn(emit: Emit, subject: Subject, turn: number): void {
  const asked = { ...subject, turn, attempt: 1, provider: 'simulated', model: 'sim/default' };
  const usage = { inputTokens: 420 * turn, outputTokens: 60 };
  const done = { state: 'done', text: '', toolCalls: [], usage, costUsd: 0.0004, waitMs: 0.5, ms: 80 } as const;
  emit({ type: 'turn.started', ...asked });
  emit({ type: 'turn.finished', ...asked, ...done, startedAtMs: subject.atMs, firstTokenMs: 20 });
  for (let n = 1; n <= CALLS; n++) {
    const call = (turn - 1) * CALLS + n;
    const called = {
      ...subject,
      turn,
      call,
      providerCallId: `call_${call}`,
      tool: 'read_file',
      argumentsJson: `{"path":"part-${call % 10}.log"}`,
    };
    emit({ type: 'toolCall.started', ...called });
    const output = toOutput(subject.agent, call);
    const times = { startedAtMs: subject.atMs, waitMs: 0.25, ms: 2 };
    emit({ type: 'toolCall.finished', ...called, ...times, state: 'done', output, outputBytes: output.length });
  }
}

function toOutput(agent: number, call: number): string {
  if (agent === AGENTS / 2 && call === 1) return `ship ${call} passed the ${RARE}`;
  return call % 10 === 0 ? `ship ${call} lies in the ${COMMON}` : `ship ${call} is at sea`;
}

function emitEnd(emit: Emit, subject: Subject): void {
  const ended = { state: 'done', stop: { kind: 'answered' }, answer: 'Nothing stands out.' } as const;
  emit({ type: 'agent.changed', ...subject, ...ended });
}
