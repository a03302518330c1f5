import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../../../runtime/time/clock.ts';
import { linesOf } from '../cli/command-line.ts';
import { findMarked, MARK_NAME } from '../../support/marked-processes.ts';
import { allGone, createSite, descendantsOf, only, runIdOf, TRACE } from '../../support/program.ts';

const TEN_THOUSAND = fileURLToPath(new URL('../../../examples/ten-thousand-calls.yaml', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../../fixtures/programs', import.meta.url));

/** Beyond the time in which two signals count as one. */
const ANOTHER_SIGNAL_MS = 350;

/** Of the tokens that all calls of the example take, less than half. */
const HALF_THE_TOKENS = 2_500_000;

async function ledgerOf(dataDir: string, runId: string): Promise<string[]> {
  const text = await readFile(join(dataDir, 'runs', runId, 'calls.log'), 'latin1');
  return text.split('\n').slice(0, -1);
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle, twice within 300 ms, is one clean stop: what was done is kept, and a resume does the rest',
  async (signal) => {
    await using site = await createSite();
    await using running = site.start(['run', TEN_THOUSAND]);
    const runId = await runIdOf(running);
    await running.says('agent.finished');
    const family = descendantsOf(running.pid);
    running.kill(signal);
    running.kill(signal);
    const { code, stdout, stderr } = await running.ended;
    const end = only(linesOf(stdout), 'run.finished');
    expect([code, end]).toMatchObject([130, { runId, state: 'stopped', lost: 0, duplicated: 0 }]);
    expect(stderr).toContain(`run --resume ${runId}`);
    expect(stderr).not.toMatch(TRACE);
    await allGone(family);

    const done = Number(end['toolCalls']);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(10_000);
    const { lines } = await site.run(['history', 'show', runId]);
    expect(lines[0]).toMatchObject({ type: 'run', state: 'stopped', toolCalls: done });
    expect(lines.filter(({ type }) => type === 'toolCall')).toHaveLength(done);

    const resumed = await site.run(['run', '--resume', runId]);
    expect(resumed.code).toBe(0);
    expect(only(resumed.lines, 'run.finished')).toMatchObject({ state: 'done', failed: 0, lost: 0, duplicated: 0 });
    const ledger = await ledgerOf(site.dataDir, runId);
    expect(new Set(ledger).size).toBe(ledger.length);
  },
);

test('a second signal later ends a run at once that does not want to stop, and leaves nothing alive', async () => {
  await using site = await createSite();
  const mark = `second-signal-${process.pid}`;
  const agent = `{ kind: command, name: deaf, environment: [${MARK_NAME}], command: ['${PROGRAMS}/ignores-sigterm.sh'], prompt: go }`;
  const fleet = await site.fleet('deaf', `agents: [${agent}]\n`);
  await using running = site.start(['run', fleet], {
    [MARK_NAME]: mark,
    FLOTILLA_AGENTS_STOP_DEADLINE_MS: '60000',
    // The launcher outlives main by this time, to force what was asked.
    FLOTILLA_PROCESS_STOP_GRACE_MS: '3000',
  });
  await runIdOf(running);
  const deaf = () => findMarked(mark).filter(({ command }) => command.includes('ignores-sigterm'));
  await expect.poll(() => deaf().length, { timeout: 10_000 }).toBeGreaterThan(0);
  const family = descendantsOf(running.pid);
  running.kill('SIGTERM');
  await running.says('Stopping cleanly');
  await systemClock.sleep(ANOTHER_SIGNAL_MS);
  running.kill('SIGTERM');
  expect((await running.ended).code).toBe(130);
  await expect.poll(() => findMarked(mark), { timeout: 10_000 }).toEqual([]);
  await allGone(family);
});

test('a budget used up in the middle pauses the run with exit 2, and a raised one finishes it with exit 0', async () => {
  await using site = await createSite();
  const first = await site.run(['run', TEN_THOUSAND, '--set', `budget.tokens=${HALF_THE_TOKENS}`]);
  const paused = only(first.lines, 'run.finished');
  const runId = String(paused['runId']);
  expect([first.code, paused]).toMatchObject([2, { state: 'paused', lost: 0, duplicated: 0 }]);
  expect(Number(paused['toolCalls'])).toBeGreaterThan(0);
  expect(Number(paused['toolCalls'])).toBeLessThan(10_000);
  expect(first.stderr).toMatch(new RegExp(`run --resume ${runId} .*--set budget\\.tokens=`));
  expect((await site.run(['history', 'list'])).lines).toMatchObject([{ runId, state: 'paused' }]);

  const second = await site.run(['run', '--resume', runId, '--set', 'budget.tokens=100000000']);
  expect([second.code, only(second.lines, 'run.finished')]).toMatchObject([
    0,
    { runId, state: 'done', failed: 0, toolCalls: 10_000, lost: 0, duplicated: 0 },
  ]);
  expect(new Set(await ledgerOf(site.dataDir, runId)).size).toBe(10_000);
});

test('an agent that reaches a limit counts as done, marked, and the run ends with exit 0', async () => {
  await using site = await createSite();
  const { code, lines } = await site.run(['run', TEN_THOUSAND, '--set', 'limits.turns=2']);
  expect(code).toBe(0);
  expect(only(lines, 'run.finished')).toMatchObject({
    state: 'done',
    agents: 240,
    failed: 0,
    atLimit: 240,
    toolCalls: 240 * 14,
    lost: 0,
    duplicated: 0,
  });
  expect(lines.find(({ type }) => type === 'agent.finished')).toMatchObject({
    state: 'limit reached',
    stop: { kind: 'limit', limit: 'turns', at: 2 },
  });
});

test('agents that failed make exit 1, and --only failed runs those again and no other', async () => {
  await using site = await createSite();
  await writeFile(join(site.folder, 'log'), '');
  const command = ['sh', '-c', 'echo "$1" >> log; test -e ready || test "$1" != 2', 'sh'];
  const agent = { kind: 'command', name: 'tried', count: 4, command, prompt: '{{index}}' };
  const fleet = await site.fleet('tried', `agents: [${JSON.stringify(agent)}]\n`);
  const first = await site.run(['run', fleet]);
  const runId = String(only(first.lines, 'run.finished')['runId']);
  expect([first.code, only(first.lines, 'run.finished')]).toMatchObject([1, { state: 'done', failed: 1 }]);
  expect(first.stderr).toMatch(new RegExp(`run --resume ${runId} .*--only failed`));

  await writeFile(join(site.folder, 'ready'), '');
  const second = await site.run(['run', '--resume', runId, '--only', 'failed']);
  expect([second.code, only(second.lines, 'run.finished')]).toMatchObject([0, { runId, state: 'done', failed: 0 }]);
  expect(second.lines.filter(({ type }) => type === 'agent.finished')).toMatchObject([{ state: 'done' }]);
  const tries = (await readFile(join(site.folder, 'log'), 'utf8')).trimEnd().split('\n');
  expect(tries.slice(0, 4).toSorted()).toEqual(['1', '2', '3', '4']);
  expect(tries.slice(4)).toEqual(['2']);

  const third = await site.run(['run', '--resume', runId, '--only', 'failed']);
  expect([third.code, third.stdout]).toEqual([3, '']);
  expect(third.stderr).toContain('No agent');
});
