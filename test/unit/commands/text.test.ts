import fc from 'fast-check';
import { expect, test } from 'vitest';
import { problemLines } from '../../../main/commands/failure.ts';
import { toPlainText } from '../../../main/commands/output.ts';
import { summaryOf } from '../../../main/commands/run/run-summary.ts';
import { toDuration, toSize, toTable } from '../../../main/commands/text-table.ts';
import type { RunReport } from '../../../shared/model/run-summary.ts';

const REPORT: RunReport = {
  runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  fleet: 'survey',
  state: 'done',
  startedAtMs: 0,
  agents: 3,
  agentsDone: 3,
  agentsFailed: 1,
  agentsAtLimit: 0,
  agentsCutShort: 0,
  workedMs: 0,
  agentsRunning: 0,
  turns: 4,
  toolCalls: 8,
  toolCallsFailed: 0,
  retries: 0,
  inputTokens: 10,
  outputTokens: 5,
  costUsd: 0.5,
  unpricedTurns: 0,
  lost: 0,
  duplicated: 0,
  ms: 2_000,
  peakRssBytes: 2 ** 20,
  latencyMs: { p50: undefined, p99: undefined },
};

test('whatever a model says, no control character reaches the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const controls = Array.from(toPlainText(text)).filter(
        (letter) => /\p{Cc}/u.test(letter) && letter !== '\n' && letter !== '\t',
      );
      expect(controls).toEqual([]);
    }),
  );
  expect(toPlainText('\u001b]0;owned\u0007\u001b[2Jplain\ttext\r\n')).toBe('plain\ttext\n');
});

test('a price that is not known is never shown as nothing', () => {
  const cost = (report: Partial<RunReport>): string =>
    /cost +(.*)/.exec(summaryOf({ ...REPORT, ...report }, { dataDir: '/data' }))?.[1] ?? '';
  expect(cost({})).toBe('$0.5000');
  expect(cost({ costUsd: 0, unpricedTurns: 4 })).toBe('unknown');
  expect(cost({ unpricedTurns: 1 })).toBe('$0.5000 and 1 turn of unknown price');
});

test('a run without tool calls has no latency, and the summary says where history and results are', () => {
  const summary = summaryOf(REPORT, { dataDir: '/data', resultsPath: '/out/results.jsonl' });
  expect(summary).toContain('p50 –, p99 –');
  expect(summary).toContain('/data');
  expect(summary).toContain('/out/results.jsonl');
});

test('the summary of a run that was stopped says how many agents that cut short', () => {
  expect(summaryOf({ ...REPORT, agentsCutShort: 2 }, { dataDir: '/data' })).toMatch(/agents +\S+ \(.*, 2 stopped/);
  expect(summaryOf(REPORT, { dataDir: '/data' })).not.toContain('stopped');
});

test('a table keeps its columns, words to the left and numbers to the right', () => {
  expect(
    toTable(
      ['name', 'count'],
      [
        ['a', '1'],
        ['long', '1,000'],
      ],
    ),
  ).toBe(['name  count', 'a         1', 'long  1,000'].join('\n'));
});

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [3 * 2 ** 30, '3.0 GiB'],
])('%d bytes read "%s"', (bytes, text) => expect(toSize(bytes)).toBe(text));

test.each([
  [1.25, '1.3 ms'],
  [870, '870 ms'],
  [12_340, '12.3 s'],
  [245_000, '4 min 05 s'],
])('%d ms read "%s"', (ms, text) => expect(toDuration(ms)).toBe(text));

test('of very many mistakes the first are listed and the rest counted', () => {
  const problem = { file: 'a.yaml', line: 1, column: 2, message: 'wrong', hint: 'right' };
  const lines = problemLines(Array.from({ length: 60 }, () => problem));
  expect(lines).toHaveLength(51);
  expect(lines[0]).toBe('  a.yaml:1:2 wrong (right)');
  expect(lines.at(-1)).toContain('10 more');
});
