import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { linesOf, type JsonLine } from '../cli/command-line.ts';
import { createSite, only, runIdOf, type Site } from '../../support/program.ts';

const CLI = fileURLToPath(new URL('../../../main/cli.ts', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../../examples/sample-survey.yaml', import.meta.url));
const SLEEPING = 'agents: [{ kind: command, name: sleeper, command: [sleep, "60"], promptBy: stdin, prompt: go }]\n';

/** What the page of the command line promises of each line, beside its type. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  'run.started': ['runId', 'agents'],
  'run.progress': ['done', 'total', 'perSec'],
  'agent.finished': ['agent', 'state', 'turns', 'toolCalls', 'tokens', 'costUsd', 'ms', 'answer'],
  'run.finished': 'runId state agents failed toolCalls lost duplicated ms peakRssBytes latencyMs'.split(' '),
  run: ['runId', 'state'],
  session: ['runId', 'agent'],
  turn: ['runId', 'agent', 'turn'],
  toolCall: ['runId', 'agent', 'tool', 'state', 'ms', 'arguments', 'output'],
  hit: ['runId'],
  size: ['table', 'bytes'],
  verify: ['ok', 'problems'],
  export: ['runId', 'path'],
  setting: ['key', 'wanted', 'effective', 'unit', 'default', 'applies', 'source'],
  change: ['key', 'from', 'to', 'by', 'atMs'],
  lane: ['name', 'running', 'waiting', 'max', 'queueCapacity', 'refused'],
  thread: ['name'],
  provider: ['name'],
  cache: ['name'],
  instance: ['pid', 'version'],
  memory: ['rssBytes'],
  problem: ['file', 'line', 'column', 'message'],
};

/** The types of these lines, each checked for what is promised of it. */
function typesOf(lines: readonly JsonLine[]): string[] {
  for (const line of lines) {
    const missing = (PROMISED[line.type] ?? ['a promise']).filter((key) => !(key in line));
    expect([line.type, missing]).toEqual([line.type, []]);
  }
  return [...new Set(lines.map(({ type }) => type))].toSorted();
}

async function typesFrom(site: Site, args: readonly string[]): Promise<string[]> {
  const { code, lines } = await site.run(args);
  expect([args, code]).toEqual([args, 0]);
  return typesOf(lines);
}

/** Runs a line of shell in which `$flotilla` is the program. */
function shell(line: string): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, flotilla: `${process.execPath} ${CLI}` };
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', line], { env, timeout: 60_000, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error) reject(error);
      else resolve({ stdout, stderr });
    });
  });
}

test('every command says with --json what is promised, one object a line, and nothing else', async () => {
  await using site = await createSite();
  const run = await site.run(['run', SAMPLE]);
  expect(typesOf(run.lines)).toEqual(['agent.finished', 'run.finished', 'run.progress', 'run.started']);
  expect([run.lines[0]?.type, run.lines.at(-1)?.type]).toEqual(['run.started', 'run.finished']);
  const { runId, latencyMs } = only(run.lines, 'run.finished');
  expect(latencyMs).toEqual({ p50: expect.any(Number) as number, p99: expect.any(Number) as number });

  expect(await typesFrom(site, ['history', 'list'])).toEqual(['run']);
  expect(await typesFrom(site, ['history', 'show', String(runId)])).toEqual(['run', 'session', 'toolCall', 'turn']);
  expect(await typesFrom(site, ['history', 'search', 'outline_file'])).toEqual(['hit']);
  expect(await typesFrom(site, ['history', 'size'])).toEqual(['size']);
  expect(await typesFrom(site, ['history', 'verify'])).toEqual(['verify']);
  const out = `${site.folder}/run.jsonl`;
  expect(await typesFrom(site, ['history', 'export', String(runId), '--out', out])).toEqual(['export']);
  expect(await typesFrom(site, ['settings', 'list'])).toEqual(['setting']);
  expect(await typesFrom(site, ['settings', 'set', 'io.maxRunning', '99'])).toEqual(['setting']);
  expect(await typesFrom(site, ['settings', 'get', 'io.maxRunning'])).toEqual(['setting']);
  expect(await typesFrom(site, ['settings', 'history'])).toEqual(['change']);
  expect(await typesFrom(site, ['settings', 'undo'])).toEqual(['change']);
  expect(await typesFrom(site, ['status'])).toEqual([]);

  await using running = site.start(['run', await site.fleet('sleeping', SLEEPING)]);
  const live = await runIdOf(running);
  expect(await typesFrom(site, ['status'])).toEqual(
    expect.arrayContaining(['instance', 'lane', 'memory', 'run', 'thread']),
  );
  for (const verb of ['pause', 'resume', 'stop']) expect(await typesFrom(site, [verb, live])).toEqual(['run']);
});

test('validate says nothing of a right file, and a line for each mistake of a wrong one', async () => {
  await using site = await createSite();
  const right = await site.run(['validate', SAMPLE]);
  expect([right.code, right.stdout, right.stderr]).toEqual([0, '', '']);
  const wrong = await site.run(['validate', await site.fleet('wrong', 'agents: []\nlimtis: {}\n')]);
  expect([wrong.code, wrong.stderr, typesOf(wrong.lines)]).toEqual([3, '', ['problem']]);
  expect(wrong.lines).toMatchObject([
    { line: 4, column: 9 },
    { line: 5, column: 1, hint: 'did you mean `limits`?' },
  ]);
});

test('a run whose reader leaves after the first line ends quietly, and keeps what was done', async () => {
  await using site = await createSite();
  const fleet = await site.fleet(
    'talking',
    'agents: [{ kind: command, name: talker, count: 200, command: [echo], prompt: "{{index}}" }]\n',
  );
  const { stdout, stderr } = await shell(`$flotilla run ${fleet} --json --data-dir ${site.dataDir} | head -1`);
  const { runId } = only(linesOf(stdout), 'run.started');
  expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
  expect((await site.run(['history', 'list'])).lines).toMatchObject([
    { runId, state: expect.stringMatching(/^(stopped|done)$/) },
  ]);
  const help = await shell('$flotilla settings list | head -1; $flotilla --help | head -1');
  expect([help.stdout.split('\n').length, help.stderr]).toEqual([3, '']);
});

test('on a terminal NO_COLOR and --no-progress leave plain text', async ({ skip }) => {
  await using site = await createSite();
  const there = `run ${SAMPLE} --data-dir ${site.dataDir}`;
  const terminal = (options: string): string =>
    `NO_COLOR=1 CI= TERM=xterm script -qec "$flotilla ${there} ${options}" /dev/null < /dev/null`;
  const drawn = await shell(terminal('')).catch(() => undefined);
  skip(drawn === undefined, 'There is no "script" here to make a terminal with.');
  const escape = '\u001b[';
  // A bar moves the cursor, but nothing has a colour.
  expect(drawn?.stdout).toContain(escape);
  expect(drawn?.stdout.split(escape).filter((text) => /^[\d;]*m/.test(text))).toEqual([]);
  expect((await shell(terminal('--no-progress'))).stdout).not.toContain(escape);
});
