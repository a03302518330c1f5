import { findPosition, type Position } from './position-model.ts';
import { findSchema, listValues, type SchemaNode, toTypeWords } from './schema-model.ts';

/** One proposal. */
interface Proposal {
  readonly label: string;
  readonly kind: 'key' | 'value';
  /** What is written; the cursor stands at its end. */
  readonly insert: string;
  readonly detail: string;
  readonly info: string;
  /** Those that are required come first. */
  readonly isRequired: boolean;
}

/** What may be written at a place of the text, and where what is being written begins. */
interface Proposals {
  readonly from: number;
  readonly items: readonly Proposal[];
}

const MAX_COMPLETED_CHARS = 500_000;

/** Keys and values that fit at `offset`; `undefined` where nothing is known. */
export function listProposals(text: string, offset: number): Proposals | undefined {
  // Beyond that, finding the place would be felt at each letter.
  if (text.length > MAX_COMPLETED_CHARS) return undefined;
  const position = findPosition(text, offset);
  if (!position) return undefined;
  const node = findSchema(position.path, position.agentKind);
  if (!node) return undefined;
  if (position.kind === 'value') {
    const values = listValues(position.path, node, ownProviders(text));
    const items = values.map(({ value, says = '' }): Proposal => {
      return { label: value, kind: 'value', insert: value, detail: '', info: says, isRequired: false };
    });
    return toProposals(position, items);
  }
  if (!node.properties) return undefined;
  const isFollowed = /^\s*:/.test(text.slice(offset));
  const items = Object.entries(node.properties)
    .filter(([key]) => !position.known.includes(key))
    .map(([key, child]) =>
      toProposal(key, child, {
        indent: position.indent,
        isFollowed,
        isRequired: node.required?.includes(key) ?? false,
      }),
    );
  return toProposals(position, items);
}

/** Nothing beside what is written to its end already: the Enter after it ends the line and takes no proposal. */
function toProposals({ from, typed }: Position, items: readonly Proposal[]): Proposals | undefined {
  const isComplete = items.some(({ insert }) => insert === typed);
  return items.length === 0 || isComplete ? undefined : { from, items };
}

interface Writing {
  /** Column of the key; below 0 inside `{…}`. */
  readonly indent: number;
  readonly isFollowed: boolean;
  readonly isRequired: boolean;
}

function toProposal(key: string, node: SchemaNode, { indent, isFollowed, isRequired }: Writing): Proposal {
  const insert = isFollowed ? key : `${key}:${indent < 0 ? ' ' : toOpening(key, node, indent)}`;
  return { label: key, kind: 'key', insert, detail: toTypeWords(node), info: toInfo(node), isRequired };
}

function toOpening(key: string, node: SchemaNode, indent: number): string {
  const below = ' '.repeat(indent + 2);
  if (key === 'prompt' || key === 'system') return ` |\n${below}`;
  if (key === 'agents') return `\n${below}- name: `;
  if (node.type === 'object') return `\n${below}`;
  return ' ';
}

function toInfo(node: SchemaNode): string {
  const isPlain = typeof node.default === 'string' || typeof node.default === 'number';
  const fallback = isPlain ? ` Default: ${String(node.default)}.` : '';
  return `${node.description ?? ''}${fallback}`;
}

/** What a key says about itself, for the word at `offset`. */
export function describeKey(
  text: string,
  offset: number,
): { readonly from: number; readonly to: number; readonly title: string; readonly text: string } | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [whole, space = '', key = ''] = /^([\s-]*)([A-Za-z_]\w*)(?=\s*:(?:\s|$))/.exec(text.slice(start)) ?? [];
  const from = start + space.length;
  if (whole === undefined || offset < from || offset > from + key.length) return undefined;
  const position = findPosition(text, from + key.length);
  if (position?.kind !== 'key') return undefined;
  const node = findSchema([...position.path, key], position.agentKind);
  return node && { from, to: from + key.length, title: `${key}: ${toTypeWords(node)}`, text: toInfo(node) };
}

/** Names under `providers:`. */
function ownProviders(text: string): string[] {
  const section = /^providers:[^\n]*\n((?:[ \t]+[^\n]*\n|\s*\n)*)/m.exec(text)?.[1] ?? '';
  const indent = /^[ \t]+/.exec(section)?.[0] ?? '  ';
  return section
    .split('\n')
    .flatMap((line) => (line.startsWith(indent) ? [/^([\w.-]+)\s*:/.exec(line.slice(indent.length))?.[1]] : []))
    .filter((name) => name !== undefined);
}
