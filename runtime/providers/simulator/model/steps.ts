import { findEntities, findLineRange, withoutEntities, type Entity, type LineRange } from './entities.ts';
import { toStems } from './words.ts';

/** One thing a prompt asks for. */
export interface Step {
  readonly text: string;
  /** `act` may need tools, `answer` says what to report, `forbid` what not to do. */
  readonly kind: 'act' | 'answer' | 'forbid';
  /** Of the text without its entities. */
  readonly stems: ReadonlySet<string>;
  readonly entities: readonly Entity[];
  readonly lines: LineRange | undefined;
}

/** More is not a prompt but a document; the rest is not read as instructions. */
const MAX_STEPS = 200;
const MAX_PROMPT_CHARS = 200_000;
/** Of one line and of one step: it bounds the work of every expression that looks at them. */
const MAX_LINE_CHARS = 2_000;
/** Longer runs of blanks are layout. */
const BLANKS = /\s{5,}/g;

const ANSWER_VERBS =
  'report|answer|tell|say|reply|respond|state|give|explain|describe|summari[sz]e|conclude|return|output|finish|respond|mention|note';
const ACTION_VERBS =
  'read|open|show|list|search|grep|find|look|count|write|create|save|fetch|download|request|get|run|execute|delete|remove|call|use|outline|measure';
const LEAD =
  /^(?:please|finally|then|and|now|next|also|afterwards|after that|at the end|in the end|first|second|third|lastly|so)\b[,:]?\s*/i;
const ANSWER_START = new RegExp(`^(?:${ANSWER_VERBS})\\b`, 'i');
const QUESTION = /^(?:what|which|how|who|whose|when|where|why|is|are|does|do|did|has|have|can)\b.*\?\s*$/is;
const FORBID = /^(?:do not|don't|never|avoid|without|no need)\b/i;
const CLAUSE = new RegExp(`(?:[,;]?\\s+(?:and\\s+)?then\\s+|;\\s+|,?\\s+and\\s+(?=(?:${ANSWER_VERBS})\\b))`, 'i');
const ACTION_CLAUSE = new RegExp(`,?\\s+and\\s+(?=(?:${ACTION_VERBS})\\b)`, 'i');
/** Questions imply what to do: "which files are in src?" asks to list them. */
const IMPLIED: readonly (readonly [RegExp, string])[] = [
  [/\b(?:which|what|how many)\s+(?:files|folders|entries)\b/i, 'list'],
  [/\bcount\b[^,]*\b(?:lines|words|characters)\b(?!.*\b(?:match|contain|with)\w*)/i, 'read'],
  [/\bhow (?:many|often)\b.*\b(?:match|contain|mention|occur|times)/i, 'search'],
  [
    /\b(?:first|last)\s+(?:\d+\s+)?lines?\b|\bline\s+\d+|\bhow many (?:lines|words|characters)\b|\b(?:says?|contents?)\b/i,
    'read',
  ],
];
const LIST_MARK = /^\s*(?:[-*•]|\(?\d{1,3}[.)]|#{1,6}|step\s+\d+[:.])\s+/i;

/**
 * Splits a prompt into steps: lines, list items, sentences, and clauses joined by "then" or "and
 * <verb>". A sentence that names one tool keeps its actions together.
 */
export function toSteps(prompt: string, toolNames: readonly string[]): readonly Step[] {
  const blocks: string[] = [];
  const marked = prompt
    .slice(0, MAX_PROMPT_CHARS)
    .replaceAll(/^```[^\n]*\n([\s\S]*?)^```/gm, (_whole, body: string) => {
      blocks.push(body.replace(/\n$/, ''));
      return `⟦${blocks.length - 1}⟧`;
    });
  // A block belongs to the sentence before it.
  const joined = marked.replaceAll(/\s{0,9}\n\s{0,9}(?=⟦)/g, ' ');
  const steps: Step[] = [];
  for (const line of joined.split('\n')) {
    const item = line.slice(0, MAX_LINE_CHARS).replaceAll(BLANKS, ' ').replace(LIST_MARK, '').trim();
    if (item === '') continue;
    for (const sentence of toSentences(item)) {
      for (const clause of toClauses(sentence, toolNames)) {
        if (steps.length === MAX_STEPS) return steps;
        steps.push(toStep(clause, blocks));
      }
    }
  }
  return steps;
}

function toSentences(text: string): string[] {
  return text
    .split(/(?<=[.!?]['"`)]?)\s+(?=[A-Z`"“\d])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

function toClauses(sentence: string, toolNames: readonly string[]): string[] {
  const clauses = sentence.split(CLAUSE);
  return clauses
    .flatMap((clause) => {
      const namedCount = toolNames.filter((name) => clause.includes(name)).length;
      return namedCount === 1 || ANSWER_START.test(clause) ? [clause] : clause.split(ACTION_CLAUSE);
    })
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
}

function toStep(text: string, blocks: readonly string[]): Step {
  let bare = text;
  for (let last = ''; last !== bare;) {
    last = bare;
    bare = bare.replace(LEAD, '');
  }
  const kind = FORBID.test(bare) ? 'forbid' : ANSWER_START.test(bare) || QUESTION.test(bare) ? 'answer' : 'act';
  const entities = findEntities(bare, blocks);
  return {
    text: bare,
    kind,
    stems: new Set([...toStems(withoutEntities(bare)), ...toImplied(bare, kind, entities)]),
    entities,
    lines: findLineRange(bare),
  };
}

function toImplied(text: string, kind: Step['kind'], entities: readonly Entity[]): string[] {
  const implied = IMPLIED.flatMap(([question, stem]) => (question.test(text) ? [stem] : []));
  if (implied.length > 0 || kind !== 'answer') return implied;
  // "What is the licence in README.md?": the answer is in there.
  return entities.flatMap(({ kind: entity }) => (entity === 'path' ? ['read'] : entity === 'url' ? ['fetch'] : []));
}
