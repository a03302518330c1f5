import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toCommandEnvironment } from '../../../runtime/agent/command-environment.ts';
import { prepareCommand } from '../../../runtime/agent/command-line.ts';
import type { CommandAgentPlan } from '../../../shared/fleet/fleet-plan.ts';

const PROMPT = 'do {{promptFile}} and {{prompt}} "as $1 it" is';

async function prepare(command: string[], promptBy: CommandAgentPlan['promptBy']) {
  return prepareCommand({ kind: 'command', index: 0, name: 'a', prompt: PROMPT, command, promptBy, environment: [] });
}

test.each([
  ['last argument', ['codex', 'exec'], ['codex', 'exec', PROMPT]],
  ['where it is mentioned', ['codex', '-p={{prompt}}', '-v'], ['codex', `-p=${PROMPT}`, '-v']],
] as const)('a prompt by argument stands as %s, and is itself not filled in', async (_, command, expected) => {
  await using prepared = await prepare([...command], 'argument');
  expect(prepared).toMatchObject({ command: expected, input: undefined });
});

test('a prompt by standard input is in no argument', async () => {
  await using prepared = await prepare(['claude', '-p'], 'stdin');
  expect(prepared).toMatchObject({ command: ['claude', '-p'], input: PROMPT });
});

test.each([[['tool']], [['tool', '--from', '{{promptFile}}']]])(
  '%j gets a file only its owner reads, and it goes away',
  async (command) => {
    let path: string;
    {
      await using prepared = await prepare(command, 'file');
      path = prepared.command.at(-1)!;
      expect(prepared.command).toHaveLength(command.includes('--from') ? 3 : 2);
      expect(readFileSync(path, 'utf8')).toBe(PROMPT);
      expect(statSync(path).mode & 0o077).toBe(0);
    }
    expect(existsSync(path)).toBe(false);
  },
);

test('the environment holds the plain variables, those named, and nothing else', () => {
  const source = { PATH: '/bin', HOME: '/h', AWS_SECRET: 's', TERM: 'xterm', KEY: 'k' };
  expect(toCommandEnvironment(['KEY', 'ABSENT'], source)).toEqual({ PATH: '/bin', HOME: '/h', TERM: 'dumb', KEY: 'k' });
  expect(toCommandEnvironment(['TERM'], source)['TERM']).toBe('xterm');
});
