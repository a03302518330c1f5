/** Where a cursor stands in a fleet file, as completion and hover need it. */
export type Position =
  /** A key is being written in the section at `path`; `known` are those it has. */
  | {
      readonly kind: 'key';
      readonly path: readonly string[];
      readonly from: number;
      readonly typed: string;
      readonly indent: number;
      readonly known: readonly string[];
      readonly agentKind: string | undefined;
    }
  /** A value is being written at `path`; a member of a list ends with `*`. */
  | {
      readonly kind: 'value';
      readonly path: readonly string[];
      readonly from: number;
      readonly typed: string;
      readonly agentKind: string | undefined;
    };

interface Line {
  /** Column of the first word, behind dashes. */
  readonly indent: number;
  /** Columns of the dashes before it. */
  readonly dashes: readonly number[];
  readonly key: string | undefined;
  /** What stands behind `key:`. */
  readonly rest: string;
  readonly isBlank: boolean;
}

const LINE = /^(\s*)((?:- +|-$)*)(?:([A-Za-z_][\w.-]*)(\s*:)(?=\s|$))?(.*)$/;

function readLine(text: string): Line {
  const [, space = '', dashText = '', key, colon = '', rest = ''] = LINE.exec(text) ?? [];
  const dashes = [...dashText.matchAll(/-/g)].map(({ index }) => space.length + index);
  const isBlank = /^\s*(?:#.*)?$/.test(text);
  const value = key === undefined ? rest : rest.replace(/(?:^|\s)#.*$/, '').trim();
  return { indent: space.length + dashText.length, dashes, key: colon === '' ? undefined : key, rest: value, isBlank };
}

interface Ancestry {
  readonly path: string[];
  readonly known: string[];
  readonly agentKind: string | undefined;
  readonly isInBlock: boolean;
}

/** The sections a line at `indent` stands in, from the lines above; and the keys beside it, from those below too. */
function findAncestry(
  lines: readonly Line[],
  at: number,
  start: { readonly indent: number; readonly dashes: readonly number[] },
): Ancestry {
  const path: string[] = start.dashes.map(() => '*');
  let level = start.dashes[0] ?? start.indent;
  let isInBlock = false;
  for (let index = at - 1; index >= 0; index -= 1) {
    const line = lines[index] as Line;
    if (line.isBlank) continue;
    const column = line.key === undefined ? undefined : line.indent;
    const isListBelow = path[0] === '*' && column === level && line.dashes.length === 0;
    if (line.key !== undefined && column !== undefined && (column < level || isListBelow)) {
      isInBlock ||= /^[|>]/.test(line.rest);
      path.unshift(line.key);
      level = column;
    }
    if (path[0] !== '*' || line.dashes.length > 0) {
      const [dash] = line.dashes;
      if (dash !== undefined && dash < level && (line.key === undefined || column === level || path[0] === line.key)) {
        path.unshift(...line.dashes.map(() => '*'));
        level = dash;
      }
    }
    if (level === 0 && path[0] !== '*') break;
  }
  const siblings = findSiblings(lines, at, start);
  return {
    path,
    isInBlock,
    known: siblings.map(({ key }) => key ?? ''),
    agentKind: findKind(lines, at, path, siblings),
  };
}

/** Lines with a key in the same section. */
function findSiblings(
  lines: readonly Line[],
  at: number,
  { indent, dashes }: { readonly indent: number; readonly dashes: readonly number[] },
): Line[] {
  const found: Line[] = [];
  for (let index = at - 1; index >= 0 && dashes.length === 0; index -= 1) {
    const line = lines[index] as Line;
    if (line.isBlank) continue;
    if (line.indent < indent) break;
    if (line.indent === indent && line.key !== undefined) found.push(line);
    if (line.indent === indent && line.dashes.length > 0) break;
  }
  for (let index = at + 1; index < lines.length; index += 1) {
    const line = lines[index] as Line;
    if (line.isBlank) continue;
    if ((line.dashes[0] ?? line.indent) < indent) break;
    if (line.indent === indent && line.key !== undefined) found.push(line);
  }
  return found;
}

function findKind(
  lines: readonly Line[],
  at: number,
  path: readonly string[],
  siblings: readonly Line[],
): string | undefined {
  if (path[0] !== 'agents') return undefined;
  const own = siblings.find(({ key }) => key === 'kind');
  if (own && path.length === 2) return own.rest;
  // Deeper in the agent: the nearest `kind` above that stands directly behind a dash or below one.
  for (let index = at; index >= 0; index -= 1) {
    const line = lines[index] as Line;
    if (line.key === 'kind') return line.rest;
    if (line.dashes.length > 0 && line.key !== undefined) return undefined;
  }
  return undefined;
}

/**
 * What is being written at `offset`. Reads lines and their indentation, not the parsed document: while one is typing there is
 * mostly none. Nothing inside blocks of text and comments.
 */
export function findPosition(text: string, offset: number): Position | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(start, offset);
  if (/(?:^|\s)#/.test(before)) return undefined;
  const all = text.split('\n').map(readLine);
  const at = text.slice(0, start).split('\n').length - 1;
  const line = readLine(before);
  const ancestry = findAncestry(all, at, line);
  if (ancestry.isInBlock) return undefined;
  const { path, known, agentKind } = ancestry;
  const flow = findFlow(before);
  if (line.key !== undefined)
    return flow
      ? inFlow(flow, [...path, line.key], { offset, agentKind })
      : behindKey(before, [...path, line.key], { offset, agentKind });
  if (flow) return inFlow(flow, path, { offset, agentKind });
  const typed = before.slice(line.indent);
  if (!/^[\w./-]*$/.test(typed)) return undefined;
  const isListOfTexts = path.at(-1) === '*' && ['tools', 'allow', 'environment', 'command'].includes(path.at(-2) ?? '');
  if (isListOfTexts) return { kind: 'value', path, from: offset - typed.length, typed, agentKind };
  return { kind: 'key', path, from: offset - typed.length, typed, indent: line.indent, known, agentKind };
}

interface Here {
  readonly offset: number;
  readonly agentKind: string | undefined;
}

function behindKey(before: string, path: readonly string[], { offset, agentKind }: Here): Position | undefined {
  const typed = /:\s+["']?([^\s"']*)$/.exec(before)?.[1];
  return typed === undefined ? undefined : { kind: 'value', path, from: offset - typed.length, typed, agentKind };
}

interface Flow {
  readonly bracket: '[' | '{';
  /** Since the bracket. */
  readonly inside: string;
}

/** The innermost bracket that is open at the end of a line. */
function findFlow(before: string): Flow | undefined {
  const open: number[] = [];
  for (const { 0: sign, index } of before.matchAll(/["'].*?["']|[[\]{}]/g)) {
    if ((sign === '[' || sign === '{') && before[index - 1] !== '{' && before[index + 1] !== '{') open.push(index);
    else if (sign === ']' || sign === '}') open.pop();
  }
  const at = open.at(-1);
  return at === undefined ? undefined : { bracket: before[at] as '[' | '{', inside: before.slice(at + 1) };
}

function inFlow({ bracket, inside }: Flow, path: readonly string[], { offset, agentKind }: Here): Position | undefined {
  const last = inside.split(',').at(-1) ?? '';
  if (bracket === '[') {
    const typed = last.trimStart();
    return { kind: 'value', path: [...path, '*'], from: offset - typed.length, typed, agentKind };
  }
  const [, key, value] = /^\s*([\w-]+)\s*:\s*(\S*)$/.exec(last) ?? [];
  if (key !== undefined && value !== undefined)
    return { kind: 'value', path: [...path, key], from: offset - value.length, typed: value, agentKind };
  const typed = last.trimStart();
  const known = [...inside.matchAll(/([\w-]+)\s*:/g)].map(([, name]) => name ?? '');
  return { kind: 'key', path, from: offset - typed.length, typed, indent: -1, known, agentKind };
}
