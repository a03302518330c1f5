import { isScalar, Lexer, parseDocument } from 'yaml';
import { AppError } from '../../../shared/errors/app-error.ts';
import { findTooDeep } from '../../../shared/fleet/yaml-nesting.ts';
import type { FleetSource } from './fleet-source.ts';
import { findNearestWord } from '../../../shared/errors/nearest-word.ts';
import type { ProblemList } from './problem-list.ts';
import { findSchema, isRecord, toList, type SchemaNode } from './schema-words.ts';
import { createSourceText, type Place, type SourceText } from './source-text.ts';
import type { Path } from './yaml-places.ts';
import type { YamlTree } from './yaml-tree.ts';

/** Values that stand above those of the file, by path: `limits.turns`, `agents.surveyor.count`. Text is read as YAML. */
export type Overrides = Readonly<Record<string, unknown>>;

/** Longest text of one override, in UTF-16 units. */
const MAX_OVERRIDE_LENGTH = 100_000;

/**
 * Reads `key=value` as given on a command line; a later one stands above an earlier one.
 *
 * @throws {AppError} INPUT_INVALID
 */
export function parseOverrides(pairs: readonly string[]): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) {
      throw new AppError('INPUT_INVALID', `--set ${pair}: expected key=value, for example --set limits.turns=5.`);
    }
    if (pair.length > MAX_OVERRIDE_LENGTH) {
      throw new AppError(
        'INPUT_INVALID',
        `--set ${pair.slice(0, 40)}…: at most ${MAX_OVERRIDE_LENGTH} characters; put it into the file.`,
      );
    }
    const key = pair.slice(0, at).trim();
    delete overrides[key];
    overrides[key] = pair.slice(at + 1);
  }
  return overrides;
}

interface Override {
  readonly path: Path;
  readonly source: SourceText;
  readonly valueOffset: number;
}

/** Puts the overrides into the values of the file; what is wrong with them goes to `problems`. */
export function applyOverrides(tree: YamlTree, overrides: Overrides, problems: ProblemList): FleetSource {
  const value = structuredClone(tree.value);
  const applied: Override[] = [];
  for (const [key, given] of Object.entries(overrides)) {
    const written = `${key}=${typeof given === 'string' ? given : JSON.stringify(given)}`;
    const source = createSourceText('--set', written);
    const path = findPath(key, value, source, problems);
    if (path === undefined || !isRecord(value)) continue;
    const node = findSchema(path, value);
    setAt(value, path, typeof given === 'string' ? parseValue(given, node) : given);
    applied.unshift({ path, source, valueOffset: Math.min(key.length + 1, written.length) });
  }
  return createSource(tree, value, applied);
}

function createSource(tree: YamlTree, value: unknown, applied: readonly Override[]): FleetSource {
  const findOverride = (path: Path) =>
    applied.find(
      (override) => override.path.length <= path.length && override.path.every((step, at) => step === path[at]),
    );
  const placeOf = (path: Path): Place => {
    const override = findOverride(path);
    return override ? { source: override.source, offset: override.valueOffset } : tree.placeOf(path);
  };
  return {
    value,
    placeOf,
    placeOfKey(path) {
      const override = findOverride(path);
      return override ? { source: override.source, offset: 0 } : tree.placeOfKey(path);
    },
    placeInside(path, word, n) {
      const override = findOverride(path);
      const written = override
        ? { text: override.source.text.slice(override.valueOffset), offset: override.valueOffset }
        : tree.findWritten(path);
      const at = written === undefined ? -1 : findNth(written.text, word, n);
      if (written === undefined || at === -1) return placeOf(path);
      return { source: override?.source ?? tree.source, offset: written.offset + at };
    },
    isBroken: (place) => place.source === tree.source && tree.brokenFrom !== undefined,
  };
}

function findNth(text: string, word: string, n: number): number {
  let at = text.indexOf(word);
  for (let count = 0; count < n && at !== -1; count += 1) at = text.indexOf(word, at + word.length);
  return at;
}

