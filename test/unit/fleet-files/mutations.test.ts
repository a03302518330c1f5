import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkFleetFile } from '../../../runtime/fleet/read-fleet.ts';
import { isAppError } from '../../../shared/errors/app-error.ts';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'fleets');
const path = join(folder, 'everything.yaml');
const original = readFileSync(path);

/** What means something to YAML, to placeholders or to a number. */
const TOKENS = [
  '\t',
  '\n',
  '\n  ',
  '\r',
  ':',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '*a',
  '&a ',
  '!',
  '#',
  '|',
  '>',
  '%',
  '@',
  '? ',
  '<<',
  '{{',
  '}}',
  '---\n',
  '...\n',
  '\uFEFF',
  '\0',
  '\u2028',
  '0x',
  '.inf',
  '.nan',
  'null',
  '~',
  '-1',
  '1e999',
];

const mutation = fc.oneof(
  fc.record({ at: fc.nat(), remove: fc.integer({ min: 1, max: 30 }), insert: fc.constant('') }),
  fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), insert: fc.string({ maxLength: 4, unit: 'binary' }) }),
  fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 2 }),
    insert: fc.constantFrom(...TOKENS),
  }),
);

function mutate(text: Buffer, { at, remove, insert }: { at: number; remove: number; insert: string }): Buffer {
  const from = at % (text.length + 1);
  return Buffer.concat([text.subarray(0, from), Buffer.from(insert), text.subarray(from + remove)]);
}

async function check(text: string) {
  try {
    return await checkFleetFile({ path, text });
  } catch (error) {
    // Anything but a coded error is a defect.
    if (isAppError(error) && error.code !== 'INTERNAL') return undefined;
    throw error;
  }
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
}

test('the file that is mutated is right before', async () => {
  const { problems, plan } = (await check(original.toString())) as NonNullable<Awaited<ReturnType<typeof check>>>;
  expect(problems).toEqual([]);
  expect(plan?.agents.length).toBe(14);
});

test('a file changed at random is either right or has problems whose places are inside it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const text = mutations.reduce(mutate, original).toString();
      const result = await check(text);
      if (result === undefined) return;
      expect(result.plan === undefined).toBe(result.problems.length > 0);
      const lines = linesOf(text);
      for (const { file, line, column, message } of result.problems) {
        expect(message).not.toMatch(/Invalid input|undefined|NaN|\[object|Error:/);
        if (file !== path) continue;
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      }
      const places = result.problems.map(({ file, line, column }) => [file === path ? 0 : 1, line, column]);
      expect(places).toEqual(places.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!));
    }),
    { numRuns: 400 },
  );
});
