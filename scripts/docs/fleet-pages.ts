import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fleetFile } from '../../shared/fleet/fleet-schema.ts';
import type { Page } from './page.ts';

/** What the pages need of a JSON Schema. */
interface SchemaNode {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly const?: string | number;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

/** `docs/fleet.schema.json` and `docs/fleet-files.md`. */
export function createFleetPages(): readonly Page[] {
  const schema = { title: 'Flotilla fleet file', ...z.toJSONSchema(fleetFile, { io: 'input' }) } as SchemaNode;
  const intro = readFileSync(join(import.meta.dirname, 'fleet-files-intro.md'), 'utf8').trimEnd();
  return [
    { path: 'docs/fleet.schema.json', text: `${JSON.stringify(schema, null, 2)}\n` },
    { path: 'docs/fleet-files.md', text: `${intro}\n\n${createReference(schema)}` },
  ];
}

function createReference(schema: SchemaNode): string {
  const { properties = {} } = schema;
  const [model, command] = properties['agents']?.items?.oneOf ?? [];
  const agentKeys = Object.keys(model?.properties ?? {}).filter((key) => key in (command?.properties ?? {}));
  const each = model?.properties?.['each'];
  const provider = properties['providers']?.additionalProperties || undefined;
  return [
    toSection('The file', schema),
    toSection(
      '`agents`: every agent',
      toAnyAgent(pick(model, agentKeys)),
      'An item of `agents` is of kind `model` unless it says `kind: command`.',
    ),
    toSection('`agents`: kind `model`', omit(model, agentKeys)),
    toSection('`agents`: kind `command`', omit(command, agentKeys)),
    toSection('`each`', each, each?.description),
    toSection('`each.range`', each?.properties?.['range']),
    toSection('`limits`', properties['limits'], properties['limits']?.description),
    toSection('`budget`', properties['budget'], properties['budget']?.description),
    toSection('`cache`', properties['cache'], properties['cache']?.description),
    toSection('`knowledge`', properties['knowledge'], properties['knowledge']?.description),
    toSection('`providers.<name>`', provider, 'A name of the built-in ones may be used again, to point it elsewhere.'),
    toSection('`providers.<name>.price`', provider?.properties?.['price']),
    toSection('`output`', properties['output']),
  ].join('\n');
}

/** What holds for an agent of either kind. */
function toAnyAgent(agent: SchemaNode): SchemaNode {
  const kind: SchemaNode = {
    enum: ['model', 'command'],
    default: 'model',
    description: 'What does the work: a loop over a model and tools, or any program.',
  };
  return { ...agent, properties: { ...agent.properties, kind } };
}

function pick(node: SchemaNode | undefined, keys: readonly string[]): SchemaNode {
  const entries = Object.entries(node?.properties ?? {}).filter(([key]) => keys.includes(key));
  return { ...node, properties: Object.fromEntries(entries) };
}

function omit(node: SchemaNode | undefined, keys: readonly string[]): SchemaNode {
  return pick(
    node,
    Object.keys(node?.properties ?? {}).filter((key) => !keys.includes(key)),
  );
}

function toSection(title: string, node: SchemaNode | undefined, text?: string): string {
  const rows = Object.entries(node?.properties ?? {}).map(([key, value]) => {
    const isRequired = node?.required?.includes(key) ?? false;
    return `| \`${key}\` | ${toType(value)} | ${isRequired ? '**required**' : toDefault(value)} | ${toCell(value.description ?? '')} |`;
  });
  const head = ['| key | type | default | meaning |', '|---|---|---|---|'];
  return [`### ${title}`, '', ...(text === undefined ? [] : [text, '']), ...head, ...rows, ''].join('\n');
}

function toDefault({ default: value }: SchemaNode): string {
  if (value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function toType(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.enum !== undefined) return [...new Set(node.enum.map((value) => `\`${String(value)}\``))].join(', ');
  switch (node.type) {
    case 'integer':
      return `whole number${toRange(node)}`;
    case 'number':
      return `number${toRange(node)}`;
    case 'string':
      return `text${node.maxLength === undefined ? '' : `, at most ${toCount(node.maxLength)} characters`}`;
    case 'array':
      return `list of ${node.items?.oneOf ? 'agents' : node.items?.enum ? toType(node.items) : 'texts'}${node.maxItems === undefined ? '' : `, at most ${toCount(node.maxItems)}`}`;
    default:
      return 'section';
  }
}

function toRange({ minimum, exclusiveMinimum, maximum }: SchemaNode): string {
  const min = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? `from ${toCount(minimum)}` : undefined;
  const above = exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`;
  const max = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `to ${toCount(maximum)}` : undefined;
  const parts = [min ?? above, max].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}

function toCount(count: number): string {
  return count.toLocaleString('en-US');
}

function toCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
