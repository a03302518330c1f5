import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { changeKind, changeSource, toNewAgent } from '../../../../renderer/views/fleets/form/agent-source-model.ts';
import {
  type FleetForm,
  fromPromptText,
  numberField,
  textField,
  textsField,
  toForm,
  toPromptText,
} from '../../../../renderer/views/fleets/form/form-model.ts';

function ready(text: string): Extract<FleetForm, { kind: 'ready' }> {
  const form = toForm(text);
  if (form.kind !== 'ready') throw new Error(form.kind);
  return form;
}

test('a text that cannot be read says where', () => {
  expect(toForm('name: x\ntools: [a\nmodel: y\n')).toMatchObject({ kind: 'broken', line: 3 });
  expect(toForm('- a\n- b\n')).toMatchObject({ kind: 'broken', line: 1 });
});

test('a text that is nested without end is not handed to the parser, which could end the page', () => {
  expect(toForm(`name: x\ntools: ${'['.repeat(100_000)}`)).toEqual({ kind: 'broken', line: 2 });
});

test('a text that would be slow to read at each letter is left to the editor', () => {
  expect(toForm(`# ${'x'.repeat(200_000)}`)).toEqual({ kind: 'large' });
});

test('an empty text is a form without values', () => {
  expect(toForm('')).toMatchObject({ kind: 'ready', agents: [] });
  expect(toForm('# only words\n').kind).toBe('ready');
});

test('values are shown, missing ones are absent, others belong to the text', () => {
  const { source } = ready('name: x\nmodel: 3\nlimits: { turns: many }\ntools: [a, 4]\nallow: [shell]\n');
  expect(textField(source, ['name'])).toEqual({ kind: 'value', value: 'x' });
  expect(textField(source, ['provider'])).toEqual({ kind: 'absent' });
  expect(textField(source, ['model'])).toMatchObject({ kind: 'fixed', shown: '3', line: 2 });
  expect(numberField(source, ['limits', 'turns'])).toMatchObject({ kind: 'fixed', shown: 'many', line: 3 });
  expect(textsField(source, ['tools'])).toMatchObject({ kind: 'fixed' });
  expect(textsField(source, ['allow'])).toEqual({ kind: 'value', value: ['shell'] });
});

test('what is repeated by a name is shown and not changed, at both ends', () => {
  const { source } = ready('agents:\n  - name: a\n    prompt: &p |\n      Hello\n  - name: b\n    prompt: *p\n');
  expect(textField(source, ['agents', 0, 'prompt'])).toMatchObject({ kind: 'fixed', shown: 'Hello', line: 3 });
  expect(textField(source, ['agents', 1, 'prompt'])).toMatchObject({ kind: 'fixed', shown: 'Hello', line: 6 });
});

test('an anchor that nobody repeats changes nothing', () => {
  const { source } = ready('name: &n x\n');
  expect(textField(source, ['name'])).toEqual({ kind: 'value', value: 'x' });
});

test('a section that takes values over is left to the text', () => {
  const { source } = ready('base: &b { turns: 3 }\nlimits:\n  <<: *b\n  minutes: 2\n');
  expect(numberField(source, ['limits', 'minutes'])).toMatchObject({ kind: 'fixed' });
});

test('agents say their kind and where their number comes from', () => {
  const { agents } = ready(
    'agents:\n  - name: a\n  - { name: b, count: 3 }\n  - { name: c, each: { files: x } }\n  - { kind: command, name: d, count: 1, each: { rows: y } }\n',
  );
  expect(agents.map(({ kind, source }) => [kind, source])).toEqual([
    ['model', 'one'],
    ['model', 'count'],
    ['model', 'files'],
    ['command', 'unclear'],
  ]);
});

test('another source or kind takes out what does not belong to it, and brings what it needs', () => {
  const text = 'agents:\n  - name: a # one\n    count: 3\n    temperature: 1\n    prompt: x\n';
  const files = changeSource(text, ['agents', 0], 'files');
  expect(parse(files ?? '')).toEqual({ agents: [{ name: 'a', each: { files: '**/*' }, temperature: 1, prompt: 'x' }] });
  expect(files).toContain('# one');
  expect(parse(changeSource(files ?? '', ['agents', 0], 'one') ?? '')).toEqual({
    agents: [{ name: 'a', temperature: 1, prompt: 'x' }],
  });
  const program = changeKind(text, ['agents', 0], 'command');
  expect(parse(program ?? '')).toEqual({
    agents: [{ kind: 'command', name: 'a', count: 3, prompt: 'x', command: ['echo', '{{prompt}}'] }],
  });
  expect(parse(changeKind(program ?? '', ['agents', 0], 'model') ?? '')).toEqual({
    agents: [{ name: 'a', count: 3, prompt: 'x' }],
  });
});

test('a new agent has a name nobody has', () => {
  expect(toNewAgent(['agent-2'])).toMatchObject({ name: 'agent-3' });
});

test('the line break that ends a block is not shown and not lost', () => {
  expect(fromPromptText('a\nb\n')).toBe('a\nb');
  expect(toPromptText('a\nbc', 'a\nb\n')).toBe('a\nbc\n');
  expect(toPromptText('ab', 'a')).toBe('ab');
});
