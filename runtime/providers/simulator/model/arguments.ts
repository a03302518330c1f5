import type { Entity } from './entities.ts';
import type { Step } from './steps.ts';
import type { Parameter, ToolProfile } from './tool-profile.ts';
import { toStem, toStems, toWords } from './words.ts';

/** What a step may draw on beside its own words. */
export interface Surroundings {
  /** Paths and addresses that the prompt is about; used for what is required, or when `about` holds. */
  readonly topicPaths: readonly string[];
  readonly topicUrls: readonly string[];
  /** Whether the step speaks about the topic, so that optional parameters take it too. */
  readonly about: boolean;
  /** What "each of them" stands for, from earlier results. */
  readonly items: readonly string[] | undefined;
  /** The answer so far, for a step that stores it. */
  readonly answer: () => string;
}

type Arguments = Record<string, unknown>;
/** Several values of one parameter mean several calls. */
type Found = { readonly one: unknown } | { readonly each: readonly unknown[] } | undefined;

const STORED_ANSWER = /\b(?:results?|answers?|summary|report|findings|numbers|list|output)\b/i;
const PLACES = /\b(?:this|the|current|whole)\s+(?:folder|directory|repository|workspace|project|repo)\b/i;
const NAMES = /\b(?:in|for|of|at|to|about|from|is)\s+((?:[A-Z][\w'-]*(?:,?\s+and\s+|,\s*|\s+)?)+)/;
const NOT_FOLDERS = new Set(
  'it them that this there order parallel turn total detail general full short all each use text words lines files json folder directory repository workspace project'.split(
    ' ',
  ),
);
/** Each fills what the ones before it left. */
const ROLE_ORDER = ['url', 'glob', 'path', 'pattern', 'content', 'command', 'from', 'to', 'limit', 'other'];

/**
 * The arguments of the calls that a step asks of a tool: one call, or several where it names
 * several paths. None when something required cannot be found in what the prompt and the results say.
 */
export function fillArguments(tool: ToolProfile, step: Step, around: Surroundings): readonly Arguments[] {
  const written = findWrittenArguments(tool, step);
  if (written) return [written];
  const free = new Set(step.entities.filter((entity) => entity.value !== tool.name));
  const filled: Arguments = {};
  let fan: { name: string; values: readonly unknown[] } | undefined;
  for (const parameter of inOrder(tool.parameters)) {
    const found = find(parameter, { tool, step, around, free });
    if (found && 'each' in found) {
      if (fan || parameter.many || found.each.length === 1)
        filled[parameter.name] = parameter.many ? found.each : found.each[0];
      else fan = { name: parameter.name, values: found.each };
    } else if (found) filled[parameter.name] = parameter.many ? [found.one] : found.one;
    else if (parameter.required) {
      const fallback = parameter.fallback ?? parameter.choices?.[0];
      if (fallback === undefined) return [];
      filled[parameter.name] = fallback;
    }
  }
  const values = fan ? fan.values.map((value) => ({ ...filled, [fan.name]: value })) : [filled];
  return values.map((each) => inSchemaOrder(each, tool));
}

/** Arguments for a tool that must be called whatever the prompt says: what is missing is made up from it. */
export function forceArguments(tool: ToolProfile, step: Step, around: Surroundings): Arguments {
  const filled = fillArguments(tool, step, around)[0];
  if (filled) return filled;
  const guess = (parameter: Parameter): unknown => {
    if (parameter.fallback !== undefined) return parameter.fallback;
    if (parameter.choices) return parameter.choices[0];
    if (parameter.many) return [];
    if (parameter.type === 'integer' || parameter.type === 'number') return 1;
    if (parameter.type === 'boolean') return true;
    if (parameter.type === 'object') return {};
    return step.entities[0]?.value ?? step.text.slice(0, 200);
  };
  const required = tool.parameters.filter((parameter) => parameter.required);
  return Object.fromEntries(required.map((parameter) => [parameter.name, guess(parameter)]));
}

interface Search {
  readonly tool: ToolProfile;
  readonly step: Step;
  readonly around: Surroundings;
  /** Entities that no parameter has taken yet. */
  readonly free: Set<Entity>;
}

function inOrder(parameters: readonly Parameter[]): Parameter[] {
  return parameters.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function rankOf(parameter: Parameter): number {
  return (parameter.required ? 0 : ROLE_ORDER.length) + ROLE_ORDER.indexOf(parameter.role);
}

function inSchemaOrder(filled: Arguments, tool: ToolProfile): Arguments {
  const names = tool.parameters.map((parameter) => parameter.name).filter((name) => name in filled);
  return Object.fromEntries(names.map((name) => [name, filled[name]]));
}

/** A JSON object in the step whose keys are all parameters of the tool. */
function findWrittenArguments(tool: ToolProfile, step: Step): Arguments | undefined {
  const written = /\{\s*"[\s\S]*\}/.exec(step.text)?.[0];
  if (written === undefined) return undefined;
  try {
    const parsed = JSON.parse(written) as Arguments;
    const known = new Set(tool.parameters.map((parameter) => parameter.name));
    return Object.keys(parsed).every((key) => known.has(key)) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function find(parameter: Parameter, search: Search): Found {
  if (parameter.choices) return findChoice(parameter, search.step);
  if (parameter.type === 'boolean') return findFlag(parameter, search.step);
  if (parameter.type === 'integer' || parameter.type === 'number') return findNumber(parameter, search.step);
  if (parameter.type !== 'string') return undefined;
  return findBound(parameter, search) ?? findByRole(parameter, search);
}

/** A value that the step gives to the parameter by its name: "with path `x`", "city: Paris". */
function findBound(parameter: Parameter, { step, free }: Search): Found {
  const words = toWords(parameter.name);
  const bound = [...free].filter(
    (entity) => entity.hint === words.at(-1) || entity.hint === parameter.name.toLowerCase(),
  );
  if (bound.length > 0 && !(parameter.role === 'path' && bound.length < countPaths(free))) return take(free, bound);
  const written = new RegExp(`(?<![\\w-])(?:${nameForms(parameter)})\\s*[=:]\\s*["']?([^\\s,;"'\`]+)`, 'i').exec(
    step.text,
  );
  const value = written?.[1]?.replace(/[.)]+$/, '');
  return value ? { one: value } : undefined;
}

/** "the file a.ts and b.ts": the second one has another hint, so the name alone would find one of two. */
function countPaths(free: ReadonlySet<Entity>): number {
  return [...free].filter((entity) => entity.kind === 'path').length;
}

function findByRole(parameter: Parameter, search: Search): Found {
  const { step, around, free, tool } = search;
  const ofKind = (...kinds: readonly Entity['kind'][]): Entity[] =>
    [...free].filter((entity) => kinds.includes(entity.kind));
  const wanted = parameter.required || around.about;
  switch (parameter.role) {
    case 'url':
      return take(free, ofKind('url')) ?? each(around.items) ?? (wanted ? each(around.topicUrls) : undefined);
    case 'path':
      return (
        takePaths(search, ofKind('path')) ??
        each(around.items) ??
        findFolder(step) ??
        (wanted ? findPlace(parameter, search) : undefined)
      );
    case 'glob':
      return (
        take(free, ofKind('glob').slice(0, 1)) ?? (parameter.required ? findGlob(search, ofKind('path')) : undefined)
      );
    case 'pattern':
      return take(free, toPatterns(ofKind('text'), tool)) ?? (parameter.required ? findSearchWord(step) : undefined);
    case 'content':
      return (
        take(free, ofKind('block', 'text').slice(0, 1)) ??
        (parameter.required && STORED_ANSWER.test(step.text) ? { one: around.answer() } : undefined)
      );
    case 'command':
      return take(free, ofKind('text', 'block').slice(0, 1));
    default:
      return parameter.required ? (take(free, ofKind('text')) ?? findName(step)) : undefined;
  }
}

function take(free: Set<Entity>, entities: readonly Entity[]): Found {
  for (const entity of entities) free.delete(entity);
  return each(entities.map((entity) => entity.value));
}

function each(values: readonly string[] | undefined): Found {
  const distinct = [...new Set(values)];
  return distinct.length === 0 ? undefined : distinct.length === 1 ? { one: distinct[0] } : { each: distinct };
}

/** A tool with two paths (from, to) takes them one by one; a tool with one is called for each. */
function takePaths({ tool, free }: Search, paths: readonly Entity[]): Found {
  const places = tool.parameters.filter((parameter) => parameter.role === 'path' && parameter.required).length;
  return take(free, places > 1 ? paths.slice(0, 1) : paths);
}

function findPlace(parameter: Parameter, { around, step }: Search): Found {
  return (
    findFolder(step) ??
    each(around.topicPaths) ??
    (parameter.required && PLACES.test(step.text) ? { one: '.' } : undefined)
  );
}

function toGlob(path: string): string {
  return /\.\w+$/.test(path) ? path : `${path.replace(/\/$/, '')}/**`;
}

/** "the files in src": a plain word that ends its clause is a folder's name, unless it is one of English. */
function findFolder(step: Step): Found {
  const word =
    /\b(?:in|under|inside|folder|directory)\s+(?:the\s+)?([a-z][\w-]*)(?=\s*(?:[.,;:?!]|$)|\s+(?:folder|directory|and|then)\b)/.exec(
      step.text,
    )?.[1];
  return word === undefined || NOT_FOLDERS.has(word) ? undefined : { one: word };
}

function findGlob({ around, free }: Search, paths: readonly Entity[]): Found {
  const own = paths[0];
  if (own) free.delete(own);
  const place = own?.value ?? around.topicPaths[0];
  return { one: place === undefined ? '**/*' : toGlob(place) };
}

/** What "for" or "matching" introduces, before any other quoted text. */
function toPatterns(texts: readonly Entity[], tool: ToolProfile): readonly Entity[] {
  const alsoContent = tool.parameters.some((parameter) => parameter.role === 'content' || parameter.role === 'command');
  return alsoContent ? texts.slice(0, 1) : texts;
}

function findSearchWord(step: Step): Found {
  const match =
    /\b(?:for|matching|containing|contains?|mention(?:s|ing)?|matches|occurrences? of)\s+(?:the\s+)?(?:word|text|string|term)?\s*([\w-]{2,})/i.exec(
      step.text,
    );
  const word = match?.[1] ?? /\b(?:[Cc]ount|[Ff]ind|[Ss]earch)\b.*?\b([A-Z]{2,}\w*)\b/.exec(step.text)?.[1];
  return word === undefined ? undefined : { one: word };
}

function findName(step: Step): Found {
  const names = NAMES.exec(step.text)?.[1];
  return names
    ? each(
        names
          .split(/,\s*and\s+|,\s*|\s+and\s+/)
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      )
    : undefined;
}

/** The choice that the step mentions first; "how many" asks for a count. */
function findChoice(parameter: Parameter, step: Step): Found {
  const text = step.text.replaceAll(/\b(?:how many|number of)\b/gi, 'count');
  const stems = toStems(text);
  const places = (parameter.choices ?? []).flatMap((choice) => {
    const wanted = toStems(String(choice));
    const at = stems.indexOf(wanted[0] ?? '');
    return at >= 0 && wanted.every((stem) => stems.includes(stem)) ? [{ choice, at }] : [];
  });
  const first = places.toSorted((a, b) => a.at - b.at)[0];
  return first && { one: first.choice };
}

function findFlag(parameter: Parameter, step: Step): Found {
  const written = new RegExp(`\\b(?:${nameForms(parameter)})\\s*[=:]?\\s*(true|false)\\b`, 'i').exec(step.text)?.[1];
  if (written) return { one: written.toLowerCase() === 'true' };
  const words = toWords(step.text).map(toStem);
  const wanted = toStems(parameter.name);
  if (wanted.length === 0 || !wanted.every((stem) => words.includes(stem))) return undefined;
  const before = words[words.indexOf(wanted[0]!) - 1] ?? '';
  return { one: !['not', 'no', 'without', 'non'].includes(before) };
}

function findNumber(parameter: Parameter, step: Step): Found {
  const named = new RegExp(`\\b(?:${nameForms(parameter)})\\s*(?:[=:]|of|is)?\\s*(-?\\d+(?:\\.\\d+)?)\\b`, 'i').exec(
    step.text,
  );
  if (named) return { one: Number(named[1]) };
  const number = findNumberByRole(parameter, step);
  return number === undefined ? undefined : { one: number };
}

function findNumberByRole(parameter: Parameter, step: Step): number | undefined {
  if (parameter.role === 'from') return step.lines?.from;
  if (parameter.role === 'to') return step.lines?.to;
  if (parameter.role === 'limit') {
    const limit = /\b(?:first|at most|up to|top|maximum|limit(?:ed to)?)\s+(\d+)\b(?!\s+lines)/i.exec(step.text);
    return limit ? Number(limit[1]) : undefined;
  }
  const counted = new RegExp(`(-?\\d+(?:\\.\\d+)?)\\s+(?:${nameForms(parameter)})\\b`, 'i').exec(step.text);
  if (counted) return Number(counted[1]);
  if (!parameter.required) return undefined;
  const any = /(?<![\w./-])-?\d+(?:\.\d+)?\b/.exec(step.text);
  return any ? Number(any[0]) : undefined;
}

/** `fromLine` is also written "from line" and "from_line". */
function nameForms(parameter: Parameter): string {
  const escaped = parameter.name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return `${escaped}|${toWords(parameter.name).join('[\\s_-]')}`;
}
