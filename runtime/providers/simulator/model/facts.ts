import type { Result } from './results.ts';
import { toStems, toWords } from './words.ts';

/** Something a result says by name. */
interface Fact {
  readonly stems: ReadonlySet<string>;
  readonly value: unknown;
  /** How directly it is said: a JSON key before a phrase before something counted by us. */
  readonly weight: number;
}

/** What the facts of one name are worth together. */
export type FactValue = string | number | boolean | Readonly<Record<string, unknown>> | undefined;

const FILLERS = new Set(['number', 'count', 'total', 'num', 'amount', 'many', 'much', 'overall', 'sum', 'size']);
const SUPERLATIVE = /^(?:longest|largest|biggest|max|maximum|highest|most|greatest)$/;
const MAX_DEPTH = 3;
const MAX_FACTS = 500;

/**
 * The value that results give for a name ("exports", "longest function", "todos"): summed over the
 * results of one tool, or the largest where the name asks for that. `undefined` when none says it.
 */
export function findFact(name: string, results: readonly Result[]): FactValue {
  const wanted = toNameStems(name);
  if (wanted.size === 0) return undefined;
  const isSuperlative = toWords(name).some((word) => SUPERLATIVE.test(word));
  const hits = results.flatMap((result) => {
    const best = bestFact(factsOf(result), wanted, isSuperlative);
    return best ? [{ result, ...best }] : [];
  });
  const top = hits.toSorted((a, b) => b.score - a.score)[0];
  if (!top) return undefined;
  const same = hits.filter((hit) => hit.result.tool === top.result.tool && hit.score === top.score);
  return combine(
    same.map((hit) => hit.value),
    isSuperlative,
  );
}

function bestFact(
  facts: readonly Fact[],
  wanted: ReadonlySet<string>,
  isSuperlative: boolean,
): { value: unknown; score: number } | undefined {
  let best: { value: unknown; score: number } | undefined;
  for (const fact of facts) {
    const fit = fitOf(fact.stems, wanted, isSuperlative && typeof fact.value === 'object');
    if (fit === 0) continue;
    const score = fit * 10 + fact.weight;
    if (!best || score > best.score) best = { value: fact.value, score };
  }
  return best;
}

/** 3 for the same words, 2 when the result says more than was asked, 1 when the object's own name lacks the noun. */
function fitOf(stems: ReadonlySet<string>, wanted: ReadonlySet<string>, mayLackNoun: boolean): number {
  if (stems.size === 0) return 0;
  if (isSubset(wanted, stems)) return stems.size === wanted.size ? 3 : 2;
  // "longest function" is `longest: {name, lines}` in some results.
  return mayLackNoun && isSubset(stems, wanted) && [...stems].some((stem) => SUPERLATIVE.test(stem)) ? 1 : 0;
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((stem) => all.has(stem));
}

function combine(values: readonly unknown[], isSuperlative: boolean): FactValue {
  const present = values.filter((value) => value !== null && value !== undefined);
  if (present.length === 0) return values.length > 0 ? 'none' : undefined;
  const counts = present.map((value) => (Array.isArray(value) ? value.length : value));
  if (counts.every((value) => typeof value === 'number')) {
    return isSuperlative ? Math.max(...counts) : counts.reduce((sum, value) => sum + value, 0);
  }
  if (isSuperlative) return counts.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0] as FactValue;
  if (counts.length === 1) return counts[0] as FactValue;
  const distinct = new Set(counts.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))));
  return [...distinct].join(', ');
}

/** The first number inside an object that is not its place. */
function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return 0;
  const record = value as Record<string, unknown>;
  const size = record['lines'] ?? record['length'] ?? record['size'] ?? record['count'];
  return typeof size === 'number' ? size : (Object.values(record).find((each) => typeof each === 'number') ?? 0);
}

function toNameStems(name: string): ReadonlySet<string> {
  return new Set(toStems(name).filter((stem) => !FILLERS.has(stem)));
}