function parseValue(text: string, node: SchemaNode | undefined): unknown {
  const isText = node?.type === 'string' || (node?.enum?.includes(text) ?? false);
  if (isText || text.startsWith('{{')) return text;
  // Left as the text it is; what it stands for then finds it of the wrong kind.
  if (findTooDeep(new Lexer().lex(text)) !== undefined) return text;
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  const { contents } = document;
  if (document.errors.length > 0 || contents === null) return text;
  if (isScalar(contents)) return contents.value;
  return /^\s*[[{]/.test(text) ? (document.toJS({ maxAliasCount: 0 }) as unknown) : text;
}

/** The path `key` names. Agents go by name or position; a name of a provider may itself contain dots. */
function findPath(key: string, value: unknown, source: SourceText, problems: ProblemList): Path | undefined {
  const path: (string | number)[] = [];
  let part = value;
  let offset = 0;
  while (offset <= key.length) {
    const rest = key.slice(offset);
    const node = path.length === 0 ? findSchema([], value) : findSchema(path, value);
    const step = Array.isArray(part) ? findItem(rest, part) : findKey(rest, node, part);
    const known = Array.isArray(part)
      ? part.map((item, at) => String(isRecord(item) ? item['name'] : at))
      : Object.keys(node?.properties ?? {});
    if (step === undefined) {
      addUnknown({ source, offset }, key.slice(offset).split('.')[0] ?? '', known, problems);
      return undefined;
    }
    path.push(step.step);
    part = isRecord(part) || Array.isArray(part) ? (part as Record<string | number, unknown>)[step.step] : undefined;
    offset += step.length + 1;
  }
  return path;
}

function addUnknown(place: Place, word: string, known: readonly string[], problems: ProblemList): void {
  const near = findNearestWord(word, known);
  const hint =
    near !== undefined
      ? `did you mean \`${near}\`?`
      : known.length > 0
        ? `known are ${toList(known.slice(0, 20), 'and')}`
        : undefined;
  problems.add(place, `unknown key \`${word}\` in an override`, hint);
}

interface Step {
  readonly step: string | number;
  readonly length: number;
}

function findItem(rest: string, items: readonly unknown[]): Step | undefined {
  const digits = /^\d{1,6}(?=\.|$)/.exec(rest)?.[0];
  if (digits !== undefined)
    return Number(digits) < items.length ? { step: Number(digits), length: digits.length } : undefined;
  let best: Step | undefined;
  for (const [step, item] of items.entries()) {
    const name = isRecord(item) ? item['name'] : undefined;
    if (typeof name === 'string' && beginsWith(rest, name) && name.length > (best?.length ?? 0))
      best = { step, length: name.length };
  }
  return best;
}

function findKey(rest: string, node: SchemaNode | undefined, part: unknown): Step | undefined {
  const first = rest.split('.')[0] ?? '';
  if (node?.properties && Object.hasOwn(node.properties, first)) return { step: first, length: first.length };
  if (!node?.additionalProperties || first === '' || first === '__proto__') return undefined;
  const existing = isRecord(part) ? Object.keys(part).filter((key) => beginsWith(rest, key)) : [];
  const longest = existing.toSorted((a, b) => b.length - a.length)[0] ?? first;
  return { step: longest, length: longest.length };
}

function beginsWith(rest: string, name: string): boolean {
  return rest === name || rest.startsWith(`${name}.`);
}

function setAt(value: Record<string, unknown>, path: Path, given: unknown): void {
  let part: Record<string | number, unknown> = value;
  for (const step of path.slice(0, -1)) {
    const next = part[step];
    if (next === undefined || next === null) part[step] = Object.create(null);
    else if (typeof next !== 'object') return;
    part = part[step] as Record<string | number, unknown>;
  }
  part[path.at(-1)!] = given;
}
