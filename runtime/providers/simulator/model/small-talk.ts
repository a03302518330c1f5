import type { Plan } from './plan.ts';
import type { Reading } from './reading.ts';
import { toStems } from './words.ts';

/** What is looked at of a prompt that names no work to do. */
const LOOKED_AT_CHARS = 20_000;
/** Characters of the prompt that an answer repeats. */
const ECHO_CHARS = 120;

/** An answer to a prompt that no tool was called for: it says something about the prompt. */
export function composeSmallTalk(reading: Reading, plan: Plan, whole: string): string {
  const prompt = whole.slice(0, LOOKED_AT_CHARS);
  const echo =
    /\b(?:say|reply|answer|respond|write|output)\b(?:\s+(?:only|just|exactly|with|the word|the text|back|to me))*\s*:?\s*[`"“'](.+?)[`"”']/i.exec(
      prompt,
    )?.[1];
  if (echo !== undefined) return echo;
  const chosen = chooseOne(prompt);
  if (chosen !== undefined) return chosen;
  if (/\b(?:hello|hi|hey|greet\w*|good (?:morning|evening|day))\b/i.test(prompt)) {
    return 'Hello! It is good to hear from you. What can I do for you today?';
  }
  const about = prompt.replaceAll(/\s+/g, ' ').trim();
  const short = about.length > ECHO_CHARS ? `${about.slice(0, ECHO_CHARS)}…` : about;
  const missing = plan.unfilled[0];
  if (missing)
    return `I cannot do "${missing.text.slice(0, ECHO_CHARS)}" yet: it does not say everything that the tool needs.`;
  const reason =
    reading.tools.length === 0 ? 'I have no tools here' : `none of the ${reading.tools.length} tools offered fits it`;
  return `You wrote: "${short}" I can say no more about that, because ${reason}.`;
}

/** "One of: retail, energy, health": the one that shares most letters groups with the rest of the prompt. */
function chooseOne(prompt: string): string | undefined {
  const match = /\bone of(?: these| the following)?:?\s+([^.\n]{3,400})/i.exec(prompt);
  if (!match) return undefined;
  const choices = match[1]!
    .split(/,\s*(?:or|and)\s+|,\s*|\s+or\s+/)
    .map((choice) => choice.replaceAll(/[`"'()]/g, '').trim())
    .filter((choice) => choice !== '');
  if (choices.length < 2) return undefined;
  const rest = prompt.replace(match[0], ' ');
  const words = toStems(rest);
  const scored = choices.map((choice) => ({ choice, score: overlap(toStems(choice), words) }));
  const best = scored.toSorted((a, b) => b.score - a.score)[0]!;
  return best.score > 0 ? best.choice : choices[hash(rest) % choices.length];
}

function overlap(stems: readonly string[], words: readonly string[]): number {
  const shares = (stem: string): boolean =>
    words.some((word) => word === stem || (stem.length > 4 && word.startsWith(stem.slice(0, 4))));
  return stems.filter(shares).length;
}

/** FNV-1a, so that the same prompt always chooses the same. */
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x0100_0193);
  return value >>> 0;
}
