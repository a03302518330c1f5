import type { FleetSource } from '../file/fleet-source.ts';
import { EACH_SOURCES } from '../file/meaning.ts';
import { findNearestWord } from '../../../shared/errors/nearest-word.ts';
import type { ProblemList } from '../file/problem-list.ts';
import { isRecord, quote, toList } from '../file/schema-words.ts';
import { getPlaceholders, parseTemplate } from '../file/template.ts';
import type { Path } from '../file/yaml-places.ts';
import type { Items } from './items.ts';

/** Placeholders of a command beside those of its items. */
const COMMAND_PLACEHOLDERS: readonly string[] = ['prompt', 'promptFile'];

/** Whether the launch of a program fills this place, not the plan. */
export function isCommandPlaceholder(name: string): boolean {
  return COMMAND_PLACEHOLDERS.includes(name);
}

interface Around {
  readonly source: FleetSource;
  readonly problems: ProblemList;
}

/** Checks the placeholders of an agent's prompt and command against what its items give; `undefined` items give anything. */
export function checkPlaceholders(
  agent: Record<string, unknown>,
  path: Path,
  items: Items | undefined,
  around: Around,
): void {
  const used = new Set<string>();
  const columns = items?.columns ?? findColumns(agent['each']);
  const known = columns && new Set([...columns, 'index']);
  checkText(agent['prompt'], [...path, 'prompt'], { known, used, ...around });
  if (agent['kind'] === 'command' && Array.isArray(agent['command'])) {
    const inCommand = known && new Set([...known, ...COMMAND_PLACEHOLDERS]);
    for (const [index, argument] of agent['command'].entries()) {
      checkText(argument, [...path, 'command', index], { known: inCommand, used, ...around });
    }
  }
  if (items?.origin) checkRows(items, items.origin, used, around.problems);
}

const COLUMN_OF: Readonly<Record<string, string>> = { files: 'file', lines: 'line', range: 'number' };

/** What a source that could not be read would give; `undefined` for a table, whose header is not known. */
function findColumns(each: unknown): readonly string[] | undefined {
  if (each === undefined) return [];
  if (!isRecord(each) || each['rows'] !== undefined) return undefined;
  const columns = EACH_SOURCES.flatMap((name) => (each[name] === undefined ? [] : [COLUMN_OF[name]!]));
  return columns.length === 0 ? undefined : columns;
}

function checkText(
  text: unknown,
  path: Path,
  {
    known,
    used,
    source,
    problems,
  }: Around & { readonly known: ReadonlySet<string> | undefined; readonly used: Set<string> },
): void {
  if (typeof text !== 'string') return;
  const template = parseTemplate(text);
  if (template.unclosed !== undefined) {
    problems.add(
      source.placeInside(path, '{{', template.unclosed),
      '`{{` without `}}`',
      'write `{{{{` where `{{` itself is meant',
    );
  }
  for (const { name, written, occurrence } of getPlaceholders(template)) {
    used.add(name);
    if (known === undefined || known.has(name)) continue;
    const near = findNearestWord(name, known);
    const hint = near
      ? `did you mean \`{{${near}}}\`?`
      : `known here are ${toList(
          [...known].slice(0, 20).map((one) => `{{${one}}}`),
          'and',
        )}`;
    const place = source.placeInside(path, written, occurrence);
    problems.add(place, `unknown placeholder ${quote(written).replaceAll('"', '`')}`, hint);
  }
}

/** Rows of JSONL may lack what others have; one that lacks what the prompt uses is a mistake. */
function checkRows(items: Items, origin: Items['origin'] & {}, used: ReadonlySet<string>, problems: ProblemList): void {
  const needed = items.columns.flatMap((name, at) => (used.has(name) ? [{ name, at }] : []));
  for (const [row, values] of items.rows.entries()) {
    for (const { name, at } of needed) {
      if (values[at] !== undefined) continue;
      const place = { file: origin.file, line: origin.lines[row] ?? 1, column: 1 };
      problems.addProblem({
        ...place,
        message: `this row has no \`${name}\`, which the agent uses`,
        hint: `add \`"${name}"\` to the row`,
      });
    }
  }
}
