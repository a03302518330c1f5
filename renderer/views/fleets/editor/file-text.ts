/** How the lines of a file end. */
export type LineEnd = '\n' | '\r\n';

/** A file's text as the editor holds it, with `\n` at each line, and how its lines end on disk. */
export function fromFileText(text: string): { readonly text: string; readonly lineEnd: LineEnd } {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  return { text: text.replaceAll(/\r\n?/g, '\n'), lineEnd };
}

/** The editor's text as the file has it. */
export function toFileText(text: string, lineEnd: LineEnd): string {
  return lineEnd === '\n' ? text : text.replaceAll('\n', lineEnd);
}
