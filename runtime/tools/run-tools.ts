import { z } from 'zod';
import { AppError, isAppError } from '../../shared/errors/app-error.ts';
import { findNearestWord } from '../../shared/errors/nearest-word.ts';
import type { ToolSchema } from '../../shared/model/conversation.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { Breaker } from '../admission/breaker/breakers.ts';
import type { Admission, Gate, LaneName } from '../admission/gate.ts';
import type { CacheScope } from '../cache/named/cache-key.ts';
import type { NamedCache } from '../cache/named/named-cache.ts';
import type { KeptResult } from '../cache/named/named-caches.ts';
import type { KnowledgeMemory } from '../knowledge/knowledge-memory.ts';
import { submitWhenRoom } from '../admission/submit-when-room.ts';
import { backoffMs } from '../time/backoff.ts';
import type { Clock } from '../time/clock.ts';
import { CoarseClock } from '../time/coarse-clock.ts';
import { ActiveCall, toFailureText, type CallScene } from './active-call.ts';
import { CallLimits, toCancellation } from './call-limits.ts';
import { KeptCalls } from './kept-calls.ts';
import { parseArguments } from './tool-arguments.ts';
import type {
  CallLedger,
  Permission,
  RunTools,
  Tool,
  ToolCall,
  ToolCallResult,
  ToolOutput,
  ToolSettings,
} from './tool.ts';
import { ToolGuards } from './tool-guards.ts';

/** How the tools of a run are opened. */
export interface RunToolsOptions {
  readonly runId: RunId;
  readonly gate: Gate;
  readonly clock: Clock;
  /** Absolute, links resolved. */
  readonly workspace: string;
  /** The fleet file's `allow`. */
  readonly allow: Iterable<Permission>;
  readonly tools: readonly Tool[];
  readonly ledger: CallLedger;
  /** Read anew for each call. */
  readonly settings: () => ToolSettings;
  /** Opens the breaker of a tool, which the tools dispose of; calls are never held back without. */
  readonly openBreaker?: ((tool: string) => Breaker) | undefined;
  /** What a person should see of what a tool found out; each text once. */
  readonly onNotice?: (text: string) => void;
  /** What the fleet's documents say. */
  readonly knowledge?: KnowledgeMemory | undefined;
  /** Where schemas and outputs are kept for later runs; every call runs when it is absent. */
  readonly caches?: ToolCaches | undefined;
}

/** The caches of a run's tools. */
export interface ToolCaches {
  readonly schemas: NamedCache<ToolSchema>;
  /** Absent when the fleet wants every call to run. */
  readonly results?: { readonly cache: NamedCache<KeptResult>; readonly scope: CacheScope } | undefined;
}

/** Ceiling of the first wait when a lane is full, beside what the lane itself asks for; the rest is `submitWhenRoom`'s. */
const FIRST_WAIT = { baseMs: 10, maxMs: 10 };
/** Different texts a run tells at most. */
const MAX_NOTICES = 100;
/** Of an unknown name that is quoted; no tool has a longer one. */
const MAX_NAME_CHARS = 64;

/** Opens the tools of one run. The ledger stays its owner's; disposing of the tools cancels what still runs. */
export function openRunTools(options: RunToolsOptions): RunTools {
  return new GatedTools(options);
}

