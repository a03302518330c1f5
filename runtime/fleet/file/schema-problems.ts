import type { z } from 'zod';
import { fleetFile, type FleetFile } from '../../../shared/fleet/fleet-schema.ts';
import type { FleetSource } from './fleet-source.ts';
import { findNearestWord } from '../../../shared/errors/nearest-word.ts';
import type { ProblemList } from './problem-list.ts';
import {
  findSchema,
  isRecord,
  quote,
  toExpectation,
  toFinding,
  toList,
  toWritten,
  type SchemaNode,
} from './schema-words.ts';
import type { Path } from './yaml-places.ts';

/** What stands at `path` of `value`. */
export function getAt(value: unknown, path: Path): unknown {
  let part = value;
  for (const step of path) {
    part = isRecord(part) || Array.isArray(part) ? (part as Record<string | number, unknown>)[step] : undefined;
  }
  return part;
}

/** Checks each key by itself; `undefined` when there are mistakes, which are then in `problems`. */
export function checkSchema(source: FleetSource, problems: ProblemList): FleetFile | undefined {
  if (!isRecord(source.value)) {
    const message = `expected a section with keys such as \`flotilla\`, \`name\` and \`agents\`, got ${toFinding(source.value)}`;
    problems.add(source.placeOf([]), message, 'begin with `flotilla: 1`');
    return undefined;
  }
  const value = checkKinds(source, problems);
  const parsed = fleetFile.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) addIssue(issue, { ...source, value }, problems);
  return undefined;
}

/** Puts the kind that was probably meant where it is unknown, so that the other keys of the agent are checked too. */
function checkKinds(source: FleetSource, problems: ProblemList): unknown {
  const value = source.value as Record<string, unknown>;
  if (!Array.isArray(value['agents'])) return value;
  const agents = value['agents'].map((agent: unknown, index) => {
    if (!isRecord(agent) || !('kind' in agent) || agent['kind'] === 'model' || agent['kind'] === 'command')
      return agent;
    const kind = agent['kind'];
    const near = typeof kind === 'string' ? findNearestWord(kind, ['model', 'command']) : undefined;
    const message = `agents.${index}.kind: expected one of \`model\` or \`command\`, got ${toFinding(kind)}`;
    problems.add(source.placeOf(['agents', index, 'kind']), message, near && `did you mean \`${near}\`?`);
    return { ...agent, kind: near ?? ('command' in agent ? 'command' : 'model') };
  });
  return { ...value, agents };
}

function addIssue(issue: z.core.$ZodIssue, source: FleetSource, problems: ProblemList): void {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const value = getAt(source.value, path);
  const node = findSchema(path, source.value);
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) addUnknownKey([...path, key], node, source, problems);
  } else if (issue.code === 'invalid_key') {
    const key = String(path.at(-1));
    problems.add(source.placeOfKey(path), `expected ${nameOfKeys(path)}, got ${quote(key)}`, proposeName(key));
  } else if (value === undefined) addMissing(path, node, source, problems);
  else if (node !== undefined) {
    const { message, hint } = toMismatch(node, value);
    problems.add(source.placeOf(path), `${toName(path)}: ${message}`, hint);
  } else problems.add(source.placeOf(path), `${toName(path)}: ${toFinding(value)} does not belong here`);
}

function nameOfKeys(path: Path): string {
  const node = findSchema(['name'], {});
  return `${toName(path.slice(0, -1))} to hold ${node?.title ?? 'names'}`;
}

function addUnknownKey(path: Path, parent: SchemaNode | undefined, source: FleetSource, problems: ProblemList): void {
  const key = String(path.at(-1));
  const known = Object.keys(parent?.properties ?? {});
  const around = path.length > 1 ? ` in ${toName(path.slice(0, -1))}` : '';
  const near = findNearestWord(key, known);
  const hint = near === undefined ? `the keys here are ${toList(known, 'and')}` : `did you mean \`${near}\`?`;
  problems.add(source.placeOfKey(path), `unknown key ${quote(key).replaceAll('"', '`')}${around}`, hint);
}

function addMissing(path: Path, node: SchemaNode | undefined, source: FleetSource, problems: ProblemList): void {
  const parent = path.slice(0, -1);
  const around = parent.length > 0 ? ` in ${toName(parent)}` : '';
  const expectation = node === undefined ? '' : `: ${toExpectation(node)}`;
  const place = parent.length > 0 ? source.placeOfKey(parent) : source.placeOf(parent);
  if (source.isBroken(place) || isMisspelt(String(path.at(-1)), parent, source)) return;
  problems.add(place, `missing key \`${path.at(-1)}\`${around}`, `add \`${path.at(-1)}\`${expectation}`);
}

/** Whether a section has `key` under a name that is near it: that is one mistake, not two. */
export function isMisspelt(key: string, path: Path, source: FleetSource): boolean {
  const known = Object.keys(findSchema(path, source.value)?.properties ?? {});
  const section = getAt(source.value, path);
  const unknown = Object.keys(isRecord(section) ? section : {}).filter((one) => !known.includes(one));
  return unknown.some((one) => findNearestWord(one, known) === key);
}

/** A path as its author would say it: `agents.0.each.range`. */
function toName(path: Path): string {
  return path.join('.');
}

function toMismatch(node: SchemaNode, value: unknown): { message: string; hint?: string | undefined } {
  const expectation = toExpectation(node);
  if (typeof value === 'string' && node.type === 'string' && node.enum === undefined && node.title === undefined) {
    if (value === '') return { message: 'expected a text that is not empty, got an empty text' };
    const length = `at most ${node.maxLength} characters`;
    return { message: `expected a text of ${length}, got one of ${value.length}` };
  }
  if (Array.isArray(value) && node.type === 'array') {
    return value.length < (node.minItems ?? 0)
      ? { message: 'expected a list with at least one item, got an empty list' }
      : { message: `expected a list of at most ${node.maxItems} items, got ${value.length}` };
  }
  return { message: `expected ${expectation}, got ${toFinding(value)}`, hint: toHint(node, value) };
}

function toHint(node: SchemaNode, value: unknown): string | undefined {
  if (node.enum !== undefined || node.const !== undefined) {
    const known = (node.enum ?? [node.const]).filter((one) => typeof one === 'string');
    const near = typeof value === 'string' ? findNearestWord(value, known) : undefined;
    if (near !== undefined) return `did you mean \`${near}\`?`;
    return node.const === undefined ? undefined : `write ${toWritten(node.const)}`;
  }
  if (node.type === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return `put it in quotes: "${value}"`;
  if (node.type === 'string' && typeof value === 'string' && node.title?.startsWith('a name'))
    return proposeName(value);
  if (node.type === 'array' && typeof value === 'string')
    return `write it as a list: \`[${value.length < 40 ? value : '…'}]\``;
  const isNumber = node.type === 'integer' || node.type === 'number';
  if (isNumber && typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return 'leave out the quotes';
  return undefined;
}

function proposeName(text: string): string | undefined {
  const name = text
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 64);
  return name === '' || name === text ? undefined : `for example \`${name}\``;
}
