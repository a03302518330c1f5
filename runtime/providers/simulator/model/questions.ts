import { countMatches, findFact, toLines, type FactValue } from './facts.ts';
import { findItems, subjectOf, type Result } from './results.ts';
import type { Step } from './steps.ts';
import { toStems } from './words.ts';

/** Answers one kind of question from results; `undefined` when it is not such a question. */
type Answerer = (text: string, results: readonly Result[], step: Step) => string | undefined;

/** Names shown of a list. */
const MAX_NAMES = 20;

/** Answers a question of the prompt from the results of its calls; `undefined` when they do not say. */
export function answerQuestion(step: Step, results: readonly Result[]): string | undefined {
  for (const answerer of ANSWERERS) {
    const answer = answerer(step.text, results, step);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Shows a value of a result in a sentence. */
export function formatFact(value: FactValue): string {
  if (value === undefined) return 'unknown';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  const { name, lines } = value as { name?: unknown; lines?: unknown };
  if (typeof name === 'string') return typeof lines === 'number' ? `${name} (${lines} lines)` : name;
  return JSON.stringify(value);
}

const eachResult = (
  results: readonly Result[],
  what: string,
  of: (lines: readonly string[]) => string | undefined,
): string =>
  results
    .filter((result) => !result.failed)
    .map((result) => {
      const found = of(toLines(result.body));
      return found === undefined
        ? `${subjectOf(result)} has no ${what}.`
        : `The ${what} of ${subjectOf(result)} is: ${found}`;
    })
    .join('\n');

const ANSWERERS: readonly Answerer[] = [
  (text, results) => {
    const asked = /\b(first|last)\s+lines?\b|\bline\s+(?:number\s+)?(\d+)\b/i.exec(text);
    if (!asked || results.length === 0) return undefined;
    if (asked[2] !== undefined) {
      const number = Number(asked[2]);
      return eachResult(results, `line ${number}`, (lines) => lines[lines.length === 1 ? 0 : number - 1]);
    }
    const isFirst = asked[1]!.toLowerCase() === 'first';
    return eachResult(results, `${isFirst ? 'first' : 'last'} line`, (lines) => lines.at(isFirst ? 0 : -1));
  },
  (text, results) => {
    const asked = /\bfirst\s+(\d+)\s+lines\b/i.exec(text);
    if (!asked || results.length === 0) return undefined;
    return results.map((result) => toLines(result.body).slice(0, Number(asked[1])).join('\n')).join('\n');
  },
  (text, results) => {
    if (!/\bhow many\b.*\b(?:succe\w*|fail\w*|worked|errors?|ok)\b|\bsucceeded\b|\bwent well\b/i.test(text))
      return undefined;
    const failedCount = results.filter((result) => result.failed).length;
    return `${results.length - failedCount} of ${results.length} calls succeeded, ${failedCount} failed.`;
  },
  (text, results) => {
    const asked =
      /\b(?:how many|(?:the )?number of)\s+([\w`"' -]{2,60}?)(?:\s+(?:are|is|does|do|has|have|did|there|in|it|you|were|was|of|contain|match)\b|[?.,]|$)/i.exec(
        text,
      );
    if (!asked || results.length === 0) return undefined;
    const count = countNamed(asked[1]!, text, results);
    return count === undefined ? undefined : `${count} ${asked[1]!.trim()}`;
  },
  (text, results, step) => {
    const asked =
      /^(?:does|do|is|are|has|tell me (?:if|whether)|say (?:if|whether)|answer (?:if|whether))\b.*\b(?:contain|mention|include|have|in)\b/i.test(
        text,
      );
    const needle = step.entities.find((entity) => entity.kind === 'text')?.value;
    if (!asked || needle === undefined || results.length === 0) return undefined;
    const holders = results.filter((result) => !result.failed && result.body.includes(needle));
    return holders.length > 0
      ? `Yes: ${holders.map(subjectOf).join(', ')} contains ${needle}.`
      : `No: ${needle} is in none of the results.`;
  },
  (text, results) => {
    if (!/\b(?:which|what|names? of|list)\b.*\b(?:files?|names|paths|folders?|urls?|entries)\b/i.test(text))
      return undefined;
    const items = [...new Set(results.flatMap(findItems))];
    if (items.length === 0) return undefined;
    const more = items.length > MAX_NAMES ? ` and ${items.length - MAX_NAMES} more` : '';
    return `${items.length}: ${items.slice(0, MAX_NAMES).join(', ')}${more}`;
  },
  (text, results) => {
    const asked =
      /^(?:what|tell me|say|report|give|state|which|answer with|return)\b(?:\s+(?:me|is|are|was|the|its|about))*\s+(.{2,60}?)(?:\s+(?:of|in|it|does|from|for)\b.*)?[?.]?$/i.exec(
        text,
      );
    const value = asked ? findFact(asked[1]!, results) : undefined;
    return value === undefined ? undefined : `${asked![1]!.trim()}: ${formatFact(value)}`;
  },
  (_text, results, step) => findBestLine(step, results),
];

function countNamed(name: string, text: string, results: readonly Result[]): number | undefined {
  const good = results.filter((result) => !result.failed);
  if (/^(?:files?|entries|paths|folders)$/i.test(name.trim())) {
    const said = findFact(
      'files',
      good.filter((result) => result.head.startsWith('files: ')),
    );
    return typeof said === 'number' ? said : new Set(good.flatMap(findItems)).size;
  }
  if (/\b(?:match|occur|contain|mention|times)/i.test(`${name} ${text}`)) {
    const searched = good.filter((result) => !result.head.startsWith('lines ')).map(countMatches);
    if (searched.length > 0) return searched.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  }
  const said = findFact(name, good);
  return typeof said === 'number' ? said : undefined;
}

/** The line of the results that shares most words with the question, when it shares more than one. */
function findBestLine(step: Step, results: readonly Result[]): string | undefined {
  let best: { line: string; score: number } | undefined;
  for (const result of results) {
    if (result.failed || result.json !== undefined) continue;
    for (const line of toLines(result.body.slice(0, 50_000))) {
      const score = new Set(toStems(line).filter((stem) => step.stems.has(stem))).size;
      if (score > (best?.score ?? 1)) best = { line: line.trim(), score };
    }
  }
  return best?.line;
}
