import { applyEdit } from './yaml-edit-model.ts';
import type { AgentForm } from './form-model.ts';
import type { FieldPath, FieldValue } from './yaml-source.ts';

/** Where the number of agents of an entry comes from, as the form offers it. */
export const AGENT_SOURCES = [
  { value: 'one', label: 'One agent' },
  { value: 'count', label: 'A number of agents' },
  { value: 'files', label: 'One per file' },
  { value: 'lines', label: 'One per line of a file' },
  { value: 'rows', label: 'One per row of a table' },
  { value: 'range', label: 'One per number' },
] as const;

const FIRST_VALUES: Readonly<Record<string, FieldValue>> = {
  files: { files: '**/*' },
  lines: { lines: 'lines.txt' },
  rows: { rows: 'table.csv' },
  range: { range: { from: 1, to: 10 } },
};

/** The text with another source for the entry at `path`; `undefined` where the text has to be changed by hand. */
export function changeSource(text: string, path: FieldPath, next: AgentForm['source']): string | undefined {
  const bare = removeIfThere(removeIfThere(text, [...path, 'count']), [...path, 'each']);
  if (bare === undefined || next === 'one' || next === 'unclear') return bare;
  if (next === 'count') return applyEdit(bare, { kind: 'set', path: [...path, 'count'], value: 2 });
  return applyEdit(bare, { kind: 'set', path: [...path, 'each'], value: FIRST_VALUES[next] as FieldValue });
}

/** The text with the entry at `path` of another kind: keys the other kind does not have are taken out. */
export function changeKind(text: string, path: FieldPath, next: AgentForm['kind']): string | undefined {
  const gone =
    next === 'command'
      ? ['system', 'provider', 'model', 'tools', 'temperature', 'maxOutputTokens']
      : ['kind', 'command', 'promptBy', 'environment', 'minutes'];
  const bare = gone.reduce<string | undefined>((now, key) => removeIfThere(now, [...path, key]), text);
  if (bare === undefined || next === 'model') return bare;
  const named = applyEdit(bare, { kind: 'set', path: [...path, 'kind'], value: 'command' });
  return named === undefined
    ? undefined
    : applyEdit(named, { kind: 'set', path: [...path, 'command'], value: ['echo', '{{prompt}}'] });
}

function removeIfThere(text: string | undefined, path: FieldPath): string | undefined {
  return text === undefined ? undefined : applyEdit(text, { kind: 'remove', path });
}

/** A new member for the list: a name nobody has yet, and a prompt to be written over. */
export function toNewAgent(names: readonly string[]): FieldValue {
  let number = names.length + 1;
  while (names.includes(`agent-${number}`)) number += 1;
  return { name: `agent-${number}`, prompt: 'Say what this agent is to do.' };
}
