import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toProblemText, validate } from '../../../main/commands/validate.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');

async function run(name: string, json: boolean, set: readonly string[] = []) {
  const lines: string[] = [];
  const code = await validate(join(fixtures, name), { json, print: (line) => lines.push(line) }, set);
  return { code, lines };
}

test('a right file ends with 0, and with nothing but warnings on JSON lines', async () => {
  const { code, lines } = await run('fleets/everything.yaml', true);
  expect([code, lines.map((line) => (JSON.parse(line) as { type: string }).type)]).toEqual([0, ['warning']]);
  expect((await run('fleets/everything.yaml', false)).lines).toEqual([
    expect.stringMatching(/^warning: shell is offered to lines and refused at each call/),
    expect.stringMatching(/everything\.yaml is right: 14 agents\.$/),
  ]);
});

test('a wrong file ends with 3 and one JSON line per mistake, with the promised fields', async () => {
  const { code, lines } = await run('fleet-mistakes/key-unknown.yaml', true);
  expect(code).toBe(3);
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    {
      type: 'problem',
      file: expect.stringContaining('key-unknown.yaml'),
      line: 4,
      column: 1,
      message: 'unknown key `modle`',
      hint: 'did you mean `model`?',
    },
    expect.objectContaining({ line: 6, column: 3, hint: 'did you mean `minutes`?' }),
    expect.objectContaining({ line: 8, column: 3 }),
  ]);
});

test('people see the line with a caret under the place, and how many mistakes there are', async () => {
  const { lines } = await run('fleet-mistakes/version-wrong.yaml', false);
  expect(lines[0]).toMatch(
    /version-wrong\.yaml:1:11 {2}flotilla: expected 1, got 2\n {2}1 \| flotilla: 2\n {4}\| {11}\^\n {2}hint: write 1$/,
  );
  expect(lines[1]).toMatch(/has 1 mistake\.$/);
});

test('what is set on the command line is checked too', async () => {
  expect((await run('fleets/everything.yaml', true, ['limits.turns=0'])).code).toBe(3);
  expect((await run('fleet-mistakes/version-wrong.yaml', true, ['flotilla=1'])).code).toBe(0);
});

test('a file cannot make the terminal obey it', () => {
  const text = toProblemText({
    file: 'a\u001B[2J.yaml',
    line: 1,
    column: 3,
    message: 'unknown tool `\u009B31m`',
    sourceLine: '\t\u001B]0;x\u0007',
  });
  expect(text).not.toMatch(/(?![\t\n])\p{Cc}/u);
  expect(text.split('\n').at(-1)).toBe('    | \t ^');
});

test('a file that is not there is one sentence', async () => {
  await expect(run('none.yaml', true)).rejects.toMatchObject({ code: 'FLEET_NOT_FOUND' });
});
