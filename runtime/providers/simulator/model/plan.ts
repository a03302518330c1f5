import picomatch from 'picomatch';
import type { ToolSchema } from '../../../../shared/model/conversation.ts';
import { fillArguments, forceArguments, type Surroundings } from './arguments.ts';
import { findNamedTools, rankTools, scoreTool } from './matching.ts';
import { findRepetition, numberPlaceholders } from './repetition.ts';
import { findItems, type Result } from './results.ts';
import { toSteps, type Step } from './steps.ts';
import { toToolProfile, type ToolProfile } from './tool-profile.ts';
import type { PlannedCall } from './turn.ts';

/** A prompt understood against the tools offered; the same for every turn of a conversation. */
export interface Reading {
  readonly steps: readonly Step[];
  /** Those of them that come from the system prompt. */
  readonly systemStepCount: number;
  /** Without those that the prompt forbids. */
  readonly tools: readonly ToolProfile[];
}

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

interface WantedCalls {
  readonly calls: readonly PlannedCall[];
  readonly width?: number | undefined;
  /** The same call again and again is meant, so an equal one of an earlier step does not stand for it. */
  readonly repeated?: boolean;
}

const DEPENDS =
  /\b(?:each|every|those|these|them|found|listed|returned|resulting|all of (?:them|those|these)|(?:the|its) results?|first (?:\d+ )?(?:file|result|match|link|page)s?)\b/i;
const SPEAKS_OF_TOPIC = /\b(?:it|its|this|that|the)\b(?:\s+(?:file|folder|directory|page|document|url|module)s?\b)?/i;
const STORES_ANSWER =
  /\b(?:write|save|store|put|append)\b.*\b(?:results?|answers?|summary|report|findings|numbers|list|them|it)\b/i;
const STEP_LIMIT =
  /\bfirst\s+(?:(\d+)\s+)?(?:of\s+)?(?:those\s+|these\s+|the\s+)?(?:files?|results?|matches|links?|pages?)\b/i;

/** Reads a prompt. */
export function readPrompt(system: string, prompt: string, offered: readonly ToolSchema[]): Reading {
  const names = offered.map((tool) => tool.name);
  const systemSteps = toSteps(system, names);
  const steps = [...systemSteps, ...toSteps(prompt, names)];
  const tools = offered.map(toToolProfile);
  const banned = new Set(steps.flatMap((step) => (step.kind === 'forbid' ? findNamedTools(step, tools) : [])));
  return { steps, systemStepCount: systemSteps.length, tools: tools.filter((tool) => !banned.has(tool)) };
}

/** Decides what to call next, from what the prompt asks and what calls have brought. */
export function makePlan(
  reading: Reading,
  results: readonly Result[],
  compose: (plan: Plan, results: readonly Result[]) => string,
): Plan {
  const asking = tryPlan(reading, results, compose, 'act');
  // "What is the first line of a.txt?" asks and acts in one; with other steps it only says what to report.
  const acted = asking.ready.length > 0 || [...asking.resultsOf.values()].some((own) => own.length > 0);
  return acted ? asking : tryPlan(reading, results, compose, 'answer');
}

function tryPlan(
  reading: Reading,
  results: readonly Result[],
  compose: (plan: Plan, results: readonly Result[]) => string,
  acting: 'act' | 'answer',
): Plan {
  const made = new MadeCalls(results);
  const plan = {
    ready: [] as PlannedCall[],
    width: undefined as number | undefined,
    resultsOf: new Map<Step, readonly Result[]>(),
    unfilled: [] as Step[],
  };
  const planned = new Set<string>();
  let wantedCount = 0;
  for (const [index, step] of reading.steps.entries()) {
    if (step.kind === 'forbid') continue;
    const mayGuess = step.kind === 'act' || acting === 'answer';
    const named = findNamedTools(step, reading.tools);
    if (!mayGuess && named.length === 0) continue;
    const earlier = [...plan.resultsOf.values()].flat();
    const depends = DEPENDS.test(step.text) && plan.resultsOf.size > 0 && !step.entities.some(isPlace);
    if ((depends || STORES_ANSWER.test(step.text)) && plan.ready.length > 0) continue;
    const answer = (): string => compose({ ...plan, ready: [] }, earlier);
    const around = surround(reading, index, depends ? toItems(step, earlier) : undefined, answer);
    const wanted = want(step, named, reading, around);
    if (index < reading.systemStepCount && !step.entities.some(isPlace)) continue;
    if (wanted.calls.length === 0 && named.length > 0) plan.unfilled.push(step);
    const own: Result[] = [];
    for (const call of wanted.calls) {
      const key = keyOf(call.tool, call.argumentsJson);
      if (!wanted.repeated && planned.has(key)) continue;
      planned.add(key);
      const result = made.take(key);
      if (result) own.push(result);
      else {
        plan.ready.push(call);
        wantedCount += 1;
      }
    }
    wantedCount += own.length;
    if (wanted.calls.length > 0) plan.resultsOf.set(step, own);
    if (wanted.repeated && own.length < wanted.calls.length) plan.width ??= wanted.width;
  }
  // A client that sends calls back in words of its own must not be asked for them for ever.
  if (results.length >= wantedCount) plan.ready.length = 0;
  return plan;
}

