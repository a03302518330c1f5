import { RE2JS } from 're2js';
import { AppError } from '../../../shared/errors/app-error.ts';

const MAX_CHARS = 10_000;
/** A shorter literal stands in so many lines that looking for it first saves nothing. */
const MIN_LITERAL_CHARS = 3;

/** An expression that is tried on single lines. */
export interface LinePattern {
  /** Time linear in the line, whatever the expression is. */
  fits(line: string): boolean;
  /** Bytes that stand in every line that fits; absent when none are known. */
  readonly literal: Buffer | undefined;
}

/** Reads an expression of RE2. @throws {AppError} PATTERN_INVALID. */
export function parseLinePattern(pattern: string, ignoreCase: boolean): LinePattern {
  if (pattern.length > MAX_CHARS) throw invalid(`it is longer than ${MAX_CHARS} characters`);
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw invalid((error as Error).message.replace(/^error parsing regexp: /, ''));
  }
  const literal = ignoreCase ? undefined : findLiteral(pattern);
  return {
    fits: (line) => expression.test(line),
    literal: literal === undefined ? undefined : Buffer.from(literal),
  };
}

function invalid(why: string): AppError {
  const sentence = `The expression cannot be read: ${why}. It is RE2: no look-around and no back-references.`;
  return new AppError('PATTERN_INVALID', sentence);
}

/**
 * The longest run of characters that every match of `pattern` must hold one after the other, where that is certain at a
 * glance: outside of groups and sets, not made optional by what follows, in an expression without alternatives and flags.
 */
export function findLiteral(pattern: string): string | undefined {
  if (pattern.includes('|') || pattern.includes('(?') || pattern.includes('\\Q')) return undefined;
  let [best, run] = ['', ''];
  for (const token of toTokens(pattern)) {
    run = token.literal === undefined ? '' : run + token.literal;
    if (token.quantifier === '' || token.quantifier === '+') {
      if (run.length > best.length) best = run;
      if (token.quantifier === '+') run = token.literal ?? '';
      continue;
    }
    run = '';
  }
  return best.length >= MIN_LITERAL_CHARS && best.isWellFormed() ? best : undefined;
}

interface Token {
  /** The character it stands for, when it stands for one. */
  readonly literal: string | undefined;
  readonly quantifier: string;
}

/** One escape, set, group without groups in it, or character; then its quantifier. */
const TOKEN =
  /(?<escape>\\(?:[pPx]\{[^}]*\}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.))|(?<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]])*\])|(?<char>[^])/guy;
const QUANTIFIER = /(?:[*+?]|\{\d+(?:,\d*)?\})[?+]?/uy;

function* toTokens(pattern: string): Generator<Token, void> {
  let depth = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(pattern); match !== null; match = TOKEN.exec(pattern)) {
    const { escape, char } = match.groups as Record<'escape' | 'char', string | undefined>;
    if (char === '(') depth++;
    if (char === ')') depth--;
    QUANTIFIER.lastIndex = TOKEN.lastIndex;
    const quantifier = QUANTIFIER.exec(pattern)?.[0] ?? '';
    TOKEN.lastIndex += quantifier.length;
    yield {
      literal: depth > 0 ? undefined : toLiteral(escape, char),
      quantifier: quantifier === '+?' ? '+' : quantifier,
    };
  }
}

function toLiteral(escape: string | undefined, char: string | undefined): string | undefined {
  if (escape !== undefined) return /^\\[^\w\s]$/u.test(escape) ? escape.slice(1) : undefined;
  return char === undefined || '.^$()*+?{}'.includes(char) ? undefined : char;
}
