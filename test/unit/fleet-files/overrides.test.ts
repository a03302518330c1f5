import { expect, test } from 'vitest';
import { checkFleetFile, parseOverrides } from '../../../runtime/fleet/read-fleet.ts';

const FLEET = `flotilla: 1
name: demo
provider: openai
model: gpt
providers:
  my.box: { protocol: openai, baseUrl: 'http://127.0.0.1:9000/v1' }
agents:
  - name: reader
    count: 2
    prompt: Read.
  - name: reader.more
    prompt: Read more.
`;

async function set(...pairs: string[]) {
  const { plan, problems } = await checkFleetFile({
    path: 'fleet.yaml',
    text: FLEET,
    overrides: parseOverrides(pairs),
  });
  return {
    plan,
    problems: problems.map(({ file, line, column, message, hint }) => [`${file}:${line}:${column}`, message, hint]),
  };
}

test('what is set stands above the file, and is written into the plan as it was given', async () => {
  const { plan } = await set(
    'limits.turns=5',
    'budget.usd=0.5',
    'model=1.10',
    'tools=[read_file, shell]',
    'description=a: b',
  );
  expect(plan).toMatchObject({ limits: { turns: 5, minutes: 60 }, budget: { usd: 0.5 }, description: 'a: b' });
  expect(plan?.agents[0]).toMatchObject({ model: '1.10', tools: ['read_file', 'shell'] });
  expect(plan?.overrides).toEqual({
    'limits.turns': '5',
    'budget.usd': '0.5',
    model: '1.10',
    tools: '[read_file, shell]',
    description: 'a: b',
  });
});

test('agents go by name or position, also names with dots', async () => {
  const { plan } = await set('agents.reader.count=3', 'agents.reader.more.count=2', 'agents.0.prompt={{index}}!');
  expect(plan?.agents.map(({ name, prompt }) => `${name} ${prompt}`)).toEqual([
    'reader-1 1!',
    'reader-2 2!',
    'reader-3 3!',
    'reader.more-1 Read more.',
    'reader.more-2 Read more.',
  ]);
});

test('a provider can be pointed elsewhere, or be made', async () => {
  const moved = await set(
    'provider=my.box',
    'providers.my.box.baseUrl=https://10.0.0.1/v1',
    'providers.my.box.http=1.1',
  );
  expect(moved.plan?.providers).toEqual({
    'my.box': { protocol: 'openai', baseUrl: 'https://10.0.0.1/v1', http: '1.1' },
  });
  const made = await set(
    'provider=new',
    'providers.new.protocol=anthropic',
    'providers.new.baseUrl=http://localhost:1',
  );
  expect(made.plan?.providers).toMatchObject({ new: { protocol: 'anthropic', http: 'auto' } });
});

test('an unknown key is refused with the nearest right one', async () => {
  expect((await set('limits.turn=5')).problems).toEqual([
    ['--set:1:8', 'unknown key `turn` in an override', 'did you mean `turns`?'],
  ]);
  expect((await set('agents.raeder.count=5')).problems).toEqual([
    ['--set:1:8', 'unknown key `raeder` in an override', 'did you mean `reader`?'],
  ]);
  expect((await set('agents.7.count=5')).problems).toMatchObject([
    ['--set:1:8', 'unknown key `7` in an override', expect.anything()],
  ]);
  expect((await set('__proto__.x=5')).problems).toMatchObject([['--set:1:1', expect.anything(), expect.anything()]]);
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test('a wrong value is told where it was set, not in the file', async () => {
  expect((await set('limits.turns=ten', 'agents.reader.prompt=Read {{fil}}.')).problems).toEqual([
    ['--set:1:14', 'limits.turns: expected a whole number from 1 to 10000, got text "ten"', undefined],
    ['--set:1:27', 'unknown placeholder `{{fil}}`', 'known here are `{{index}}`'],
  ]);
});

test('a mistake in the file that is set right is none', async () => {
  const text = FLEET.replace('count: 2', 'count: two');
  const { problems } = await checkFleetFile({ path: 'fleet.yaml', text, overrides: { 'agents.reader.count': 4 } });
  expect(problems).toEqual([]);
});

test('what is not key=value is refused', () => {
  for (const pair of ['turns', '=5', ''])
    expect(() => parseOverrides([pair])).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  expect(parseOverrides(['a=b=c', 'a=d'])).toEqual({ a: 'd' });
});
