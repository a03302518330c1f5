import { spawn } from 'node:child_process';
import { copyFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkFleetFile } from '../../../runtime/fleet/read-fleet.ts';

const root = join(import.meta.dirname, '..', '..', '..');
let folder = '';

interface Line {
  readonly type: string;
  readonly [key: string]: unknown;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'examples-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `npm run -s flotilla -- …`, from outside. */
async function flotilla(...args: string[]): Promise<{ code: number | null; lines: Line[]; stderr: string }> {
  const child = spawn('npm', ['run', '-s', 'flotilla', '--', ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on('close', resolve);
  const code = await promise;
  return {
    code,
    stderr,
    lines: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line),
  };
}

async function run(file: string, ...set: string[]) {
  const data = await mkdtemp(join(folder, 'data-'));
  const args = set.flatMap((pair) => ['--set', pair]);
  const { code, lines, stderr } = await flotilla('run', file, ...args, '--json', '--data-dir', data);
  const end = lines.findLast(({ type }) => type === 'run.finished');
  const answers = new Map(
    lines
      .filter(({ type }) => type === 'agent.finished')
      .map((line) => [Number(line['index']), String(line['answer'])]),
  );
  return { code, stderr, end, answers };
}

test('every file is right as the command line sees it', async () => {
  for (const name of [
    'claude',
    'csv-enrichment',
    'local-model',
    'programs',
    'repo-survey',
    'sample-survey',
    'ten-thousand-calls',
  ]) {
    const { code, lines } = await flotilla('validate', `examples/${name}.yaml`, '--json');
    expect([name, code, lines]).toEqual([name, 0, []]);
  }
});

test.each([
  ['repo-survey', 72, []],
  ['sample-survey', 5, []],
  ['claude', 5, ['model=sim/default']],
  ['local-model', 3, ['model=sim/default']],
])('%s ends well: every agent answers from what its tools found', async (name, agents, set) => {
  const { code, end, answers, stderr } = await run(`examples/${name}.yaml`, ...set);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  expect(end).toMatchObject({ state: 'done', agents, failed: 0, lost: 0, duplicated: 0 });
  expect(answers.size).toBe(agents);
  for (const answer of answers.values()) expect(answer).toMatch(/\d/);
});

test('ten-thousand-calls makes exactly so many, none lost, none twice', async () => {
  const { code, end } = await run('examples/ten-thousand-calls.yaml');
  expect(code).toBe(0);
  expect(end).toMatchObject({ agents: 240, failed: 0, toolCalls: 10_000, toolCallsFailed: 0, lost: 0, duplicated: 0 });
});

test('programs answers what the programs print', async () => {
  const { code, answers } = await run('examples/programs.yaml');
  expect(code).toBe(0);
  const said = [...answers.values()].map((answer) => answer.trim());
  const lines = (await readFile(join(root, 'examples/sample-workspace/src/parse.ts'), 'utf8')).split('\n').length - 1;
  expect(said).toContain(`src/parse.ts ${lines} lines`);
  expect(said).toContain('READ ME FROM A FILE.');
  expect(said.filter((answer) => answer === '6')).toHaveLength(3);
});

test('csv-enrichment counts what stands in each table and leaves one line per row', async () => {
  await cp(join(root, 'examples/sample-workspace'), join(folder, 'sample-workspace'), { recursive: true });
  await copyFile(join(root, 'examples/csv-enrichment.yaml'), join(folder, 'csv-enrichment.yaml'));
  const { code, answers } = await run(join(folder, 'csv-enrichment.yaml'));
  expect(code).toBe(0);
  for (let station = 0; station < 6; station += 1) {
    const table = await readFile(join(folder, `sample-workspace/stations/station-${station}.csv`), 'utf8');
    const rows = table.trimEnd().split('\n');
    const storms = rows.filter((row) => row.includes('storm')).length;
    expect(answers.get(station)).toBe(`lines: ${rows.length}\nstorm: ${storms}`);
  }
  const results = await readFile(join(folder, 'csv-enrichment-results.jsonl'), 'utf8');
  expect(results.trimEnd().split('\n')).toHaveLength(6);
});

test("the survey's numbers are those that counting the lines of the same files gives", async () => {
  const { plan } = await checkFleetFile({ path: join(root, 'examples/repo-survey.yaml') });
  const files = plan!.agents.map(({ prompt }) => /`(.+?)`/.exec(prompt)![1]!);
  const { answers } = await run('examples/repo-survey.yaml');
  expect(answers.size).toBe(files.length);
  for (const [index, file] of files.entries()) {
    const text = await readFile(join(root, file), 'utf8');
    const count = (pattern: RegExp) => text.split('\n').filter((line) => pattern.test(line)).length;
    const facts = [
      `lines: ${text.split('\n').length - 1}`,
      `exports: ${count(/^export /)}`,
      `imports: ${count(/^import /)}`,
      `todos: ${count(/TODO|FIXME/)}`,
      `await: ${count(/await/)}`,
    ];
    expect([file, ...answers.get(index)!.split('\n').slice(0, 5)]).toEqual([file, ...facts]);
  }
});
