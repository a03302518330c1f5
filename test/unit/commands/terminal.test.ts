import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTokens, parseUsd } from '../../../main/commands/budget-words.ts';
import { invocationOf, toTypedHere } from '../../../main/commands/invocation.ts';
import { createAnswerList } from '../../../main/commands/run/answer-list.ts';
import { findExampleFleet } from '../../../main/commands/run/example-fleet.ts';
import { openLiveBlock } from '../../../main/commands/run/live-block.ts';
import { progressLines } from '../../../main/commands/run/progress-lines.ts';
import { toOneLine, widthOf } from '../../../main/commands/text-width.ts';
import type { AgentActivity, FinishedAgent, RunProgress } from '../../../shared/model/run-summary.ts';

const PROGRESS = {
  state: 'running',
  agents: 72,
  agentsDone: 36,
  agentsRunning: 12,
  agentsFailed: 1,
  toolCalls: 81,
  turns: 90,
  costUsd: 1.25,
} as RunProgress;

function ended(agent: number, more: Partial<FinishedAgent> = {}): FinishedAgent {
  const stop = { kind: 'answered' } as const;
  return { agent, name: `agent-${agent}`, state: 'done', stop, answer: `answer ${agent}`, ...more } as FinishedAgent;
}

test('a line cut to a width never takes more columns than it may, whatever the letters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 120 }), (text, columns) => {
      expect(widthOf(toOneLine(text, columns))).toBeLessThanOrEqual(columns);
    }),
  );
  expect(toOneLine('日本語のテキスト', 9)).toBe('日本語の…');
});

test('no line of the live display is wider than the terminal', () => {
  const atWork = [
    {
      agent: 1,
      name: 'a name of some length that goes on',
      state: 'running tools',
      sinceMs: 0,
      detail: 'x'.repeat(160),
    },
    { agent: 2, name: '日本', state: 'asking', sinceMs: 9_000 },
  ] satisfies AgentActivity[];
  fc.assert(
    fc.property(fc.integer({ min: 21, max: 200 }), (columns) => {
      const lines = progressLines({ progress: PROGRESS, atWork, perSec: 9.5, nowMs: 10_000, columns });
      for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
    }),
  );
});

test('the live block goes up by the rows its lines take after the terminal has become narrower', () => {
  let written = '';
  const terminal = { columns: 80, write: (text: string) => (written += text) };
  using block = openLiveBlock(terminal);
  block.draw(['x'.repeat(79), 'short']);
  terminal.columns = 40;
  written = '';
  block.draw(['new']);
  expect(written).toContain('\u001b[3A\r');
});

test('of many agents the first answers are shown, one a line, with how many more there are, and why agents failed', () => {
  const list = createAnswerList(40);
  for (let agent = 39; agent >= 1; agent--) list.add(ended(agent, { answer: 'two\n lines' }));
  list.add(ended(1));
  list.add(ended(0, { state: 'failed', stop: { kind: 'failed', code: 'X', message: 'It broke.' } }));
  const lines = list.toText(60, 'SHOW').split('\n');
  expect(lines).toHaveLength(14);
  expect(lines[0]).toBe('  ✓ agent-1   two · lines');
  expect(lines[12]).toBe('  … and 27 more: SHOW');
  expect(lines[13]).toBe('  ✗ agent-0   It broke.');
});

test('the answers of a very small fleet are shown whole', () => {
  const list = createAnswerList(1);
  list.add(ended(0, { answer: 'first\nsecond' }));
  expect(list.toText(60, 'SHOW')).toBe('  ✓ agent-0\n      first\n      second');
});

test('without its repository the program surveys the sample that comes along', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'installed-'));
  const root = pathToFileURL(`${folder}/`);
  expect(() => findExampleFleet(root)).toThrow(/Name the fleet file/);
  await mkdir(join(folder, 'examples'));
  for (const name of ['repo-survey', 'sample-survey']) await writeFile(join(folder, 'examples', `${name}.yaml`), '');
  expect(findExampleFleet(root)).toBe(join(folder, 'examples', 'sample-survey.yaml'));
  expect(findExampleFleet()).toMatch(/repo-survey\.yaml$/);
  await rm(folder, { recursive: true });
});

test('commands are named as they are typed here', () => {
  expect(invocationOf({ npm_lifecycle_event: 'fleet' }, '/src/flotilla/')).toBe('npm run -s flotilla --');
  expect(invocationOf({ PATH: '' }, '/src/flotilla/')).toBe('npm run -s flotilla --');
  expect(invocationOf({ PATH: '' }, '/usr/lib/node_modules/flotilla/')).toBe('flotilla');
  expect(toTypedHere('Use "flotilla run FILE" now.', 'npm run -s flotilla --')).toBe(
    'Use "npm run -s flotilla -- run FILE" now.',
  );
});

test.each([
  ['200000', 200_000],
  ['200,000', 200_000],
  ['200k', 200_000],
  ['1.5M tokens', 1_500_000],
])('"%s" is a number of tokens', (text, tokens) => expect(parseTokens(text)).toEqual({ tokens }));

test.each(['', '0', '-5', 'abc', '1.5', '1e9', '9999999999999'])('"%s" is no number of tokens', (text) =>
  expect(parseTokens(text)).toContain('is not a number of tokens'),
);

test('amounts of money are read with and without a sign, and nothing else is', () => {
  expect([parseUsd('5'), parseUsd('$2.50')]).toEqual([{ usd: 5 }, { usd: 2.5 }]);
  for (const text of ['', '0', '-1', 'five']) expect(parseUsd(text)).toContain('is not an amount');
});
