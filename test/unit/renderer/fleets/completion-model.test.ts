import { expect, test } from 'vitest';
import { describeKey, listProposals } from '../../../../renderer/views/fleets/text/completion-model.ts';
import { findPosition } from '../../../../renderer/views/fleets/text/position-model.ts';

/** Splits a text at its `‸`. */
function at(marked: string): [text: string, offset: number] {
  const offset = marked.indexOf('‸');
  return [marked.slice(0, offset) + marked.slice(offset + 1), offset];
}
const labels = (marked: string): string[] => listProposals(...at(marked))?.items.map(({ label }) => label) ?? [];
const path = (marked: string): readonly string[] | undefined => findPosition(...at(marked))?.path;

test.each([
  ['na‸', []],
  ['limits:\n  tu‸', ['limits']],
  ['agents:\n  - na‸', ['agents', '*']],
  ['agents:\n- na‸', ['agents', '*']],
  ['agents:\n  - name: a\n    ea‸', ['agents', '*']],
  ['agents:\n  - name: a\n    each:\n      fi‸', ['agents', '*', 'each']],
  ['agents:\n  - each: { fi‸', ['agents', '*', 'each']],
  ['agents:\n  - name: a\n    each:\n      range:\n        fr‸', ['agents', '*', 'each', 'range']],
  ['agents:\n  - name: a\n    prompt: |\n      x\n  - na‸', ['agents', '*']],
  ['tools:\n  - re‸', ['tools', '*']],
  ['tools:\n- re‸', ['tools', '*']],
  ['tools: [read_file, se‸', ['tools', '*']],
  ['provider: ‸', ['provider']],
  ['agents:\n  - kind: co‸', ['agents', '*', 'kind']],
  ['providers:\n  mine:\n    pro‸', ['providers', 'mine']],
  ['agents:\n  - name: a\nlim‸', []],
])('%j is written at %j', (marked, expected) => {
  expect(path(marked)).toEqual(expected);
});

test.each(['# na‸', 'agents:\n  - prompt: |\n      Read na‸', 'description: >\n  na‸', 'name: x # a‸'])(
  'nothing is proposed in %j',
  (marked) => {
    expect(listProposals(...at(marked))).toBeUndefined();
  },
);

test('keys that are there already are not proposed', () => {
  expect(labels('name: x\n‸\nmodel: y\n')).toContain('agents');
  expect(labels('name: x\n‸\nmodel: y\n')).not.toContain('name');
  expect(labels('name: x\n‸\nmodel: y\n')).not.toContain('model');
});

test('an agent of a kind has the keys of that kind, one without has those of a model', () => {
  expect(labels('agents:\n  - kind: command\n    ‸')).toContain('promptBy');
  expect(labels('agents:\n  - kind: command\n    ‸')).not.toContain('temperature');
  expect(labels('agents:\n  - kind: model\n    ‸')).toContain('temperature');
  expect(labels('agents:\n  - kind: model\n    ‸')).not.toContain('promptBy');
});

test('values come from the schema, from the tools and from the file itself', () => {
  expect(labels('tools: [‸')).toContain('outline_file');
  expect(labels('allow:\n  - ‸')).toEqual(['write_file', 'shell', 'http-loopback', 'http-private']);
  expect(labels('agents:\n  - kind: ‸')).toEqual(['model', 'command']);
  expect(labels('providers:\n  mine:\n    protocol: openai\nprovider: ‸')).toContain('mine');
  expect(labels('providers:\n  mine:\n    protocol: ‸')).toEqual(['openai', 'anthropic']);
});

test('a key is written with what opens its value', () => {
  const proposal = (marked: string, label: string) =>
    listProposals(...at(marked))?.items.find((one) => one.label === label);
  expect(proposal('‸', 'limits')?.insert).toBe('limits:\n  ');
  expect(proposal('‸', 'name')?.insert).toBe('name: ');
  expect(proposal('‸', 'agents')?.insert).toBe('agents:\n  - name: ');
  expect(proposal('agents:\n  - pr‸', 'prompt')?.insert).toBe('prompt: |\n      ');
  expect(proposal('na‸: x', 'name')?.insert).toBe('name');
  expect(proposal('‸', 'name')).toMatchObject({ isRequired: true, info: 'Name of the fleet.' });
});

test('a key under the pointer says what it is', () => {
  expect(describeKey(...at('limits:\n  tur‸ns: 3'))).toMatchObject({ from: 10, to: 15, title: 'turns: whole number' });
  expect(describeKey(...at('agents:\n  - na‸me: x'))?.text).toContain('Name of the agent');
  expect(describeKey(...at('limits:\n  turns: 3‸0'))).toBeUndefined();
  expect(describeKey(...at('unk‸nown: 3'))).toBeUndefined();
});

test.each([
  'flotilla: 1‸',
  'allow:\n  - shell‸',
  'allow: [shell‸',
  'agents:\n  - kind: model‸',
  'name‸: x',
  // A longer one beside it would be taken by the Enter that ends the line.
  'providers:\n  mine:\n    protocol: openai\n  mine-too:\n    protocol: openai\nprovider: mine‸',
])('nothing is proposed for what is written to its end already: %j', (marked) => {
  expect(labels(marked)).toEqual([]);
});
