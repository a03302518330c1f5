const STOP_WORDS = new Set(
  (
    'a an the this that these those it its of in on at to from for with by as and or then is are was be been has have had ' +
    'do does did not no if so such per via into about all any each every one some me my you your i we our us they them their ' +
    'he she his her please will can could should would may must when while where which who whom what how there here also only ' +
    'just using use used whether than more most very given'
  ).split(' '),
);

/** Verbs that ask for the same kind of tool, by stem. */
const VERB_GROUPS: Readonly<Record<string, readonly string[]>> = {
  read: ['read', 'open', 'show', 'view', 'print', 'display', 'load', 'cat', 'look', 'inspect'],
  list: ['list', 'enumerat', 'ls', 'dir', 'walk'],
  search: ['search', 'grep', 'find', 'match', 'occurr', 'occurrenc', 'locat', 'count', 'contain'],
  write: ['writ', 'creat', 'sav', 'stor', 'put', 'append'],
  fetch: ['fetch', 'download', 'request', 'get', 'retriev', 'curl', 'visit'],
  run: ['run', 'execut', 'invok', 'launch', 'start'],
  delete: ['delet', 'remov', 'rm', 'eras', 'unlink'],
  edit: ['edit', 'replac', 'modify', 'updat', 'chang', 'patch'],
  move: ['mov', 'renam', 'copy'],
  outline: ['outlin', 'analys', 'analyz', 'measur'],
};

const GROUP_OF = new Map(
  Object.entries(VERB_GROUPS).flatMap(([group, stems]) => stems.map((stem) => [stem, group] as const)),
);

/** The kind of action a stem asks for, if it is a verb that tools are known by. */
export function verbGroupOf(stem: string): string | undefined {
  return GROUP_OF.get(stem);
}

/** Lower-case words of a text or an identifier, in order; camelCase and snake_case are split. */
export function toWords(text: string): string[] {
  const split = text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
  return split.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Stems of the words that carry meaning, in order. */
export function toStems(text: string): string[] {
  return toWords(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map(toStem);
}

/**
 * A word without its English endings, so that "matches", "matching" and "match" are one.
 *
 * Source: a reduced form of J. Lovins, "Development of a stemming algorithm", 1968.
 */
export function toStem(word: string): string {
  let stem = word;
  if (stem.length > 5 && stem.endsWith('ly')) stem = stem.slice(0, -2);
  if (stem.length > 4 && stem.endsWith('ies')) stem = `${stem.slice(0, -3)}y`;
  else if (/(?:s|x|z|ch|sh)es$/.test(stem) && stem.length > 4) stem = stem.slice(0, -2);
  else if (stem.length > 3 && /[^su]s$/.test(stem)) stem = stem.slice(0, -1);
  if (stem.length > 5 && stem.endsWith('ing')) stem = undouble(stem.slice(0, -3));
  else if (stem.length > 4 && stem.endsWith('ed')) stem = undouble(stem.slice(0, -2));
  return stem.length > 3 && stem.endsWith('e') ? stem.slice(0, -1) : stem;
}

function undouble(stem: string): string {
  return /([bdgmnprt])\1$/.test(stem) ? stem.slice(0, -1) : stem;
}

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  once: 1,
  twice: 2,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
};

/** The number a word or digits mean; `undefined` for another word. */
export function toNumber(word: string): number | undefined {
  const digits = word.replaceAll(/[,_]/g, '');
  if (/^-?\d+(?:\.\d+)?$/.test(digits)) return Number(digits);
  return NUMBER_WORDS[word.toLowerCase()];
}
