import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validate } from '../../../main/commands/validate.ts';
import { BUILT_IN_NEEDS } from '../../../main/fleets/preview-warnings.ts';
import { builtInTools } from '../../../runtime/tools/built-in-tools.ts';
import { temporaryDirectory } from '../../support/history-events.ts';

test('validate warns of a tool that each call of would be refused, and the fleet stays right', async () => {
  using folder = temporaryDirectory();
  const path = join(folder.path, 'fleet.yaml');
  await writeFile(
    path,
    'flotilla: 1\nname: t\nmodel: sim/default\ntools: [shell, read_file]\nagents: [{ name: a, prompt: Hi }]\n',
  );
  const said: string[] = [];
  const validated = async (json: boolean) => await validate(path, { json, print: (line) => void said.push(line) });
  expect([await validated(false), await validated(true)]).toEqual([0, 0]);
  expect(said).toEqual([
    expect.stringMatching(/^warning: shell is offered to a and refused at each call; add "- shell" under "allow:"/),
    expect.stringContaining('is right: 1 agent.'),
    expect.stringMatching(/^\{"type":"warning","message":"shell is offered/),
  ]);
});

test('the built-in tools need what the warnings say they need', async () => {
  await using built = builtInTools({
    cpuWorkers: {} as never,
    processes: {} as never,
    settings: () => ({}) as never,
  });
  const needs = built.tools.flatMap(({ name, needs: need }) => (need === undefined ? [] : [[name, need] as const]));
  expect(new Map(needs)).toEqual(BUILT_IN_NEEDS);
});
