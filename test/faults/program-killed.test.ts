import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../../runtime/time/clock.ts';
import { allGone, createSite, descendantsOf, only, runIdOf } from '../support/program.ts';

const TEN_THOUSAND = fileURLToPath(new URL('../../examples/ten-thousand-calls.yaml', import.meta.url));

/** History promises 100 ms; the rest is for the clocks of two processes and for a look that was late. */
const MUST_BE_RECORDED_MS = 150;

/** Calls after which the program is killed: somewhere in the middle. */
const CALLS_BEFORE_KILL = 3_000;

const LOOK_EVERY_MS = 5;

interface Look {
  readonly atMs: number;
  /** Complete lines the ledger had. */
  readonly lines: number;
}

/** Looks at the ledger until it holds so many calls, and notes when it had how many. */
async function watchLedger(path: string, untilLines: number): Promise<Look[]> {
  const looks: Look[] = [];
  while ((looks.at(-1)?.lines ?? 0) < untilLines) {
    looks.push({ atMs: Date.now(), lines: readLines(path).length });
    await systemClock.sleep(LOOK_EVERY_MS);
  }
  return looks;
}

/** How long this machine, busy with other things, kept this process waiting for its turn; so it may have kept the program. */
function longestWaitMs(looks: readonly Look[]): number {
  const waits = looks.slice(1).map(({ atMs }, index) => atMs - looks[index]!.atMs - LOOK_EVERY_MS);
  return Math.max(0, ...waits);
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

test('after kill -9 nothing older than 100 ms is missing, nothing lives on, and a resume does each call once', async () => {
  await using site = await createSite();
  await using running = site.start(['run', TEN_THOUSAND]);
  const runId = await runIdOf(running);
  const ledger = join(site.dataDir, 'runs', runId, 'calls.log');
  const looks = await watchLedger(ledger, CALLS_BEFORE_KILL);
  const family = descendantsOf(running.pid);
  const killedAtMs = Date.now();
  running.kill('SIGKILL');
  expect((await running.ended).code).toBe('SIGKILL');
  // The launcher and the simulator, at least.
  expect(family.length).toBeGreaterThanOrEqual(2);
  await allGone(family);

  const { lines: runs } = await site.run(['history', 'list']);
  expect(runs).toMatchObject([{ type: 'run', runId, state: 'interrupted' }]);
  expect((await site.run(['history', 'verify'])).lines).toEqual([{ type: 'verify', ok: true, problems: [] }]);
  const { lines } = await site.run(['history', 'show', runId]);
  const calls = lines.filter(({ type }) => type === 'toolCall');
  const recorded = new Set(calls.map((call) => `${String(call['agent'])}-${String(call['call'])}`));
  const oldBeforeMs = killedAtMs - MUST_BE_RECORDED_MS - longestWaitMs(looks);
  const oldLines = looks.findLast(({ atMs }) => atMs < oldBeforeMs)?.lines ?? 0;
  const old = readLines(ledger).slice(0, oldLines);
  expect(old.length).toBeGreaterThan(0);
  expect(old.filter((id) => !recorded.has(id))).toEqual([]);
  expect(new Set(calls.map((call) => call['state']))).not.toContain('running');

  const resumed = await site.run(['run', '--resume', runId]);
  expect(resumed.code).toBe(0);
  expect(only(resumed.lines, 'run.finished')).toMatchObject({
    runId,
    state: 'done',
    agents: 240,
    failed: 0,
    toolCalls: 10_000,
    lost: 0,
    duplicated: 0,
  });
  expect(new Set(readLines(ledger)).size).toBe(readLines(ledger).length);
  expect((await site.run(['history', 'list'])).lines).toMatchObject([{ runId, state: 'done', toolCalls: 10_000 }]);
});
