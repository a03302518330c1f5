import { z } from 'zod';
import { BUILT_IN_PROVIDERS, BUILT_IN_TOOLS, fleetFile } from '../../../../shared/fleet/fleet-schema.ts';

/** The parts of a JSON schema that completion and hover read. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly title?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

const root = z.toJSONSchema(fleetFile, { io: 'input' }) as SchemaNode;

/** A value that may stand somewhere, with what it does where that is known. */
export interface KnownValue {
  readonly value: string;
  readonly says?: string;
}

/** What each built-in tool does, in the form and in completion. */
export const TOOL_SENTENCES: Readonly<Record<(typeof BUILT_IN_TOOLS)[number], string>> = {
  list_files: 'Lists the files of the workspace.',
  read_file: 'Reads a file, or some lines of it.',
  search_files: 'Finds lines by a regular expression.',
  outline_file: 'Measures a source file: its lines, exports, imports, functions.',
  search_knowledge: 'Finds passages of the documents under `knowledge`.',
  write_file: 'Writes a file in the workspace. Must be allowed.',
  shell: 'Runs a program. Must be allowed.',
  http: 'Fetches from public addresses; others must be allowed.',
};

/**
 * The schema of what stands at a path of keys; `*` is any member of a list. `kindOf` says what kind the agent is, where that
 * is written: each kind has keys of its own.
 */
export function findSchema(path: readonly string[], kind: string | undefined): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    if (!node) return undefined;
    if (step === '*') node = node.items && chooseKind(node.items, kind);
    else
      node =
        node.properties?.[step] ??
        (typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined);
  }
  return node;
}

function chooseKind(node: SchemaNode, kind: string | undefined): SchemaNode {
  const choices = (node.oneOf ?? node.anyOf)?.filter(({ properties }) => properties);
  if (!choices) return node;
  const chosen = choices.find(({ properties }) => properties?.['kind']?.const === kind);
  if (kind !== undefined && chosen) return { ...chosen, properties: { ...chosen.properties, kind: toKind(choices) } };
  const properties = Object.assign({}, ...choices.toReversed().map((choice) => choice.properties)) as Record<
    string,
    SchemaNode
  >;
  return { type: 'object', properties: { ...properties, kind: toKind(choices) } };
}

function toKind(choices: readonly SchemaNode[]): SchemaNode {
  return {
    type: 'string',
    default: 'model',
    description: 'What does the work: `model` is a loop over a model and tools, `command` any program.',
    enum: choices.map(({ properties }) => properties?.['kind']?.const),
  };
}

/** Values that may stand at a path, besides what only the author knows. */
export function listValues(path: readonly string[], node: SchemaNode, ownProviders: readonly string[]): KnownValue[] {
  const key = path.findLast((step) => step !== '*');
  if (key === 'tools') return BUILT_IN_TOOLS.map((value) => ({ value, says: TOOL_SENTENCES[value] }));
  if (key === 'provider') return [...ownProviders, ...BUILT_IN_PROVIDERS].map((value) => ({ value }));
  if (key === 'model') return [{ value: 'sim/default', says: 'The simulator: no key, no network.' }];
  const plain = path.at(-1) !== '*' && node.items ? node.items : node;
  const values = plain.enum ?? (plain.const === undefined ? [] : [plain.const]);
  const fallback = node.default;
  if (values.length === 0 && (typeof fallback === 'number' || typeof fallback === 'string'))
    return [{ value: String(fallback), says: 'What holds when nothing is written.' }];
  return values.map((value) => ({ value: String(value) }));
}

/** What kind of value stands behind a key, in a word or two. */
export function toTypeWords(node: SchemaNode): string {
  if (node.enum) return node.enum.map(String).join(' | ');
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.type === 'array') return 'list';
  if (node.type === 'object') return 'section';
  if (node.type === 'integer') return 'whole number';
  return node.type === 'string' ? 'text' : (node.type ?? 'value');
}
