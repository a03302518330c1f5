import picomatch from 'picomatch';
import { fillArguments, type Surroundings } from './arguments.ts';
import { rankTools } from './matching.ts';
import type { Reading } from './reading.ts';
import { findRepetition, numberPlaceholders } from './repetition.ts';
import { findItems, type Result } from './results.ts';
import type { Step } from './steps.ts';
import type { ToolProfile } from './tool-profile.ts';
import type { PlannedCall } from './turn.ts';

/** A call with what tells it from others. */
interface KeyedCall extends PlannedCall {
  readonly key: string;
}

/** The calls that one step asks for. */
export interface WantedCalls {
  readonly calls: readonly KeyedCall[];
  /** Calls in one turn, where the step says so. */
  readonly width?: number | undefined;
  /** The same call again and again is meant, so an equal one of an earlier step does not stand for it. */
  readonly repeated?: boolean;
}

/** More calls of one step are made up again at every turn rather than kept. */
const MAX_KEPT_CALLS = 500;

const DEPENDS =
  /\b(?:each|every|those|these|them|found|listed|returned|resulting|all of (?:them|those|these)|(?:the|its) results?|first (?:\d+ )?(?:file|result|match|link|page)s?)\b/i;
const SPEAKS_OF_TOPIC = /\b(?:it|its|this|that|the)\b(?:\s+(?:file|folder|directory|page|document|url|module)s?\b)?/i;
const STORES_ANSWER =
  /\b(?:write|save|store|put|append)\b.*\b(?:results?|answers?|summary|report|findings|numbers|list|them|it)\b/i;
const STEP_LIMIT =
  /\bfirst\s+(?:(\d+)\s+)?(?:of\s+)?(?:those\s+|these\s+|the\s+)?(?:files?|results?|matches|links?|pages?)\b/i;

/** Whether a step must wait for the results of those before it. */
export function dependsOnResults(step: Step): boolean {
  return storesAnswer(step) || speaksOfItems(step);
}

function storesAnswer(step: Step): boolean {
  return STORES_ANSWER.test(step.text);
}

function speaksOfItems(step: Step): boolean {
  return DEPENDS.test(step.text) && !step.entities.some(isPlace);
}

/**
 * The calls that the step at `index` asks for. `earlier` are the results of the steps before it and
 * `answer` what they come to; only steps that depend on results use them.
 */
export function findWantedCalls(
  reading: Reading,
  index: number,
  earlier: readonly Result[],
  answer: () => string,
): WantedCalls {
  const step = reading.steps[index]!;
  const items = speaksOfItems(step) ? toItems(step, earlier) : undefined;
  if (items || storesAnswer(step)) return toWanted(step, reading, surround(reading, index, items, answer));
  let wanted = reading.wantedOf.get(step);
  if (!wanted) {
    wanted = toWanted(step, reading, surround(reading, index, undefined, answer));
    if (wanted.calls.length <= MAX_KEPT_CALLS) reading.wantedOf.set(step, wanted);
  }
  return wanted;
}

function toWanted(step: Step, reading: Reading, around: Surroundings): WantedCalls {
  const named = reading.namedOf.get(step) ?? [];
  const repetition = findRepetition(step.text);
  if (repetition && named[0]) {
    const filled = fillArguments(named[0], step, around)[0];
    if (!filled) return { calls: [] };
    const json = JSON.stringify(filled);
    const tool = named[0].name;
    const calls = Array.from({ length: repetition.count }, (_, index) =>
      toKeyedCall(tool, numberPlaceholders(json, repetition.start + index)),
    );
    return { calls, width: repetition.width, repeated: true };
  }
  if (named.length > 0) return { calls: named.flatMap((tool) => toCalls(tool, step, around, named.length)) };
  for (const tool of rankTools(step, reading.tools)) {
    const calls = toCalls(tool, step, around, 1);
    if (calls.length > 0) return { calls };
  }
  return { calls: [] };
}

function toCalls(tool: ToolProfile, step: Step, around: Surroundings, namedCount: number): KeyedCall[] {
  const filled = fillArguments(tool, step, around);
  // "You have list_files and read_file" names tools without asking for a call.
  const idle = namedCount > 1 && filled.every((each) => Object.keys(each).length === 0);
  return idle ? [] : filled.map((each) => toKeyedCall(tool.name, JSON.stringify(each)));
}

/** What the prompt is about around one of its steps: the last paths named before it, else the first after it. */
export function surround(
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
    reading.namedOf.get(paths.step)?.length === 0 &&
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

function toKeyedCall(tool: string, argumentsJson: string): KeyedCall {
  return { tool, argumentsJson, key: keyOf(tool, argumentsJson) };
}

/** The same for equal calls: a client may write the arguments it sends back in another order or spacing. */
export function keyOf(tool: string, argumentsJson: string): string {
  const isCanonical = !argumentsJson.includes(',') && !/^\{\s|":\s/.test(argumentsJson);
  if (isCanonical) return `${tool} ${argumentsJson}`;
  try {
    const parsed = JSON.parse(argumentsJson) as Record<string, unknown>;
    return `${tool} ${JSON.stringify(Object.fromEntries(Object.entries(parsed).toSorted(([a], [b]) => (a < b ? -1 : 1))))}`;
  } catch {
    return `${tool} ${argumentsJson}`;
  }
}

/** Whether an entity says where something is. */
export function isPlace(entity: { readonly kind: string }): boolean {
  return entity.kind === 'path' || entity.kind === 'url';
}
