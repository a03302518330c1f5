import type { LiveRun, RunObserver } from '../../../runtime/fleet/live-run.ts';
import { AgentTable } from '../../../runtime/fleet/agent-table.ts';
import { ProgramTails } from '../../../runtime/fleet/live/program-output.ts';
import type { RunFrames } from '../../../runtime/fleet/run-frames.ts';
import type { RuntimeEvent } from '../../../shared/events/runtime-event.ts';
import type { RunProgress } from '../../../shared/model/run-summary.ts';
import { encodeTable } from '../../../shared/table/encode-table.ts';
import { runFrames } from '../../../shared/table/run-frames.ts';
import { planOf } from '../test-fleets.ts';

/** A live run whose events a test writes; its table is the real one. */
export interface ScriptedRun extends LiveRun {
  /** What its programs print. */
  readonly output: ProgramTails;
  emit(event: RuntimeEvent): void;
  /** One more second of figures, with so many tool calls. */
  second(toolCalls: number): void;
  become(change: Partial<RunProgress>): void;
  /** Events are heard by so many. */
  readonly observers: number;
}

export function scriptedRun(runId: string, agents: number, startedAtMs = 0): ScriptedRun {
  const plan = planOf(agents);
  const table = new AgentTable(plan.agents, startedAtMs);
  const observers = new Set<RunObserver>();
  const output = new ProgramTails();
  const frames = scriptedFrames();
  let progress = { runId, fleet: plan.name, state: 'running', startedAtMs, agents, agentsDone: 0 } as RunProgress;
  return {
    runId,
    plan,
    table,
    frames,
    output,
    budget: plan.budget,
    beganAtMs: startedAtMs,
    settled: new Promise(() => {}),
    progress: () => progress,
    activity: () => [],
    watch: () => ({ [Symbol.dispose]: () => {} }),
    observe(listener) {
      observers.add(listener);
      return { [Symbol.dispose]: () => void observers.delete(listener) };
    },
    get observers() {
      return observers.size;
    },
    emit(event) {
      table.note(event);
      for (const observer of observers) observer(event);
    },
    second: (toolCalls) => frames.add(toolCalls),
    become(change) {
      progress = { ...progress, ...change };
      if (change.state === 'done') frames.end();
      this.emit({ type: 'run.changed', runId, atMs: startedAtMs, state: progress.state });
    },
  };
}

function scriptedFrames(): RunFrames & { add(toolCalls: number): void; end(): void } {
  const seconds: number[] = [];
  const listeners = new Set<() => void>();
  let isEnded = false;
  const wake = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    get count() {
      return seconds.length;
    },
    get isEnded() {
      return isEnded;
    },
    encode(from) {
      const toolCalls = seconds.slice(from);
      const zeros = toolCalls.map(() => 0);
      const columns = Object.fromEntries(Object.keys(runFrames.columns).map((name) => [name, zeros]));
      return encodeTable(runFrames, toolCalls.length, { ...columns, toolCalls } as never);
    },
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    add(toolCalls) {
      seconds.push(toolCalls);
      wake();
    },
    end() {
      isEnded = true;
      wake();
    },
  };
}
