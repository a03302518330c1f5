import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillTemplate, getPlaceholders, parseTemplate } from '../../../runtime/fleet/file/template.ts';
import { checkFleetFile } from '../../../runtime/fleet/read-fleet.ts';
import type { FleetPlan } from '../../../shared/fleet/fleet-plan.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-expansion-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

async function expand(agents: string, workspace = '.'): Promise<{ plan: FleetPlan | undefined; problems: string[] }> {
  const text = `flotilla: 1\nname: demo\nmodel: sim/default\nworkspace: ${workspace}\nagents:\n${agents}`;
  const { plan, problems } = await checkFleetFile({ path: join(folder, 'fleet.yaml'), text });
  return {
    plan,
    problems: problems.map(({ file, line, message }) => `${file.slice(folder.length + 1)}:${line} ${message}`),
  };
}

async function promptsOf(each: string, prompt: string, workspace?: string): Promise<string[]> {
  const { plan, problems } = await expand(`  - { name: a, each: ${each}, prompt: '${prompt}' }\n`, workspace);
  expect(problems).toEqual([]);
  return plan!.agents.map((agent) => agent.prompt);
}

test('files are those that git would list, sorted, relative to the workspace', async () => {
  const names = [
    'b.ts',
    'a.ts',
    'Z.ts',
    'deep/er/c.ts',
    'deep/x.log',
    'deep/keep.log',
    'out/o.ts',
    'deep/out/p.ts',
    '.hidden/h.ts',
    'ä ö.ts',
  ];
  for (const name of names) await write(`repo/${name}`, '');
  await write('repo/.gitignore', 'out/\n*.log\n/b.ts\n');
  await write('repo/deep/.gitignore', '!keep.log\n');
  await symlink(join(folder, 'repo/a.ts'), join(folder, 'repo/link.ts'));
  await symlink('..', join(folder, 'repo/deep/up'));
  execFileSync('git', ['init', '-q'], { cwd: join(folder, 'repo') });
  expect(await promptsOf("{ files: '**/*.{ts,log}' }", '{{file}}', 'repo')).toEqual([
    'Z.ts',
    'a.ts',
    'deep/er/c.ts',
    'deep/keep.log',
    'ä ö.ts',
  ]);
  const listed = execFileSync('git', ['-c', 'core.quotepath=off', 'ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: join(folder, 'repo'),
  }).toString();
  const wanted = listed
    .split('\0')
    .filter((name) => /\.(ts|log)$/.test(name) && !name.startsWith('.') && name !== 'link.ts');
  expect((await promptsOf("{ files: '**/*.{ts,log}' }", '{{file}}', 'repo')).toSorted()).toEqual(wanted.toSorted());
});

test("a workspace inside a repository is ruled by the repository's ignore files too", async () => {
  await write('above/.gitignore', 'secret/\n/only-at-root.ts\n');
  await write('above/.git/info/exclude', 'local.ts\n');
  for (const name of ['a.ts', 'local.ts', 'only-at-root.ts', 'secret/s.ts']) await write(`above/inner/${name}`, '');
  expect(await promptsOf("{ files: '**/*.ts' }", '{{file}}', 'above/inner')).toEqual(['a.ts', 'only-at-root.ts']);
});

test('lines are taken one by one, whatever ends them, without the blank ones', async () => {
  await write('lines.txt', '\uFEFFone\r\n\r\n  two \n\u2028three\rlast {{index}}');
  expect(await promptsOf('{ lines: lines.txt }', '{{index}}:{{line}}.')).toEqual([
    '1:one.',
    '2:  two .',
    '3:\u2028three.',
    '4:last {{index}}.',
  ]);
});

test('rows of a table fill in their columns, quotes, line breaks and all', async () => {
  await write('rows.csv', '\uFEFFname , town\r\n"Hill, ""upper""","Glen\nNevis"\r\nBridge,\r\n');
  expect(await promptsOf('{ rows: rows.csv }', '{{name}}|{{ town }}|{{index}}')).toEqual([
    'Hill, "upper"|Glen\nNevis|1',
    'Bridge||2',
  ]);
  await write('rows.tsv', 'name\ttown\na,b\tc\n');
  expect(await promptsOf('{ rows: rows.tsv }', '{{name}}|{{town}}')).toEqual(['a,b|c']);
  await write('rows.jsonl', '{"name":"a","n":1,"none":null}\n\n{"n":{"x":[1]},"name":"b","none":false,"more":2}\n');
  expect(await promptsOf('{ rows: rows.jsonl }', '{{name}}|{{n}}|{{none}}')).toEqual(['a|1|', 'b|{"x":[1]}|false']);
});

