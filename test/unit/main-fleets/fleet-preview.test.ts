import { expect, test } from 'vitest';
import { toOutline } from '../../../main/fleets/fleet-outline.ts';
import { createFleetPreview, type PreviewFacts } from '../../../main/fleets/fleet-preview.ts';
import { createProviderKeys } from '../../../main/providers/provider-keys.ts';
import { checkFleetFile } from '../../../runtime/fleet/read-fleet.ts';

const FACTS: PreviewFacts = {
  environment: {},
  keys: createProviderKeys({ dataDir: '/nowhere', environment: {} }),
  needs: new Map([
    ['shell', 'shell'],
    ['write_file', 'write_file'],
  ]),
  openShell: undefined,
};

async function outlineOf(yaml: string) {
  const text = `flotilla: 1\nname: test\nworkspace: /tmp\n${yaml}`;
  const { plan, problems } = await checkFleetFile({ path: '/tmp/not-there.yaml', text });
  expect(problems).toEqual([]);
  return toOutline(plan!);
}

const preview = async (yaml: string, facts: Partial<PreviewFacts> = {}) =>
  await createFleetPreview(await outlineOf(yaml), { ...FACTS, ...facts });

const agents = (tools: string, more = '') =>
  `provider: anthropic\nmodel: claude-haiku-4-5\ntools: [${tools}]\nagents: [{ name: a, count: 10, prompt: Hello }]\n${more}`;

test('agents are gathered by the entry they come from, whatever their names look like', async () => {
  const { groups } = await outlineOf(`
model: sim/default
agents:
  - { name: many, count: 120, prompt: "Hello {{index}}" }
  - { name: one, prompt: Hi }
  - { name: one-7, prompt: Hi }
  - { name: tail, count: 2, prompt: Hi }
  - { kind: command, name: program, count: 9, command: [/bin/echo, hi], prompt: x }
`);
  expect(groups.map(({ name, agents, kind }) => [name, agents, kind])).toEqual([
    ['many', 120, 'model'],
    ['one', 1, 'model'],
    ['one-7', 1, 'model'],
    ['tail', 2, 'model'],
    ['program', 9, 'command'],
  ]);
});

test('ten thousand entries are counted and a thousand of them shown', async () => {
  const entries = Array.from({ length: 2_000 }, (_, n) => `  - { name: a${n}, prompt: Hi }`).join('\n');
  const { agents: count, groups } = await preview(`model: sim/default\nagents:\n${entries}\n`);
  expect([count, groups.length]).toEqual([2_000, 1_000]);
});

test('a simulated fleet is free and ready; one whose key is missing says which variable to set', async () => {
  const free = await preview('model: sim/default\nagents: [{ name: a, prompt: Hi }]\n');
  expect(free).toMatchObject({
    cost: { isFree: true, upToUsd: 0 },
    providers: [{ name: 'sim', ready: true }],
    groups: [{ uses: 'sim/default (sim)' }],
  });
  const paid = await preview(agents('read_file'));
  expect(paid.providers).toMatchObject([
    {
      name: 'anthropic',
      baseUrl: 'https://api.anthropic.com/v1',
      ready: false,
      problem: expect.stringContaining('ANTHROPIC_API_KEY'),
    },
  ]);
  expect(await preview(agents('read_file'), { environment: { ANTHROPIC_API_KEY: 'k' } })).toMatchObject({
    providers: [{ ready: true }],
  });
});

test('the cost is worked out from the turns, and never above the budget', async () => {
  // One turn: 5 characters are 2 tokens in, and 4,000 out at 5 dollars a million, for ten agents.
  const once = await preview(agents(''));
  expect(once.cost.upToUsd).toBeCloseTo((10 * (2 * 1 + 4_000 * 5)) / 1e6, 6);
  // Two turns with one tool: 152 in and 1,000 out, then 2,652 in and 4,000 out.
  const twice = await preview(agents('read_file', 'limits: { turns: 2 }\n'));
  expect(twice.cost.upToUsd).toBeCloseTo((10 * (152 + 2_652 + 5_000 * 5)) / 1e6, 6);
  expect((await preview(agents('read_file', 'budget: { usd: 0.01 }\n'))).cost.upToUsd).toBe(0.01);
});

test('ten thousand turns cost no more time than the window is wide, and more money than fewer', async () => {
  const long = await preview(agents('read_file', 'limits: { turns: 10000 }\n'));
  const short = await preview(agents('read_file', 'limits: { turns: 5000 }\n'));
  expect(long.cost.upToUsd!).toBeGreaterThan(short.cost.upToUsd! * 1.9);
});

test('a price that is not known leaves the cost open, and a budget in dollars is warned about', async () => {
  const unknown = await preview(
    'provider: openai\nmodel: new-model\nbudget: { usd: 1 }\nagents: [{ name: a, prompt: Hi }]\n',
  );
  expect(unknown.cost).toEqual({ isFree: false, unknownBy: 'price' });
  expect(unknown.warnings).toEqual([expect.stringContaining('new-model')]);
  const program = await preview('agents: [{ kind: command, name: p, command: [echo], prompt: x }]\n');
  expect(program.cost).toEqual({ isFree: false, unknownBy: 'program' });
});

test('a tool that is offered and not allowed is warned about, with what to write', async () => {
  const { warnings } = await preview(agents('shell, write_file, read_file'));
  expect(warnings).toEqual([
    'shell is offered to a and refused at each call; add "- shell" under "allow:", or take the tool away.',
    'write_file is offered to a and refused at each call; add "- write_file" under "allow:", or take the tool away.',
  ]);
});

test('a shell says whether anything confines it, and writing tools say where they write', async () => {
  const yaml = agents('shell, write_file', 'allow: [shell, write_file]\n');
  expect((await preview(yaml)).warnings).toEqual([
    expect.stringContaining('a sandbox lets them write in the workspace only'),
    'Agents may write files in /tmp.',
  ]);
  const open = await preview(yaml, { openShell: 'bubblewrap is not installed' });
  expect(open.warnings[0]).toContain('nothing confines them: bubblewrap is not installed');
  // Allowed and offered to nobody: nothing to say.
  expect((await preview(agents('read_file', 'allow: [shell, write_file]\n'))).warnings).toEqual([]);
});
