import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import type { Breaker } from '../admission/breaker/breakers.ts';
import type { CallOutcome, Passage } from '../admission/breaker/circuit-breaker.ts';
import type { Tool, ToolSettings } from './tool.ts';

/** Failures of a tool or of what it works with; every other one says that a call was wrong, or that nobody wanted it any more. */
const TELLS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'TOOL_FAILED',
  'PROCESS_LIMIT',
  'LAUNCHER_LOST',
  'WORKER_LOST',
]);

/** What a run's calls are held back with. */
export interface ToolGuardsParts {
  readonly settings: () => ToolSettings;
  /** Opens the breaker of a tool when it is first called; calls are never held back without. */
  readonly openBreaker?: ((tool: string) => Breaker) | undefined;
}

/** What may hold a call back though its lane has room: the operator's switch, and a breaker for each tool of the run. */
export class ToolGuards implements Disposable {
  readonly #parts: ToolGuardsParts;
  readonly #breakers = new Map<string, Breaker>();

  constructor(parts: ToolGuardsParts) {
    this.#parts = parts;
  }

  /** Why no call of the tool is served now; `undefined` when they are. */
  findDenial(tool: string): AppError | undefined {
    if (!this.#parts.settings().off.has(tool)) return undefined;
    return new AppError('TOOL_DENIED', `${tool} is switched off by the operator for now.`);
  }

  /** Lets a call start. @throws {AppError} CIRCUIT_OPEN */
  enter(tool: string): Passage | undefined {
    if (this.#parts.openBreaker === undefined) return undefined;
    const breaker = this.#breakers.get(tool) ?? this.#open(tool, this.#parts.openBreaker);
    return breaker.enter();
  }

  [Symbol.dispose](): void {
    for (const breaker of this.#breakers.values()) breaker[Symbol.dispose]();
    this.#breakers.clear();
  }

  #open(tool: string, open: (tool: string) => Breaker): Breaker {
    const breaker = open(tool);
    this.#breakers.set(tool, breaker);
    return breaker;
  }
}

/** What the end of a call says about its tool. */
export function toOutcome(tool: Tool, error: AppError | undefined): CallOutcome {
  if (error === undefined) return 'ok';
  // In the cpu lane a call takes too long by itself: a regular expression that spins.
  const isSlow = error.code === 'TASK_TIMED_OUT' && tool.lane !== 'cpu';
  return isSlow || TELLS.has(error.code) ? 'failed' : 'neither';
}