function factsOf(result: Result): readonly Fact[] {
  if (result.failed) return [];
  const facts: Fact[] = [];
  const add = (name: string, value: unknown, weight: number): void => {
    if (facts.length < MAX_FACTS) facts.push({ stems: toNameStems(name), value, weight });
  };
  if (result.json !== undefined) addJsonFacts(result.json, '', 0, add);
  else addTextFacts(result, add);
  const found = countMatches(result);
  const pattern = patternOf(result);
  if (found !== undefined && pattern !== undefined) add(pattern, found, 4);
  return facts;
}

type Add = (name: string, value: unknown, weight: number) => void;

function addJsonFacts(value: unknown, prefix: string, depth: number, add: Add): void {
  if (Array.isArray(value)) {
    if (depth === 0) add('items', value.length, 3);
    return;
  }
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return;
  for (const [key, inner] of Object.entries(value)) {
    add(key, inner, 5 - depth);
    if (prefix !== '') add(`${prefix} ${key}`, inner, 4 - depth);
    addJsonFacts(inner, key, depth + 1, add);
  }
}

function addTextFacts(result: Result, add: Add): void {
  const { head, body } = result;
  const span = /^lines? \d+-\d+ of (\d+)$/.exec(head);
  if (span) add('lines', Number(span[1]), 3);
  const named = /^([a-z]+): (\d+)/.exec(head);
  if (named) add(named[1]!, Number(named[2]), 3);
  const sample = `${head}\n${body.slice(0, 20_000)}`;
  for (const match of sample.matchAll(
    /^[ \t]{0,8}[-*]?[ \t]{0,8}([A-Za-z][\w ]{0,40}?)[ \t]{0,8}[:=][ \t]{0,8}(.{1,200}?)[ \t\r]{0,8}$/gm,
  )) {
    const number = Number(match[2]!.replaceAll(',', ''));
    add(match[1]!, Number.isNaN(number) ? match[2] : number, 2);
  }
  for (const match of sample.slice(0, 400).matchAll(/\b(\d[\d,]*)\s+([a-z]{3,}(?:\s+[a-z]{3,})?)\b/gi)) {
    const number = Number(match[1]!.replaceAll(',', ''));
    add(match[2]!, number, 1);
    add(match[2]!.split(/\s+/)[0]!, number, 1);
  }
  if (!span) add('lines', toLines(body).length, 0);
  add('words', body.split(/\s+/).filter((word) => word !== '').length, 0);
  add('characters', body.length, 0);
}

/** Lines of a text, without the empty one after a last line feed. */
export function toLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** How many matches a search brought: its own count, else the number of its lines. */
export function countMatches(result: Result): number | undefined {
  if (result.failed) return undefined;
  if (result.json !== undefined) {
    const record = result.json as Record<string, unknown>;
    const said =
      record['count'] ?? record['total'] ?? record['matches'] ?? (Array.isArray(result.json) ? result.json : undefined);
    return typeof said === 'number' ? said : Array.isArray(said) ? said.length : undefined;
  }
  const said = /^\s*[a-z ]*:?\s*(\d[\d,]*)\b/i.exec(result.head || result.body.slice(0, 200).split('\n')[0]!);
  if (
    said &&
    (result.head !== '' || /match|occurr|found|hit|result|^\s*\d[\d,]*\s*$/i.test(result.body.slice(0, 200)))
  ) {
    return Number(said[1]!.replaceAll(',', ''));
  }
  if (/^\s*(?:no|none|0)\b[^\n]*$/i.test(result.body)) return 0;
  return toLines(result.body).filter((line) => line.trim() !== '').length;
}

/** The words a search looked for, as a name for what it counted. */
function patternOf(result: Result): string | undefined {
  const entry = Object.entries(result.arguments).find(
    ([name, value]) =>
      typeof value === 'string' && /pattern|regex|query|search|term|text|expr|needle|keyword/i.test(name),
  );
  return entry ? String(entry[1]).replaceAll(/\\[a-zA-Z]/g, ' ') : undefined;
}
