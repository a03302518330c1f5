/** A function that has a name. */
export interface FunctionOutline {
  /** `name`, or `Class.name` for a member of a class or an object that has a name itself. */
  readonly name: string;
  /** First line, from 1. */
  readonly line: number;
  /** First to last line, both counted. */
  readonly lines: number;
}

/** The part of Babel's tree that is looked at; every node has a type and its place. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const MAX_NAME_CHARS = 120;
const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ObjectMethod',
  'ClassMethod',
  'ClassPrivateMethod',
]);
/** Keys of a node that lead to no function. */
const SKIPPED: ReadonlySet<string> = new Set([
  'loc',
  'leadingComments',
  'trailingComments',
  'innerComments',
  'extra',
  'errors',
]);

/**
 * The functions of a JavaScript or TypeScript source that have a name, in the order in which they begin: declarations,
 * methods and accessors, and functions that are the value of a variable, a property or an assignment.
 *
 * The parser is loaded when it is first needed; what it cannot read comes back as a problem.
 */
export async function findFunctions(
  source: string,
  path: string,
): Promise<FunctionOutline[] | { readonly problem: string }> {
  const { parse } = await import('@babel/parser');
  const isTypeScript = /\.[cm]?tsx?$/.test(path);
  const hasMarkup = !/\.[cm]?ts$/.test(path);
  try {
    const file = parse(source, {
      sourceType: 'unambiguous',
      errorRecovery: true,
      plugins: [
        ...(isTypeScript ? ['typescript' as const] : ['flow' as const]),
        ...(hasMarkup ? ['jsx' as const] : []),
        'decorators',
      ],
    });
    return collect(file.program as unknown as Node, source);
  } catch (error) {
    return { problem: `cannot be parsed: ${(error as Error).message.slice(0, 200)}` };
  }
}

/** A node still to be visited, with what names it and what it is a member of. */
interface Visit {
  readonly node: Node;
  readonly named: Named | undefined;
  readonly owner: string | undefined;
}

interface Named {
  readonly name: string;
  readonly start: number;
}

function collect(program: Node, source: string): FunctionOutline[] {
  const lineStarts = toLineStarts(source);
  const found: { readonly start: number; readonly outline: FunctionOutline }[] = [];
  // A stack of our own: generated sources nest deeper than a call stack goes.
  const visits: Visit[] = [{ node: program, named: undefined, owner: undefined }];
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) {
    const { node } = visit;
    const named = visit.named ?? ownName(node, visit.owner);
    if (named !== undefined && FUNCTIONS.has(node.type) && node['body'] !== null) {
      const line = toLine(lineStarts, named.start);
      const lines = toLine(lineStarts, Math.max(named.start, node.end - 1)) - line + 1;
      found.push({ start: named.start, outline: { name: named.name.slice(0, MAX_NAME_CHARS), line, lines } });
    }
    pushChildren(visits, node, named?.name ?? visit.owner);
  }
  return found.toSorted((a, b) => a.start - b.start).map(({ outline }) => outline);
}

function pushChildren(visits: Visit[], node: Node, name: string | undefined): void {
  const isMemberList = node.type.startsWith('Class') || node.type.startsWith('Object');
  const owner = isMemberList ? name : undefined;
  for (const [key, child] of Object.entries(node)) {
    if (SKIPPED.has(key) || typeof child !== 'object' || child === null) continue;
    for (const one of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (isNode(one)) visits.push({ node: one, named: givenName(node, key, one, owner), owner });
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** The name a node brings along. */
function ownName(node: Node, owner: string | undefined): Named | undefined {
  if (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type.startsWith('ClassE') ||
    node.type === 'ClassDeclaration'
  ) {
    const id = node['id'] as Node | null | undefined;
    return id ? { name: String(id['name']), start: node.start } : undefined;
  }
  if (node.type === 'ObjectMethod' || node.type === 'ClassMethod' || node.type === 'ClassPrivateMethod') {
    const key = toKeyName(node);
    return key === undefined ? undefined : { name: owner === undefined ? key : `${owner}.${key}`, start: node.start };
  }
  return undefined;
}

/** The name that the place of a function, class or object gives it: a variable, a property, the left side of an assignment. */
function givenName(parent: Node, key: string, child: Node, owner: string | undefined): Named | undefined {
  const isValue = FUNCTIONS.has(child.type) || child.type === 'ClassExpression' || child.type === 'ObjectExpression';
  if (!isValue) return undefined;
  if (parent.type === 'VariableDeclarator' && key === 'init')
    return toNamed(toPathName(parent['id'] as Node), parent.start);
  if (parent.type === 'AssignmentExpression' && key === 'right')
    return toNamed(toPathName(parent['left'] as Node), parent.start);
  if (
    /^(ObjectProperty|ClassProperty|ClassPrivateProperty|ClassAccessorProperty)$/.test(parent.type) &&
    key === 'value'
  ) {
    const name = toKeyName(parent);
    return toNamed(name !== undefined && owner !== undefined ? `${owner}.${name}` : name, parent.start);
  }
  if (parent.type === 'ExportDefaultDeclaration')
    return ownName(child, undefined) ?? { name: 'default', start: child.start };
  return undefined;
}

function toNamed(name: string | undefined, start: number): Named | undefined {
  return name === undefined ? undefined : { name, start };
}

function toKeyName(node: Node): string | undefined {
  const key = node['key'] as Node | undefined;
  if (key === undefined || node['computed'] === true) return undefined;
  if (key.type === 'PrivateName') return `#${String((key['id'] as Node)['name'])}`;
  return key.type === 'Identifier' ? String(key['name']) : String(key['value']);
}

function toPathName(target: Node): string | undefined {
  if (target.type === 'Identifier') return String(target['name']);
  if (target.type === 'ThisExpression') return 'this';
  if (target.type !== 'MemberExpression' || target['computed'] === true) return undefined;
  const object = toPathName(target['object'] as Node);
  const property = target['property'] as Node;
  return object !== undefined && property.type === 'Identifier' ? `${object}.${String(property['name'])}` : undefined;
}

/** Where each line begins, by `\n` alone, as `wc` and editors count; a parser counts U+2028 too. */
function toLineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function toLine(lineStarts: readonly number[], position: number): number {
  let [low, high] = [0, lineStarts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= position) low = middle;
    else high = middle;
  }
  return low + 1;
}