class GatedTools implements RunTools {
  readonly #options: RunToolsOptions;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #kept: KeptCalls | undefined;
  readonly #limits: CallLimits;
  readonly #guards: ToolGuards;
  readonly #scene: CallScene;
  /** Ends what waits between two attempts. */
  readonly #ending = new AbortController();
  #openCalls = 0;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(options: RunToolsOptions) {
    const { clock, workspace, settings, ledger } = options;
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.name, tool]));
    this.#limits = new CallLimits(clock);
    const guards = (this.#guards = new ToolGuards(options));
    const allow = new Set(options.allow);
    const coarse = new CoarseClock(clock);
    const told = new Set<string>();
    const notice = (text: string): void => {
      if (told.has(text) || told.size >= MAX_NOTICES) return;
      told.add(text);
      options.onNotice?.(text);
    };
    const settled = (): void => this.#noteSettled();
    const kept = (this.#kept = this.#openKept());
    this.#scene = {
      workspace,
      allow,
      settings,
      guards,
      coarse,
      ledger,
      limits: this.#limits,
      settled,
      notice,
      knowledge: options.knowledge,
      get wantsBasis() {
        return kept?.isOn ?? false;
      },
    };
  }

  schemas(names: readonly string[]): readonly ToolSchema[] {
    return names.flatMap((name) => {
      const tool = this.#tools.get(name);
      return tool ? [this.#schemaOf(tool)] : [];
    });
  }

  flush(): Promise<void> {
    return this.#options.ledger.flush();
  }

  isRepeatable(tool: string): boolean {
    return this.#tools.get(tool)?.repeatable ?? false;
  }

  call(call: ToolCall): Promise<ToolCallResult> {
    const tool = this.#tools.get(call.tool);
    if (tool === undefined) return Promise.resolve(refuse('failed', this.#unknown(call.tool)));
    if (tool.needs !== undefined && !this.#scene.allow.has(tool.needs)) {
      return Promise.resolve(refuse('denied', toDenial(tool.name, tool.needs)));
    }
    const denial = this.#guards.findDenial(tool.name);
    if (denial !== undefined) return Promise.resolve(refuse('denied', denial));
    if (this.#closing !== undefined) return Promise.resolve(refuse('cancelled', runEnded()));
    if (call.signal.aborted) return Promise.resolve(refuse('cancelled', toCancellation(call.signal)));
    let input: unknown;
    try {
      input = parseArguments(tool, call.argumentsJson);
    } catch (error) {
      if (isAppError(error)) return Promise.resolve(refuse('failed', error));
      return Promise.reject(error);
    }
    return new Promise((resolve) => {
      this.#openCalls++;
      const active = new ActiveCall(this.#scene, tool, input, call, resolve);
      if (tool.basis !== undefined && this.#kept?.isOn) void this.#kept.serve(active, tool, input);
      else void this.#run(active, tool);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = Promise.withResolvers();
      this.#ending.abort(runEnded());
      this.#limits.cancelAll(runEnded());
      this.#options.gate.cancel(this.#options.runId, runEnded().toData());
      if (this.#openCalls === 0) this.#closing.resolve();
    }
    await this.#closing.promise;
    this.#limits.close();
    this.#guards[Symbol.dispose]();
  }

  #noteSettled(): void {
    this.#openCalls--;
    if (this.#openCalls === 0) this.#closing?.resolve();
  }

  #schemaOf(tool: Tool): ToolSchema {
    const { caches } = this.#options;
    const key = toSchemaKey(tool);
    const kept = caches?.schemas.find(key);
    if (kept !== undefined) return kept;
    const { $schema: _, ...inputSchema } = z.toJSONSchema(tool.input, { io: 'input' });
    const schema = { name: tool.name, description: tool.description, inputSchema };
    caches?.schemas.keep(key, schema);
    return schema;
  }

  #openKept(): KeptCalls | undefined {
    const { caches, workspace, gate } = this.#options;
    if (caches?.results === undefined) return undefined;
    return new KeptCalls({
      ...caches.results,
      workspace,
      ending: this.#ending.signal,
      run: (active, tool) => this.#run(active, tool),
      submit: (active, lane, work) => gate.submit(lane, work, toAdmission(active)),
    });
  }

  #unknown(name: string): AppError {
    const known = [...this.#tools.keys()].toSorted();
    const nearest = findNearestWord(name, known);
    const hint = nearest ? `did you mean "${nearest}"?` : `there are ${known.join(', ') || 'none'}.`;
    return new AppError('TOOL_UNKNOWN', `There is no tool "${name.slice(0, MAX_NAME_CHARS)}"; ${hint}`);
  }

  /** Runs a call through the gate and ends it; `undefined` when it failed. Never rejects. */
  #run(active: ActiveCall, tool: Tool): Promise<ToolOutput | undefined> {
    if (this.#closing !== undefined) active.fail(runEnded());
    if (active.isSettled) return Promise.resolve(undefined);
    const admission = toAdmission(active);
    const work = (): Promise<ToolOutput> | ToolOutput => active.run();
    const finish = (output: ToolOutput): ToolOutput => {
      active.finish(output);
      return output;
    };
    const fail = (error: unknown): undefined => {
      active.fail(error);
      return undefined;
    };
    return this.#options.gate.submit(tool.lane, work, admission).then(finish, (error: unknown) => {
      // Work that ran and was itself refused by some lane must not run again.
      if (active.isStarted || !isAppError(error, 'LANE_SATURATED')) return fail(error);
      return this.#admitLater(tool.lane, work, admission, error).then(finish, fail);
    });
  }

  async #admitLater<T>(
    lane: LaneName,
    work: () => T | PromiseLike<T>,
    admission: Admission,
    refusal: AppError,
  ): Promise<T> {
    const { gate, clock } = this.#options;
    const signal = admission.signal ? AbortSignal.any([admission.signal, this.#ending.signal]) : this.#ending.signal;
    await clock.sleep(backoffMs(1, FIRST_WAIT, refusal.details.retryAfterMs), signal);
    return submitWhenRoom(gate, { lane, work, admission: { ...admission, signal }, clock });
  }
}

function toAdmission({ owner, callerSignal }: ActiveCall): Admission {
  return { owner, signal: callerSignal };
}

/** Two tools may have one name, in different runs. */
const schemaNumbers = new WeakMap<Tool, number>();
let lastSchemaNumber = 0;

function toSchemaKey(tool: Tool): string {
  let number = schemaNumbers.get(tool);
  if (number === undefined) schemaNumbers.set(tool, (number = ++lastSchemaNumber));
  return `${tool.name} ${number}`;
}

function refuse(state: ToolCallResult['state'], error: AppError): ToolCallResult {
  const output = toFailureText(error);
  return { state, output, outputBytes: Buffer.byteLength(output), waitMs: 0, ms: 0, error: error.toData() };
}

function toDenial(tool: string, permission: string): AppError {
  const sentence = `${tool} is not allowed in this run; add "- ${permission}" under "allow:" in the fleet file.`;
  return new AppError('TOOL_DENIED', sentence);
}

function runEnded(): AppError {
  return new AppError('TASK_CANCELLED', 'The run has ended.');
}
