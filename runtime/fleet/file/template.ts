/** A text with places to fill: `{{file}}`; `{{{{` stands for `{{`. */
export interface Template {
  readonly parts: readonly (string | Placeholder)[];
  /** `{{` without `}}` after it: the number of `{{` that come before. */
  readonly unclosed?: number;
}

/** A place to fill. */
export interface Placeholder {
  readonly name: string;
  /** As written, braces included. */
  readonly written: string;
  /** Which of the same `written` in its text, from 0. */
  readonly occurrence: number;
}

const TOKEN = /\{\{\{\{|\{\{([^{}]*)\}\}|\{\{/g;

/** Reads a text with placeholders; never fails, but says what is not closed. */
export function parseTemplate(text: string): Template {
  const parts: (string | Placeholder)[] = [];
  const occurrences = new Map<string, number>();
  let unclosed: number | undefined;
  let opened = 0;
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [written, name] = match;
    if (match.index > from) parts.push(text.slice(from, match.index));
    from = match.index + written.length;
    if (name !== undefined) {
      const occurrence = occurrences.get(written) ?? 0;
      occurrences.set(written, occurrence + 1);
      parts.push({ name: name.trim(), written, occurrence });
    } else {
      parts.push('{{');
      if (written === '{{') unclosed ??= opened;
    }
    opened += written === '{{{{' ? 2 : 1;
  }
  if (from < text.length) parts.push(text.slice(from));
  return { parts, ...(unclosed === undefined ? {} : { unclosed }) };
}

/** The placeholders of a template. */
export function getPlaceholders(template: Template): Placeholder[] {
  return template.parts.filter((part) => typeof part !== 'string');
}

/** Fills the places; one that `find` does not know stays as it is written. */
export function fillTemplate(template: Template, find: (name: string) => string | undefined): string {
  return template.parts.map((part) => (typeof part === 'string' ? part : (find(part.name) ?? part.written))).join('');
}
