import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGate, type Gate, type LaneLimits } from '../../runtime/admission/gate.ts';
import { systemClock, type Clock } from '../../runtime/time/clock.ts';
import { openRunTools, type RunToolsOptions } from '../../runtime/tools/run-tools.ts';
import type { RunTools, Tool, ToolCall, ToolCallResult, ToolSettings } from '../../runtime/tools/tool.ts';

/** The tools of a run under test, the gate they cross, and what their ledger was told. */
export interface ToolBench extends AsyncDisposable {
  readonly gate: Gate;
  readonly tools: RunTools;
  readonly ledger: string[];
  /** Calls with arguments that are made into JSON, unless they are text already. */
  call(tool: string, args: unknown, more?: Partial<ToolCall>): Promise<ToolCallResult>;
}

/** How a bench differs from the usual one. */
export interface ToolBenchOptions extends Partial<RunToolsOptions>, Partial<ToolSettings> {
  readonly tools: readonly Tool[];
  readonly io?: LaneLimits;
}

const WIDE: LaneLimits = { maxRunning: 64, queueCapacity: 1_000 };

/** Opens tools behind a real gate. */
export function openToolBench({
  io = WIDE,
  maxOutputBytes = 64 * 1_024,
  timeoutMs = 60_000,
  off = new Set(),
  ...options
}: ToolBenchOptions): ToolBench {
  const clock: Clock = options.clock ?? systemClock;
  const gate = openGate({ lanes: { io, cpu: WIDE, process: WIDE }, clock });
  const ledger: string[] = [];
  const tools = openRunTools({
    runId: 'RUN',
    gate,
    clock,
    workspace: '/nowhere',
    allow: [],
    ledger: {
      write: (callId) => void ledger.push(callId),
      flush: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
    settings: () => ({ maxOutputBytes, timeoutMs, off }),
    ...options,
  });
  let calls = 0;
  return {
    gate,
    tools,
    ledger,
    call: (tool, args, more = {}) =>
      tools.call({
        callId: `0-${++calls}`,
        tool,
        argumentsJson: typeof args === 'string' ? args : JSON.stringify(args),
        owner: 'RUN/0',
        signal: new AbortController().signal,
        ...more,
      }),
    async [Symbol.asyncDispose]() {
      await tools[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
    },
  };
}

/** An empty folder, links resolved, that goes away when it is disposed of. */
export async function openTemporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'flotilla-tools-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
