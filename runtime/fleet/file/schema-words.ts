import { z } from 'zod';
import { fleetFile } from '../../../shared/fleet/fleet-schema.ts';
import type { Path } from './yaml-places.ts';

/** The part of JSON Schema that the fleet file's own uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly title?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | false;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

const root = z.toJSONSchema(fleetFile, { io: 'input' }) as SchemaNode;

/** The schema of what stands, or should stand, at `path` of `value`; `undefined` under an unknown key. */
export function findSchema(path: Path, value: unknown): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  let part = value;
  for (const step of path) {
    if (node === undefined) return undefined;
    part = isRecord(part) || Array.isArray(part) ? (part as Record<string | number, unknown>)[step] : undefined;
    if (typeof step === 'number') node = node.items;
    else
      node =
        node.properties && Object.hasOwn(node.properties, step)
          ? node.properties[step]
          : node.additionalProperties || undefined;
    node = node && chooseBranch(node, part);
  }
  return node;
}

/** Of alternatives that differ in a constant `kind`, the one `value` means; the first unless it says so. */
function chooseBranch(node: SchemaNode, value: unknown): SchemaNode {
  if (node.oneOf === undefined || node.properties !== undefined) return node;
  const kind = isRecord(value) ? value['kind'] : undefined;
  return node.oneOf.find((branch) => branch.properties?.['kind']?.const === kind) ?? node.oneOf[0]!;
}

/** Whether `value` is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is expected, for the middle of a sentence: `a whole number from 1 to 10000`. */
export function toExpectation(node: SchemaNode): string {
  if (node.const !== undefined) return toWritten(node.const);
  if (node.enum !== undefined) return `one of ${toList(node.enum.filter((value) => typeof value === 'string'))}`;
  switch (node.type) {
    case 'integer':
      return `a whole number${toRange(node)}`;
    case 'number':
      return `a number${toRange(node)}`;
    case 'string':
      return node.title ?? 'a text';
    case 'array':
      return node.items?.type === 'string' ? 'a list of texts' : 'a list';
    default:
      return `a section with ${toList(Object.keys(node.properties ?? {}), 'and')}`;
  }
}

function toRange(node: SchemaNode): string {
  const min =
    node.minimum !== undefined && Number.isSafeInteger(node.minimum) && node.minimum > Number.MIN_SAFE_INTEGER;
  const max = node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER;
  const above = node.exclusiveMinimum === undefined ? '' : ` above ${node.exclusiveMinimum}`;
  if (min && max) return ` from ${node.minimum} to ${node.maximum}`;
  if (min) return ` of at least ${node.minimum}`;
  return max ? `${above}, at most ${node.maximum}` : above;
}

/** `a`, `b` or `c`. */
export function toList(words: readonly string[], last = 'or'): string {
  const quoted = words.map((word) => `\`${word}\``);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')} ${last} ${quoted.at(-1)}`;
}

const MAX_QUOTED_LENGTH = 40;

/** What stands there, for the end of a sentence: `text "ten"`, `a list`, `nothing`. */
export function toFinding(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return value === '' ? 'an empty text' : `text ${quote(value)}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return typeof value === 'object' ? 'a section' : toWritten(value);
}

/** `text` in quotes, on one line, cut when long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH - 1)}…` : text);
}

/** A constant as it is written in a file. */
export function toWritten(value: unknown): string {
  return typeof value === 'string' ? `\`${value}\`` : String(value);
}