test('a source that is larger than a fleet is refused, and cut where the file says so', async () => {
  await write('many.txt', 'x\n'.repeat(100_001));
  await write('many.csv', `n\n${'x\n'.repeat(100_001)}`);
  for (const source of ['lines: many.txt', 'rows: many.csv', 'range: { from: 0, to: 100000 }']) {
    const refused = await expand(`  - { name: a, each: { ${source} }, prompt: p }\n`);
    expect(refused.problems).toEqual([expect.stringMatching(/100000|100001/)]);
    const cut = await expand(`  - { name: a, each: { ${source}, limit: 3 }, prompt: p }\n`);
    expect(cut.plan?.agents).toHaveLength(3);
  }
});

test('all entries together are at most 100,000 agents', async () => {
  const { problems } = await expand(
    '  - { name: a, count: 60000, prompt: p }\n  - { name: b, count: 60000, prompt: p }\n',
  );
  expect(problems).toEqual(['fleet.yaml:5 the fleet has 120000 agents; at most 100000 are possible']);
});

test('prompts filled in are bounded one by one and together', async () => {
  await write('long.txt', `${'x'.repeat(600_000)}\n`);
  const one = await expand("  - { name: a, each: { lines: long.txt }, prompt: '{{line}}{{line}}' }\n");
  expect(one.problems).toEqual(['fleet.yaml:6 the prompt of `a` is 1200000 characters long when it is filled in']);
  const all = await expand(`  - { name: a, count: 3000, prompt: '${'y'.repeat(100_000)}' }\n`);
  expect(all.problems).toEqual([
    'fleet.yaml:6 the prompts of all agents together are longer than 268435456 characters',
  ]);
});

test('a row with nothing in it does not make an empty prompt', async () => {
  await write('empty.csv', 'a,b\n,x\n');
  const { problems } = await expand("  - { name: a, each: { rows: empty.csv }, prompt: '{{a}}' }\n");
  expect(problems).toEqual(['fleet.yaml:6 the prompt of `a` is empty when it is filled in']);
});

test('several agents are numbered to equal width; one keeps its name', async () => {
  const { plan } = await expand(
    '  - { name: a, count: 12, prompt: p }\n  - { name: b, prompt: p }\n  - { name: c, count: 1, prompt: p }\n',
  );
  const names = plan!.agents.map(({ name }) => name);
  expect([names[0], names[8], names[11], ...names.slice(12)]).toEqual(['a-01', 'a-09', 'a-12', 'b', 'c']);
  expect(plan!.agents.map(({ index }) => index)).toEqual(names.map((_, at) => at));
});

test('the places of a command that its launch fills are left to it', async () => {
  const { plan } = await expand(
    "  - { kind: command, name: a, each: { range: { from: 1, to: 3, step: 2 } }, command: [run, '{{number}}{{{{x', '{{ promptFile }}', '{{prompt}}'], prompt: '{{number}}' }\n",
  );
  expect(plan?.agents).toMatchObject([
    {
      kind: 'command',
      command: ['run', '1{{x', '{{promptFile}}', '{{prompt}}'],
      promptBy: 'argument',
      environment: [],
      prompt: '1',
    },
    { command: ['run', '3{{x', '{{promptFile}}', '{{prompt}}'], prompt: '3' },
  ]);
});

test('a value that looks like a placeholder is not filled in again', async () => {
  await write('tricky.csv', 'a,b\n{{b}},x\n');
  expect(await promptsOf('{ rows: tricky.csv }', '{{a}} {{b}}')).toEqual(['{{b}} x']);
});

test('any text written with `{{` doubled comes back as itself', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('{', '}', '{{', 'a', ' ', '\n'), { maxLength: 12 }), (parts) => {
      const text = parts.join('').replaceAll(/\{{3,}/g, '{{');
      const template = parseTemplate(text.replaceAll('{{', '{{{{'));
      expect(getPlaceholders(template)).toEqual([]);
      expect(template.unclosed).toBeUndefined();
      expect(fillTemplate(template, () => undefined)).toBe(text);
    }),
  );
});

test('the same fleet is expanded the same way twice', async () => {
  const files = join(import.meta.dirname, '..', '..', 'fixtures', 'fleets', 'everything.yaml');
  const twice = [await checkFleetFile({ path: files }), await checkFleetFile({ path: files })];
  expect(twice[0]).toEqual(twice[1]);
  expect(twice[0]?.plan?.agents.map(({ name }) => name)).toEqual([
    'files-1',
    'files-2',
    'lines-1',
    'lines-2',
    'lines-3',
    'rows-1',
    'rows-2',
    'rows-3',
    'numbers-1',
    'numbers-2',
    'numbers-3',
    'counted-1',
    'counted-2',
    'counted-3',
  ]);
  expect(twice[0]?.plan?.agents.map(({ prompt }) => prompt)).toContain('{{town}} of Skye');
  expect(await readFile(files, 'utf8')).toBe(twice[0]?.plan?.text);
});
