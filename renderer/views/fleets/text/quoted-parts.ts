/** A part of a sentence; `isCode` where it stood between backticks. */
export interface QuotedPart {
  readonly text: string;
  readonly isCode: boolean;
  /** Where it begins in the sentence. */
  readonly at: number;
}

/** Splits a sentence at its pairs of backticks; one alone is a character like others. */
export function toQuotedParts(sentence: string): QuotedPart[] {
  const parts: QuotedPart[] = [];
  let from = 0;
  for (const { 0: whole, 1: text = '', index } of sentence.matchAll(/`([^`]+)`/g)) {
    if (index > from) parts.push({ text: sentence.slice(from, index), isCode: false, at: from });
    parts.push({ text, isCode: true, at: index });
    from = index + whole.length;
  }
  if (from < sentence.length) parts.push({ text: sentence.slice(from), isCode: false, at: from });
  return parts;
}
