import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type FieldEdit, isSame, withEdit } from '../../../../renderer/views/fleets/form/plain-edit.ts';
import { applyEdit, applyTexts } from '../../../../renderer/views/fleets/form/yaml-edit-model.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../examples');
const examples = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(EXAMPLES, name), 'utf8'));

const SMALL = `# A survey.
flotilla: 1                  # version

name: survey     # shown everywhere
tools: [read_file, shell] # what they may call

agents:
  # The only one.
  - name: reader
    prompt: |
      Read it.

      Report.

  - name: second # after the first
    prompt: "Say hello"

limits:
  turns: 6                   # requests
`;

const read = (text: string): unknown => parse(text, { merge: true });
const comments = (text: string): string[] => text.match(/(?:^|\s)#.*$/gm)?.map((comment) => comment.trim()) ?? [];

test('changing a value changes its own characters and nothing else', () => {
  expect(applyEdit(SMALL, { kind: 'set', path: ['name'], value: 'other' })).toBe(SMALL.replace('survey  ', 'other  '));
  expect(applyEdit(SMALL, { kind: 'set', path: ['limits', 'turns'], value: 12 })).toBe(SMALL.replace('6  ', '12  '));
  expect(applyEdit(SMALL, { kind: 'set', path: ['agents', 1, 'prompt'], value: 'Say "no"' })).toBe(
    SMALL.replace('"Say hello"', String.raw`"Say \"no\""`),
  );
});

test('a text of several lines stays a block', () => {
  const changed = applyEdit(SMALL, { kind: 'set', path: ['agents', 0, 'prompt'], value: 'One.\n\n  Two.\n' });
  expect(changed).toBe(SMALL.replace('      Read it.\n\n      Report.\n', '      One.\n\n        Two.\n'));
});

test('one line becomes a block where a line break is typed', () => {
  const changed = applyEdit(SMALL, { kind: 'set', path: ['agents', 1, 'prompt'], value: 'One\nTwo' });
  expect(read(changed ?? '')).toMatchObject({ agents: [{}, { name: 'second', prompt: 'One\nTwo' }] });
  expect(comments(changed ?? '')).toEqual(comments(SMALL));
});

test('a new key stands where readers look for it', () => {
  expect(applyEdit(SMALL, { kind: 'set', path: ['description'], value: 'What: it does' })).toBe(
    SMALL.replace('everywhere\n', "everywhere\ndescription: 'What: it does'\n"),
  );
  expect(applyEdit(SMALL, { kind: 'set', path: ['limits', 'concurrentAgents'], value: 4 })).toBe(
    `${SMALL}  concurrentAgents: 4\n`,
  );
  expect(applyEdit(SMALL, { kind: 'set', path: ['budget', 'usd'], value: 0.5 })).toBe(
    `${SMALL}\nbudget:\n  usd: 0.5\n`,
  );
});

test('a key added to the last agent stands before the empty line that ends it', () => {
  const changed = applyEdit(SMALL, { kind: 'set', path: ['agents', 0, 'count'], value: 3 });
  expect(changed).toBe(SMALL.replace('name: reader\n', 'name: reader\n    count: 3\n'));
});

test('a section that becomes empty goes with its last key', () => {
  const changed = applyEdit(SMALL, { kind: 'remove', path: ['limits', 'turns'] });
  expect(read(changed ?? '')).not.toHaveProperty('limits');
});

test('lists change item by item, in both ways of writing them', () => {
  expect(applyTexts(SMALL, ['tools'], ['read_file', 'shell', 'http'])).toBe(SMALL.replace('shell]', 'shell, http]'));
  expect(applyTexts(SMALL, ['tools'], ['shell'])).toBe(SMALL.replace('read_file, ', ''));
  const block = 'tools:   # some\n  - a   # first\n  - b   # second\nname: x\n';
  expect(applyTexts(block, ['tools'], ['b'])).toBe(block.replace('  - a   # first\n', ''));
  expect(applyTexts(block, ['tools'], ['a', 'b', 'c'])).toBe(block.replace('second\n', 'second\n  - c\n'));
  expect(read(applyTexts(block, ['tools'], []) ?? '')).toEqual({ name: 'x' });
});

test('an agent is added below the others and taken away with its own lines', () => {
  const agent = { name: 'third', prompt: 'Do\nthis\n' };
  const added = applyEdit(SMALL, { kind: 'append', path: ['agents'], value: agent });
  expect(read(added ?? '')).toMatchObject({ agents: [{}, {}, agent], limits: { turns: 6 } });
  expect(comments(added ?? '')).toEqual(comments(SMALL));
  expect(applyEdit(added ?? '', { kind: 'remove', path: ['agents', 2] })).toBe(SMALL);
});

test('a value that others repeat is left alone', () => {
  const text = 'agents:\n  - prompt: &p Hello\n  - prompt: *p\n';
  expect(applyEdit(text, { kind: 'set', path: ['agents', 0, 'prompt'], value: 'Other' })).toBeUndefined();
});

test('a text with mistakes is not touched', () => {
  expect(applyEdit('name: [a\n', { kind: 'set', path: ['name'], value: 'b' })).toBeUndefined();
});

const value = fc.oneof(
  fc.integer({ min: 1, max: 10_000 }),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.stringMatching(/^[ -~]{0,30}$/), { maxLength: 5 }).map((lines) => lines.join('\n')),
);
const path = fc.constantFrom<(string | number)[]>(
  ['name'],
  ['description'],
  ['model'],
  ['provider'],
  ['limits', 'turns'],
  ['limits', 'toolCalls'],
  ['budget', 'usd'],
  ['output', 'results'],
  ['agents', 0, 'prompt'],
  ['agents', 0, 'name'],
  ['agents', 0, 'count'],
);
const edit: fc.Arbitrary<FieldEdit> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), path, value }),
  fc.record({ kind: fc.constant('remove' as const), path }),
);

test('whatever is set or removed: only that value differs, and every comment is still there', () => {
  fc.assert(
    fc.property(fc.constantFrom(SMALL, ...examples), fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
      let now = text;
      // A value that was set may hold a `#` of its own.
      const own = new Set(comments(text));
      for (const one of edits) {
        const changed = applyEdit(now, one);
        if (changed === undefined) continue;
        expect(isSame(read(changed), withEdit(read(now), one))).toBe(true);
        // What is taken out takes the comment on its own line along.
        const kept = comments(changed);
        const lost = comments(now).filter((comment) => own.has(comment) && !kept.includes(comment));
        expect(one.kind === 'set' ? lost : []).toEqual([]);
        now = changed;
      }
    }),
    { numRuns: 400 },
  );
});
