import { findFact, type FactValue } from './facts.ts';
import type { Plan } from './plan.ts';
import type { Reading } from './reading.ts';
import { answerQuestion, formatFact } from './questions.ts';
import { subjectOf, type Result } from './results.ts';
import { composeSmallTalk } from './small-talk.ts';
import { findWishes, type Wishes } from './wishes.ts';

/** A result up to this length is quoted whole. */
const QUOTE_CHARS = 400;
/** Results quoted one by one. */
const MAX_QUOTES = 20;

/** Composes the final answer: what the prompt wishes to know, from the results of the calls. */
export function composeAnswer(reading: Reading, plan: Plan, results: readonly Result[], prompt: string): string {
  if (results.length === 0) return composeSmallTalk(reading, plan, prompt);
  const wishes = findWishes(reading.steps);
  const parts: string[] = [];
  if (wishes.names.length > 0) {
    const values = wishes.names.map((name) => [name, findFact(name, results)] as const);
    if (values.some(([, value]) => value !== undefined)) parts.push(toReport(values, wishes));
  }
  if (parts.length === 0) parts.push(...answerQuestions(reading, plan, results));
  const failed = results.filter((result) => result.failed);
  if (parts.length === 0)
    parts.push(
      ...results
        .filter((result) => !result.failed)
        .slice(0, MAX_QUOTES)
        .map(quote),
    );
  if (results.length - failed.length > MAX_QUOTES && parts.length === MAX_QUOTES) {
    parts.push(`… and ${results.length - failed.length - MAX_QUOTES} more results.`);
  }
  if (failed.length > 0 && wishes.form !== 'json') parts.push(...failed.slice(0, MAX_QUOTES).map(quoteFailure));
  return parts.join('\n');
}

/** Each question is answered from what the steps before it brought, else from everything. */
function answerQuestions(reading: Reading, plan: Plan, results: readonly Result[]): string[] {
  return reading.steps.flatMap((step, index) => {
    if (step.kind !== 'answer') return [];
    const before = reading.steps.slice(0, index + 1).findLast((other) => (plan.resultsOf.get(other)?.length ?? 0) > 0);
    const near = before && plan.resultsOf.get(before);
    const answer = (near && answerQuestion(step, near)) ?? answerQuestion(step, results);
    return answer === undefined ? [] : [answer];
  });
}

function toReport(values: readonly (readonly [string, FactValue])[], wishes: Wishes): string {
  if (wishes.form === 'json')
    return JSON.stringify(Object.fromEntries(values.map(([name, value]) => [name, value ?? null])));
  return values.map(([name, value]) => `${name}: ${formatFact(value)}`).join('\n');
}

function quote(result: Result): string {
  // What a file says, without how much of it is shown; the count before a list belongs to it.
  const text = (result.head.startsWith('line') ? result.body : result.text).trim();
  if (text.length <= QUOTE_CHARS)
    return text === '' ? `${result.tool} brought an empty result for ${subjectOf(result)}.` : text;
  return `${subjectOf(result)}: ${text.slice(0, QUOTE_CHARS)}… (${text.length} characters)`;
}

function quoteFailure(result: Result): string {
  return `${result.tool} failed for ${subjectOf(result)}: ${result.text.trim().slice(0, QUOTE_CHARS)}`;
}
