import { fromFrame, toFrame } from '../../../shared/contract/message-frame.ts';
import { AGENT_STATES } from '../../../shared/model/states.ts';
import { agentRows, type AgentWish } from '../../../shared/table/agent-tables.ts';
import { decodeTable } from '../../../shared/table/decode-table.ts';
import { encodeTable } from '../../../shared/table/encode-table.ts';
import type { Measured } from '../section.ts';
import { percentile } from '../statistics.ts';

/** How agents cross: as a table of `shared/table`, or as JSON of the same columns or of one object an agent. */
export type Form = 'table' | 'JSON columns' | 'JSON rows';

type Numbers = Exclude<keyof typeof agentRows.columns, 'state' | 'wish' | 'detail'>;
type AgentColumns = Record<Numbers, number[]> & {
  state: (typeof AGENT_STATES)[number][];
  wish: AgentWish[];
  detail: string[];
};

const WARM_UP_MS = 500;
const MEASURED_MS = 2_000;

/** Makes messages of `rows` agents and reads them again, as the two ends of a WebSocket would; everything but the socket. */
export async function measureMessages(form: Form, rows: number): Promise<Measured> {
  const columns = createColumns(rows);
  const encodeMs: number[] = [];
  const decodeMs: number[] = [];
  let bytes = 0;
  let checked = 0;
  const startedMs = performance.now();
  for (let nowMs = startedMs; nowMs < startedMs + WARM_UP_MS + MEASURED_MS; nowMs = performance.now()) {
    const item = encode(form, columns, rows);
    const frame = toFrame({ type: 'items', id: 1, items: [item], dropped: 0 });
    const encodedMs = performance.now();
    const message = typeof frame === 'string' ? (JSON.parse(frame) as unknown) : fromFrame(frame);
    checked += readAll(form, (message as { items: unknown[] }).items[0], rows);
    const decodedMs = performance.now();
    bytes = typeof frame === 'string' ? Buffer.byteLength(frame) : frame.byteLength;
    if (nowMs < startedMs + WARM_UP_MS) continue;
    encodeMs.push(encodedMs - nowMs);
    decodeMs.push(decodedMs - encodedMs);
  }
  if (checked === 0) throw new Error('Nothing was read.');
  const bothMs = encodeMs.map((ms, at) => ms + (decodeMs[at] ?? 0));
  return {
    opsPerSec: (encodeMs.length / bothMs.reduce((sum, ms) => sum + ms, 0)) * 1_000,
    p50Ms: percentile(bothMs, 0.5),
    p99Ms: percentile(bothMs, 0.99),
    encodeP50Ms: percentile(encodeMs, 0.5),
    decodeP50Ms: percentile(decodeMs, 0.5),
    messageBytes: bytes,
  };
}

function createColumns(rows: number): AgentColumns {
  const each = <Value>(value: (row: number) => Value): Value[] => Array.from({ length: rows }, (_, row) => value(row));
  const startMs = 1_790_000_000_000;
  return {
    agent: each((row) => row),
    state: each((row) => AGENT_STATES[row % 3] ?? 'queued'),
    sinceMs: each((row) => startMs + row * 7),
    startedAtMs: each((row) => startMs + row),
    endedAtMs: each(() => 0),
    untilMs: each(() => 0),
    busyMs: each(() => 0),
    turns: each((row) => row % 9),
    toolCalls: each((row) => row % 60),
    toolCallsFailed: each((row) => row % 3),
    retries: each((row) => row % 2),
    inputTokens: each((row) => 1_000 + row * 3),
    outputTokens: each((row) => 100 + row),
    costUsd: each((row) => row / 10_000),
    wish: each(() => 'none'),
    detail: each((row) => (row % 3 === 2 ? `read_file {"path":"src/queue/ring-${row}.ts"}` : '')),
  };
}

function encode(form: Form, columns: AgentColumns, rows: number): unknown {
  if (form === 'table') return encodeTable(agentRows, rows, columns);
  if (form === 'JSON columns') return columns;
  const names = Object.keys(columns) as (keyof AgentColumns)[];
  return columns.agent.map((_, row) => Object.fromEntries(names.map((name) => [name, columns[name][row]])));
}

/** Looks at what a screen looks at: a number of each row, and the words of the thirty rows in sight. */
function readAll(form: Form, item: unknown, rows: number): number {
  let sum = 0;
  if (form === 'table') {
    const { columns } = decodeTable(agentRows, item as Uint8Array);
    for (let row = 0; row < rows; row++) sum += columns.turns[row] ?? 0;
    for (let row = 0; row < Math.min(rows, 30); row++) sum += columns.detail.at(row).length;
  } else if (form === 'JSON columns') {
    const columns = item as AgentColumns;
    for (let row = 0; row < rows; row++) sum += columns.turns[row] ?? 0;
    for (let row = 0; row < Math.min(rows, 30); row++) sum += columns.detail[row]?.length ?? 0;
  } else {
    const list = item as { turns: number; detail: string }[];
    for (const { turns } of list) sum += turns;
    for (const { detail } of list.slice(0, 30)) sum += detail.length;
  }
  return sum;
}
