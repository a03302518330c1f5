import type { Step } from './steps.ts';
import { toWords } from './words.ts';

/** How the prompt wants its answer: which values, and in which form. */
export interface Wishes {
  /** Names of the values to report, as the prompt writes them; empty when it lists none. */
  readonly names: readonly string[];
  readonly form: 'lines' | 'json';
}

const LIST_START =
  /^(?:report|answer|tell|state|give|return|output|say|reply|respond|summari[sz]e|list)\b(?:\s+(?:me|us|back|with|as|in|only|the|following|values?|fields?|of|file|each|one per line|json|an?|object))*[:\s]+/i;
const TEMPLATE = /[`"']?([A-Za-z][\w ]{0,40}?)["']?\s*:\s*(?:<[^>]*>|\{[^}]*\}|\.\.\.|…|value|n\b|N\b)/g;
const FORM_WORDS =
  /\b(?:as|in)\s+(?:`?[\w<>{} ]+: ?[\w<>{}.…]+`?\s+lines|json|an?\s+json\s+object|lines|a\s+list)\b[:,]?/gi;
const MAX_NAME_WORDS = 5;

/** Reads what the answer steps of a prompt wish for. */
export function findWishes(steps: readonly Step[]): Wishes {
  const answers = steps.filter((step) => step.kind === 'answer');
  const form = answers.some((step) => /\bjson\b/i.test(step.text)) ? 'json' : 'lines';
  for (const step of answers) {
    const names = findTemplateNames(step.text);
    if (names.length > 0) return { names, form };
  }
  for (const step of answers) {
    const names = findListedNames(step.text);
    if (names.length > 1) return { names, form };
  }
  return { names: [], form };
}

/** "Answer as `lines: <n>`, `exports: <n>`" or `{"lines": …}`. `name: value` itself is the form, not a name. */
function findTemplateNames(text: string): readonly string[] {
  const names = [...text.matchAll(TEMPLATE)].map((match) => match[1]!.trim());
  return names.filter((name) => !/^(?:name|key|field|report|answer|return)$/i.test(name));
}

function findListedNames(text: string): readonly string[] {
  const formless = text.replaceAll(FORM_WORDS, ' ').replaceAll(/\s+/g, ' ').trim();
  const colon = formless.lastIndexOf(':');
  const start = LIST_START.exec(formless);
  const list = colon >= 0 ? formless.slice(colon + 1) : start ? formless.slice(start[0].length) : '';
  const names = list
    .replace(/[.!]\s*$/, '')
    .split(/,\s*and\s+|,\s*|\s+and\s+|;\s*/)
    .map((name) =>
      name
        .replace(/^(?:the|its|their|how many|number of|count of|total)\s+(?:number of\s+|count of\s+)?/i, '')
        .replaceAll(/[`"']/g, '')
        .trim(),
    )
    .filter((name) => name !== '');
  return names.every((name) => toWords(name).length <= MAX_NAME_WORDS) ? names : [];
}
