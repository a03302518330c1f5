import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkFleet, checkFleetFile, readFleet } from '../../../runtime/fleet/read-fleet.ts';

const FLEET = 'flotilla: 1\nname: demo\nmodel: sim/default\nagents:\n  - name: reader\n    prompt: Read.\n';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-reading-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test('a right file becomes a plan with every default', async () => {
  const path = await write('right.yaml', FLEET);
  const plan = await readFleet({ path });
  expect(plan).toMatchObject({
    name: 'demo',
    description: '',
    path,
    text: FLEET,
    overrides: {},
    workspace: folder,
    providers: {},
    allow: [],
    limits: { concurrentAgents: 16, turns: 50, toolCalls: 1_000, minutes: 60 },
    budget: {},
  });
  expect(plan.agents).toEqual([
    {
      index: 0,
      kind: 'model',
      name: 'reader',
      prompt: 'Read.',
      system: '',
      provider: 'sim',
      model: 'sim/default',
      tools: [],
    },
  ]);
});

test('a byte order mark and Windows line ends change neither plan nor places', async () => {
  const dos = `\uFEFF${FLEET.replaceAll('\n', '\r\n')}`;
  expect((await readFleet({ path: await write('dos.yaml', dos) })).agents).toHaveLength(1);
  const { problems } = await checkFleetFile({ path: await write('dos-bad.yaml', dos.replace('model:', 'modle:')) });
  expect(problems).toMatchObject([
    { line: 3, column: 1, hint: 'did you mean `model`?', sourceLine: 'modle: sim/default' },
  ]);
});

test('a file with mistakes is refused with all of them in its details', async () => {
  const path = await write('wrong.yaml', `${FLEET}limits: { turns: ten, minuts: 3 }\n`);
  await expect(readFleet({ path })).rejects.toMatchObject({
    code: 'FLEET_INVALID',
    message: expect.stringContaining('has 2 mistakes; the first is in line 7'),
    details: {
      problems: [
        { file: path, line: 7, column: 18 },
        { line: 7, column: 23, hint: 'did you mean `minutes`?' },
      ],
    },
  });
});

test('a file that is not there, a folder, a file without permission and a pipe are each one sentence', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await symlink(join(folder, 'loop'), join(folder, 'loop'));
  for (const path of [join(folder, 'none.yaml'), folder, pipe, join(folder, 'loop'), join(folder, 'right.yaml', 'x')]) {
    await expect(readFleet({ path })).rejects.toMatchObject({
      code: 'FLEET_NOT_FOUND',
      message: expect.stringContaining(path),
    });
  }
});

test('a file of 100 MB is refused without being read', async () => {
  const path = await write('large.yaml', '');
  await truncate(path, 100_000_000);
  const { problems } = await checkFleetFile({ path });
  expect(problems).toMatchObject([{ line: 1, column: 1, message: 'a fleet file may have at most 4 MiB' }]);
});

test('the first byte that is not UTF-8 is named', async () => {
  const path = await write('latin.yaml', Buffer.from(FLEET.replace('Read.', 'Liés moi.'), 'latin1'));
  expect((await checkFleetFile({ path })).problems).toMatchObject([
    {
      line: 6,
      column: 15,
      message: 'the file is not UTF-8 text from here on',
      hint: 'save it with the encoding UTF-8',
    },
  ]);
  const cut = await write('cut.yaml', Buffer.concat([Buffer.from(FLEET), Buffer.from([0xe2, 0x82])]));
  expect((await checkFleetFile({ path: cut })).problems).toMatchObject([{ line: 7, column: 1 }]);
});

test('UTF-16 is named as such', async () => {
  const path = await write('utf16.yaml', Buffer.from(`\uFEFF${FLEET}`, 'utf16le'));
  expect((await checkFleetFile({ path })).problems).toMatchObject([
    { line: 1, column: 1, message: expect.stringContaining('UTF-16') },
  ]);
});

test('an empty file says how to begin', async () => {
  for (const text of ['', '\n\n', '# a comment\n', '---\n', 'null\n']) {
    const { problems } = await checkFleet(text, 'empty.yaml');
    expect(problems).toMatchObject([{ line: 1, column: 1, message: 'the file is empty' }]);
  }
});

test('at most 500 problems are told, and the rest is counted', async () => {
  const keys = Array.from({ length: 600 }, (_, at) => `wrong${at}: 1\n`).join('');
  const { problems } = await checkFleet(FLEET + keys, 'many.yaml');
  expect(problems).toHaveLength(501);
  expect(problems.at(-1)?.message).toBe('100 more problems are not shown');
});

test('anchors, aliases and merge keys may be used, and a mistake in one is told once, where it stands', async () => {
  const text = `flotilla: 1
name: demo
model: sim/default
agents:
  - &base
    name: a
    prompt: &p Read.
    tools: [read_file, reed_file]
  - <<: *base
    name: b
    prompt: *p
`;
  expect((await checkFleet(text, 'anchors.yaml')).problems).toMatchObject([
    { line: 8, column: 24, message: 'unknown tool `reed_file`' },
  ]);
  const { plan } = await checkFleetFile({ path: join(folder, 'anchors.yaml'), text: text.replace(', reed_file', '') });
  expect(plan?.agents.map(({ name, prompt }) => [name, prompt])).toEqual([
    ['a', 'Read.'],
    ['b', 'Read.'],
  ]);
});

test('a name of a tool or provider that the caller knows is right', async () => {
  const text = FLEET.replace('model: sim/default', 'model: m\nprovider: house\ntools: [browse]');
  expect((await checkFleet(text, 'known.yaml')).problems).toHaveLength(2);
  expect(
    (await checkFleet(text, 'known.yaml', { known: { tools: ['browse'], providers: ['house'] } })).problems,
  ).toEqual([]);
});

test('a model of the simulator goes to it, unless an entry of the file answers for it', async () => {
  const providerOf = async (text: string) => {
    const { plan } = await checkFleetFile({ path: join(folder, 'p.yaml'), text });
    return plan?.agents.map((agent) => (agent.kind === 'model' ? agent.provider : ''));
  };
  expect(await providerOf(FLEET)).toEqual(['sim']);
  expect(await providerOf(`${FLEET}provider: anthropic\n`)).toEqual(['sim']);
  const own = `${FLEET}provider: mine\nproviders:\n  mine: { protocol: openai, baseUrl: 'https://127.0.0.1:1/v1', http: 2 }\n  other: { protocol: openai, baseUrl: 'https://127.0.0.1:2/v1' }\n`;
  expect(await providerOf(own)).toEqual(['mine']);
  const { plan } = await checkFleetFile({ path: join(folder, 'p.yaml'), text: own });
  expect(plan?.providers).toEqual({ mine: { protocol: 'openai', baseUrl: 'https://127.0.0.1:1/v1', http: '2' } });
});
