import type { Pulse } from '../../../shared/contract/app.ts';
import type { AgentLogItem, RunView } from '../../../shared/contract/run-schemas.ts';
import { encodeTable } from '../../../shared/table/encode-table.ts';
import { agentNames, agentRows } from '../../../shared/table/agent-tables.ts';
import { runFrames } from '../../../shared/table/run-frames.ts';
import type { AgentState } from '../../../shared/model/states.ts';

/** A run that goes on for as long as anybody wants, told by the second: what a host would say of it. */
export const RUN = {
  runId: '01K00000000000000000000001',
  agents: 10_000,
  /** The one whose log grows. */
  openAgent: 5_000,
  changesPerSec: 300,
  startedAtMs: 1_790_000_000_000,
} as const;

const MEGABYTE = 2 ** 20;
/** A tool call is said twice: when it begins and when it has ended. Each tenth entry is a turn. */
const ENTRIES_PER_TURN = 10;
const WORKING: readonly AgentState[] = ['asking', 'running tools', 'retrying', 'asking', 'waiting for approval'];

/** The wall clock of the run at a second. */
export function atMsOf(second: number): number {
  return RUN.startedAtMs + second * 1_000;
}

/** A number that wanders between 0 and `most`, the same for the same place. */
function wander(place: number, most: number): number {
  return Math.floor(((Math.sin(place * 12.9898) + 1) / 2) * most);
}

export function pulseOf(second: number): Pulse {
  const heapUsedBytes = 120 * MEGABYTE + wander(second, 40 * MEGABYTE);
  const running = wander(second, 256);
  return {
    atMs: atMsOf(second),
    health: { level: second % 60 < 5 ? 'busy' : 'healthy', ...(second % 60 < 5 && { reason: 'A lane refuses work.' }) },
    liveRuns: 1,
    agentsRunning: 256,
    cpuRatio: wander(second, 100) / 100,
    memory: {
      rssBytes: heapUsedBytes * 2,
      heapUsedBytes,
      heapLimitBytes: 4_096 * MEGABYTE,
      externalBytes: MEGABYTE,
      machineBytes: 16_384 * MEGABYTE,
      availableBytes: 8_192 * MEGABYTE,
      gate: { level: 'open', text: 'There is enough memory.', timesShort: 0, shortMs: 0 },
      tuner: { phase: 'off', youngBytes: 48 * MEGABYTE },
    },
    loopDelayP99Ms: wander(second, 400) / 100,
    loopUtilisationRatio: 0.4,
    waiting: [{ lane: 'io', waiting: wander(second + 1, 500), running, max: 256 }],
    cpuWorkers: 2,
    ioSlots: 256,
    processes: 16,
    history: { bytes: 10_000 * MEGABYTE + second * 60_000, pending: wander(second, 900), lagMs: wander(second, 100) },
  };
}

/** What comes first on `runs.agents`: the names, then every agent as it stands. */
export function firstTables(second: number): readonly Uint8Array[] {
  const all = Array.from({ length: RUN.agents }, (_, agent) => agent);
  const names = encodeTable(agentNames, all.length, {
    agent: all,
    kind: all.map(() => 'model'),
    name: all.map((agent) => `reader-${String(agent).padStart(5, '0')}`),
    model: all.map(() => 'sim/default'),
  });
  return [names, rowsOf(all, second)];
}

/** The agents that changed from one second to another, each once, as a host tells it: every agent now and then, the open one always. */
export function changedTable(from: number, to: number): Uint8Array {
  const first = (from * RUN.changesPerSec) % RUN.agents;
  const count = Math.min(RUN.agents, RUN.changesPerSec * (to - from));
  const changed = Array.from({ length: count }, (_, n) => (first + n) % RUN.agents);
  return rowsOf(changed.includes(RUN.openAgent) ? changed : [...changed, RUN.openAgent], to);
}

function rowsOf(agents: readonly number[], second: number): Uint8Array {
  const atMs = atMsOf(second);
  const number = (of: (agent: number) => number): Float64Array => Float64Array.from(agents, of);
  return encodeTable(agentRows, agents.length, {
    agent: agents,
    state: agents.map((agent) => WORKING[(agent + second) % WORKING.length] ?? 'asking'),
    sinceMs: number(() => atMs),
    startedAtMs: number(() => RUN.startedAtMs),
    endedAtMs: number(() => 0),
    untilMs: number((agent) => (agent % 7 === 0 ? atMs + 2_000 : 0)),
    busyMs: number(() => 0),
    turns: number(() => Math.floor(second / ENTRIES_PER_TURN)),
    toolCalls: number((agent) => second + (agent % 10)),
    toolCallsFailed: number((agent) => agent % 3),
    retries: number((agent) => agent % 2),
    inputTokens: number((agent) => second * 420 + agent),
    outputTokens: number((agent) => second * 60 + agent),
    costUsd: number(() => second * 0.0004),
    wish: agents.map(() => 'none' as const),
    detail: agents.map((agent) => `read_file part-${(agent + second) % 1_000}.log, for the ${second}th time`),
  });
}

