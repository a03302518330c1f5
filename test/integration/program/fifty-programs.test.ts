import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { linesOf, type JsonLine } from '../cli/command-line.ts';
import { findMarked, MARK_NAME } from '../../support/marked-processes.ts';
import { allGone, createSite, descendantsOf, only, peakRssBytesOf, TRACE } from '../../support/program.ts';

const PROGRAMS = fileURLToPath(new URL('../../fixtures/programs', import.meta.url));
const ORDINARY = 42;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const KEPT_BYTES = 10_000;

/** One program each, by its name in the fleet; minutes are the time limit of those that do not end. */
const UNRULY: Readonly<Record<string, { command: readonly string[]; minutes?: number }>> = {
  stubborn: { command: [`${PROGRAMS}/ignores-sigterm.sh`], minutes: 0.05 },
  forking: { command: [`${PROGRAMS}/forks-and-exits.sh`] },
  daemon: { command: [`${PROGRAMS}/becomes-daemon.sh`] },
  loud: { command: [`${PROGRAMS}/prints-one-gigabyte.sh`] },
  failing: { command: [`${PROGRAMS}/fails.sh`] },
  killed: { command: ['sh', '-c', 'kill -9 $$'] },
  late: { command: ['sh', '-c', 'echo begun; sleep 600'], minutes: 0.04 },
  missing: { command: [`${PROGRAMS}/is-not-there.sh`] },
};

function toFleet(): string {
  const agents = [
    {
      kind: 'command',
      name: 'ordinary',
      count: ORDINARY,
      command: [`${PROGRAMS}/echoes.sh`],
      prompt: 'prompt {{index}}',
    },
    ...Object.entries(UNRULY).map(([name, more]) => ({ kind: 'command', name, prompt: `prompt of ${name}`, ...more })),
  ].map((agent) => ({ ...agent, environment: [MARK_NAME] }));
  // JSON is YAML.
  return `agents: ${JSON.stringify(agents)}\nlimits: { concurrentAgents: 50, minutes: 2 }\n`;
}

test('fifty programs in one fleet, eight of them unruly: every result is right, nothing lives on, memory is bounded', async () => {
  await using site = await createSite();
  const mark = `fifty-programs-${process.pid}`;
  const fleet = await site.fleet('fifty', toFleet());
  await using running = site.start(['run', fleet], {
    [MARK_NAME]: mark,
    FLOTILLA_PROCESS_MAX_RUNNING: '50',
    FLOTILLA_PROCESS_MAX_OUTPUT_BYTES: String(KEPT_BYTES),
    FLOTILLA_PROCESS_STOP_GRACE_MS: '500',
  });
  const seen = { peakRssBytes: 0, family: new Set<number>() };
  const watch = setInterval(() => {
    seen.peakRssBytes = Math.max(seen.peakRssBytes, peakRssBytesOf(running.pid));
    for (const pid of descendantsOf(running.pid)) seen.family.add(pid);
  }, 200);
  const { code, stdout, stderr } = await running.ended.finally(() => clearInterval(watch));

  expect(stderr).not.toMatch(TRACE);
  expect(findMarked(mark)).toEqual([]);
  await allGone([...seen.family]);
  expect(seen.family.size).toBeGreaterThan(0);
  expect(seen.peakRssBytes).toBeGreaterThan(0);
  expect(seen.peakRssBytes).toBeLessThan(400 * MIB);

  const lines = linesOf(stdout);
  const ends = new Map(
    lines.filter(({ type }) => type === 'agent.finished').map((line) => [String(line['agent']), line]),
  );
  expect([code, ends.size]).toEqual([1, ORDINARY + Object.keys(UNRULY).length]);
  for (let index = 0; index < ORDINARY; index++) {
    const name = `ordinary-${String(index + 1).padStart(2, '0')}`;
    expect(ends.get(name)).toMatchObject({ state: 'done', answer: expect.stringMatching(/^prompt \d+$/) });
  }
  expect(new Set([...ends.values()].filter(isOrdinary).map((line) => line['answer'])).size).toBe(ORDINARY);
  expect(ends.get('stubborn')).toMatchObject({
    state: 'limit reached',
    stop: { kind: 'limit', limit: 'minutes', at: 0.05 },
    answer: expect.stringMatching(/^ready\s+heard$/),
  });
  expect(ends.get('forking')).toMatchObject({ state: 'done', answer: 'prompt of forking' });
  expect(ends.get('daemon')).toMatchObject({ state: 'done', answer: 'prompt of daemon' });
  expect(ends.get('loud')).toMatchObject({
    state: 'done',
    answer: `${'x'.repeat(KEPT_BYTES)}\n[${GIB - KEPT_BYTES} more bytes were cut]`,
  });
  expect(ends.get('failing')).toMatchObject({
    state: 'failed',
    stop: { code: 'PROGRAM_FAILED', message: expect.stringMatching(/exit code 3: the last line says why$/) },
    answer: 'part of an answer',
  });
  expect(ends.get('killed')).toMatchObject({
    stop: { code: 'PROGRAM_FAILED', message: expect.stringContaining('SIGKILL') },
  });
  expect(ends.get('late')).toMatchObject({ state: 'limit reached', answer: 'begun' });
  expect(ends.get('missing')).toMatchObject({ state: 'failed', stop: { code: 'PROGRAM_NOT_FOUND' } });
  expect(only(lines, 'run.finished')).toMatchObject({ state: 'done', agents: 50, failed: 3, atLimit: 2 });

  // History says the same.
  const { runId } = only(lines, 'run.finished');
  const shown = await site.run(['history', 'show', String(runId)]);
  const sessions = shown.lines.filter(({ type }) => type === 'session');
  expect(sessions.map(({ name, state, answer }) => ({ name, state, answer }))).toEqual(
    sessions
      .map(({ name }) => ends.get(String(name)))
      .map((end) => ({
        name: end?.['agent'],
        state: end?.['state'],
        answer: end?.['answer'],
      })),
  );
  expect(sessions).toHaveLength(50);
});

function isOrdinary(line: JsonLine): boolean {
  return String(line['agent']).startsWith('ordinary');
}