/** The results of calls, each handed out once to the call that asked for it. */
class MadeCalls {
  private readonly open = new Map<string, Result[]>();

  constructor(results: readonly Result[]) {
    for (const result of results) {
      const key = keyOf(result.tool, result.argumentsJson);
      const same = this.open.get(key);
      if (same) same.push(result);
      else this.open.set(key, [result]);
    }
  }

  take(key: string): Result | undefined {
    return this.open.get(key)?.shift();
  }
}

/** A client may write the arguments it sends back in another order or spacing. */
function keyOf(tool: string, argumentsJson: string): string {
  const isCanonical = !argumentsJson.includes(',') && !/^\{\s|":\s/.test(argumentsJson);
  if (isCanonical) return `${tool} ${argumentsJson}`;
  try {
    const parsed = JSON.parse(argumentsJson) as Record<string, unknown>;
    return `${tool} ${JSON.stringify(Object.fromEntries(Object.entries(parsed).toSorted(([a], [b]) => (a < b ? -1 : 1))))}`;
  } catch {
    return `${tool} ${argumentsJson}`;
  }
}

function isPlace(entity: { readonly kind: string }): boolean {
  return entity.kind === 'path' || entity.kind === 'url';
}

function want(step: Step, named: readonly ToolProfile[], reading: Reading, around: Surroundings): WantedCalls {
  const repetition = findRepetition(step.text);
  if (repetition && named[0]) {
    const filled = fillArguments(named[0], step, around)[0];
    if (!filled) return { calls: [] };
    const json = JSON.stringify(filled);
    const tool = named[0].name;
    const calls = Array.from({ length: repetition.count }, (_, index) => ({
      tool,
      argumentsJson: numberPlaceholders(json, repetition.start + index),
    }));
    return { calls, width: repetition.width, repeated: true };
  }
  if (named.length > 0) return { calls: named.flatMap((tool) => toCalls(tool, step, around, named.length)) };
  for (const tool of rankTools(step, reading.tools)) {
    const calls = toCalls(tool, step, around, 1);
    if (calls.length > 0) return { calls };
  }
  return { calls: [] };
}

function toCalls(tool: ToolProfile, step: Step, around: Surroundings, namedCount: number): PlannedCall[] {
  const filled = fillArguments(tool, step, around);
  // "You have list_files and read_file" names tools without asking for a call.
  const idle = namedCount > 1 && filled.every((each) => Object.keys(each).length === 0);
  return idle ? [] : filled.map((each) => ({ tool: tool.name, argumentsJson: JSON.stringify(each) }));
}

/** What the prompt is about around one of its steps: the last paths named before it, else the first after it. */
function surround(
  reading: Reading,
  index: number,
  items: readonly string[] | undefined,
  answer: () => string,
): Surroundings {
  const { steps } = reading;
  const topicOf = (kind: 'path' | 'url'): { values: string[]; step: Step } | undefined => {
    const has = (step: Step): boolean => step.entities.some((entity) => entity.kind === kind);
    const step = steps.slice(0, index).findLast(has) ?? steps.slice(index + 1).find(has);
    return (
      step && { step, values: step.entities.filter((entity) => entity.kind === kind).map((entity) => entity.value) }
    );
  };
  const paths = topicOf('path');
  const step = steps[index]!;
  // A statement that no tool serves ("Survey the file x.") sets the topic of what follows.
  const isStatement =
    paths !== undefined &&
    findNamedTools(paths.step, reading.tools).length === 0 &&
    rankTools(paths.step, reading.tools).length === 0;
  return {
    topicPaths: paths?.values ?? [],
    topicUrls: topicOf('url')?.values ?? [],
    about: isStatement || SPEAKS_OF_TOPIC.test(step.text),
    items,
    answer,
  };
}

/** What "each of them" means: what the latest result lists, narrowed by a glob or a count of the step. */
function toItems(step: Step, earlier: readonly Result[]): readonly string[] | undefined {
  const lists = earlier.map(findItems).filter((items) => items.length > 0);
  if (lists.length === 0) return undefined;
  const items = [...new Set(lists.flat())];
  const glob = step.entities.find((entity) => entity.kind === 'glob')?.value;
  const isWanted = glob === undefined ? undefined : picomatch(glob, { basename: !glob.includes('/') });
  const narrowed = isWanted ? items.filter((item) => isWanted(item)) : items;
  const limit = STEP_LIMIT.exec(step.text);
  return limit ? narrowed.slice(0, limit[1] ? Number(limit[1]) : 1) : narrowed;
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