/** A row of figures for each second. */
export function frameTable(from: number, to: number): Uint8Array {
  const seconds = Array.from({ length: to - from }, (_, n) => from + n);
  const row = (of: (second: number) => number): Float64Array => Float64Array.from(seconds, of);
  return encodeTable(runFrames, seconds.length, {
    atMs: row(atMsOf),
    seconds: row(() => 1),
    toolCalls: row((second) => wander(second, 5_000)),
    toolCallsFailed: row((second) => wander(second, 5)),
    turns: row((second) => wander(second, 500)),
    outputTokens: row((second) => wander(second, 40_000)),
    callP50Ms: row((second) => wander(second, 50) / 10),
    callP99Ms: row((second) => wander(second + 2, 500) / 10),
    running: row((second) => wander(second + 3, 256)),
    waiting: row((second) => wander(second + 4, 500)),
    agents: row(() => 256),
    gcPauseMs: row((second) => wander(second + 5, 80) / 10),
    loopDelayP99Ms: row((second) => wander(second + 6, 40) / 10),
    rssBytes: row(() => 300 * MEGABYTE),
  });
}

/** What the log of the open agent says in a second: its turns, and calls that begin in one second and end in the next. */
export function logItems(second: number): readonly AgentLogItem[] {
  const ended = second === 0 ? [] : [callItem(second - 1, true)];
  if (second % ENTRIES_PER_TURN !== 0) return [...ended, callItem(second, false)];
  return [...ended.filter(() => (second - 1) % ENTRIES_PER_TURN !== 0), turnItem(second)];
}

function turnItem(second: number): AgentLogItem {
  const turn = second / ENTRIES_PER_TURN + 1;
  const text = `The **${turn}th** look at the port:\n\n- \`part-${turn}.log\` is quiet\n- nothing stands out`;
  return {
    kind: 'turn',
    key: `turn ${turn} 1`,
    atMs: atMsOf(second),
    turn,
    attempt: 1,
    state: 'done',
    provider: 'simulated',
    model: 'sim/default',
    text: { text, chars: text.length },
    toolCalls: ENTRIES_PER_TURN - 1,
    inputTokens: 420,
    outputTokens: 60,
    costUsd: 0.0004,
    firstTokenMs: 20,
    waitMs: 0,
    ms: 80,
  };
}

function callItem(second: number, hasEnded: boolean): AgentLogItem {
  const args = `{"path":"part-${second}.log"}`;
  const output = `ship ${second} lies in the harbour, `.repeat(8);
  return {
    kind: 'toolCall',
    key: `call ${second}`,
    atMs: atMsOf(second),
    turn: Math.floor(second / ENTRIES_PER_TURN) + 1,
    call: second,
    tool: 'read_file',
    state: hasEnded ? 'done' : 'running',
    arguments: { text: args, chars: args.length },
    ...(hasEnded && { output: { text: output, chars: output.length }, waitMs: 0.2, ms: 900 }),
  };
}

export function runView(second: number): RunView {
  return {
    run: {
      runId: RUN.runId,
      fleet: 'the long day',
      state: 'running',
      startedAtMs: RUN.startedAtMs,
      agents: RUN.agents,
      agentsDone: 0,
      agentsFailed: 0,
      agentsCutShort: 0,
      workedMs: 0,
      agentsAtLimit: 0,
      agentsRunning: RUN.agents,
      turns: second * 30,
      toolCalls: second * 300,
      toolCallsFailed: second,
      retries: second,
      inputTokens: second * 40_000,
      outputTokens: second * 6_000,
      costUsd: second * 0.04,
      unpricedTurns: 0,
    },
    isLive: true,
    fleetPath: '/fleets/the-long-day.yaml',
    workspace: '/fleets',
    settingsVersion: 0,
    uses: ['sim/default (simulated)'],
    budget: {},
    notices: [],
  };
}
