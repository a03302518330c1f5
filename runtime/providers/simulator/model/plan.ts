import { forceArguments } from './arguments.ts';
import { scoreTool } from './matching.ts';
import type { Reading } from './reading.ts';
import type { Result } from './results.ts';
import { toSteps, type Step } from './steps.ts';
import type { PlannedCall } from './turn.ts';
import { dependsOnResults, findWantedCalls, isPlace, keyOf, surround, type WantedCalls } from './wanted-calls.ts';

/** What is to be called next, and what has been. */
export interface Plan {
  /** Calls whose arguments are known and that have not been made. */
  readonly ready: readonly PlannedCall[];
  /** How many of them go into one turn, where the prompt says so. */
  readonly width: number | undefined;
  /** Results by the step that asked for them. */
  readonly resultsOf: ReadonlyMap<Step, readonly Result[]>;
  /** Steps that name a tool but not what it needs. */
  readonly unfilled: readonly Step[];
}

/** Composes what the results of some steps come to. */
type Compose = (plan: Plan, results: readonly Result[]) => string;

/** Decides what to call next, from what the prompt asks and what calls have brought. */
export function makePlan(reading: Reading, results: readonly Result[], compose: Compose): Plan {
  const asking = new PlanDraft(reading, results, compose).draw('act');
  // "What is the first line of a.txt?" asks and acts in one; with other steps it only says what to report.
  const acted = asking.ready.length > 0 || [...asking.resultsOf.values()].some((own) => own.length > 0);
  return acted ? asking : new PlanDraft(reading, results, compose).draw('answer');
}

/** One walk over the steps, matching what they want with what has been called. */
class PlanDraft implements Plan {
  readonly ready: PlannedCall[] = [];
  readonly resultsOf = new Map<Step, readonly Result[]>();
  readonly unfilled: Step[] = [];
  width: number | undefined;
  readonly #reading: Reading;
  readonly #made: MadeCalls;
  readonly #compose: Compose;
  readonly #planned = new Set<string>();
  readonly #resultCount: number;

  constructor(reading: Reading, results: readonly Result[], compose: Compose) {
    this.#reading = reading;
    this.#made = new MadeCalls(results);
    this.#resultCount = results.length;
    this.#compose = compose;
  }

  draw(acting: 'act' | 'answer'): Plan {
    for (const [index, step] of this.#reading.steps.entries()) {
      if (this.#mayCall(step, index, acting)) this.#addStep(step, index);
    }
    const foundCount = [...this.resultsOf.values()].reduce((sum, own) => sum + own.length, 0);
    // A client that sends calls back in words of its own must not be asked for them for ever.
    if (this.#resultCount >= foundCount + this.ready.length) this.ready.length = 0;
    return this;
  }

  #mayCall(step: Step, index: number, acting: 'act' | 'answer'): boolean {
    if (step.kind === 'forbid') return false;
    // A system prompt describes; it asks for a call only where it says on what.
    if (index < this.#reading.systemStepCount && !step.entities.some(isPlace)) return false;
    const isNamed = (this.#reading.namedOf.get(step)?.length ?? 0) > 0;
    if (!isNamed && step.kind === 'answer' && acting === 'act') return false;
    return !(dependsOnResults(step) && this.ready.length > 0);
  }

  #addStep(step: Step, index: number): void {
    const earlier = [...this.resultsOf.values()].flat();
    const answer = (): string => this.#compose(this, earlier);
    const wanted = findWantedCalls(this.#reading, index, earlier, answer);
    if (wanted.calls.length > 0) this.resultsOf.set(step, this.#match(wanted));
    else if ((this.#reading.namedOf.get(step)?.length ?? 0) > 0) this.unfilled.push(step);
  }

  #match(wanted: WantedCalls): readonly Result[] {
    const own: Result[] = [];
    for (const call of wanted.calls) {
      if (!wanted.repeated && this.#planned.has(call.key)) continue;
      this.#planned.add(call.key);
      const result = this.#made.take(call.key);
      if (result) own.push(result);
      else this.ready.push(call);
    }
    if (wanted.repeated && own.length < wanted.calls.length) this.width ??= wanted.width;
    return own;
  }
}

/** The results of calls, each handed out once to the call that asked for it. */
class MadeCalls {
  readonly #open = new Map<string, Result[]>();

  constructor(results: readonly Result[]) {
    for (const result of results) {
      const key = keyOf(result.tool, result.argumentsJson);
      const same = this.#open.get(key);
      if (same) same.push(result);
      else this.#open.set(key, [result]);
    }
  }

  take(key: string): Result | undefined {
    return this.#open.get(key)?.shift();
  }
}

/** The call to make when one must be made: of `tool`, or of the one that fits the prompt best. */
export function forceCall(reading: Reading, prompt: string, tool: string | undefined): PlannedCall | undefined {
  const steps = toSteps(prompt, []).filter((step) => step.kind !== 'forbid');
  const pairs = reading.tools
    .filter((profile) => tool === undefined || profile.name === tool)
    .flatMap((profile) => steps.map((step) => ({ profile, step, score: scoreTool(step, profile, reading.tools) })));
  const best = pairs.toSorted((a, b) => b.score - a.score)[0];
  if (!best) return undefined;
  const around = surround(reading, reading.steps.length - 1, undefined, () => prompt);
  return { tool: best.profile.name, argumentsJson: JSON.stringify(forceArguments(best.profile, best.step, around)) };
}
