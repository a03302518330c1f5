import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { flotilla, linesOf, start } from '../integration/cli/command-line.ts';
import { createSite, endOf, refusal, TRACE, only } from '../support/program.ts';

const CLAUDE = fileURLToPath(new URL('../../examples/claude.yaml', import.meta.url));
const QUICK = 'agents: [{ kind: command, name: quick, command: [cat], promptBy: stdin, prompt: go }]\n';
const WRONG_INPUT = 3;
const WRONG_SURROUNDINGS = 4;

/** A fleet of two agents that ask `baseUrl`. */
const asking = (baseUrl: string): string =>
  `provider: mine\nmodel: sim/default\nproviders: { mine: { protocol: openai, baseUrl: '${baseUrl}' } }\nagents: [{ name: asker, count: 2, prompt: hello }]\n`;

/** A port on which nothing listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('every mistake of a fleet file is listed, a line each, before anything starts', async () => {
  await using site = await createSite();
  const fleet = await site.fleet('wrong', 'agents: []\nlimits: { turns: -1, tunrs: 3 }\nbudget: { usd: much }\n');
  const ended = await site.run(['run', fleet]);
  expect(endOf(ended)).toEqual(refusal({ code: WRONG_INPUT, way: /has 4 mistakes/, more: 4 }));
  for (const place of ['wrong.yaml:4:9', 'wrong.yaml:5:18', 'wrong.yaml:5:22', 'wrong.yaml:6:16']) {
    expect(ended.stderr).toContain(place);
  }
  expect(ended.stderr).toContain('did you mean `turns`');
  expect((await site.run(['history', 'list'])).lines).toEqual([]);
});

test('what is missing or nonsense on the command line is answered with a sentence and exit 3', async () => {
  await using site = await createSite();
  const fleet = await site.fleet('quick', QUICK);
  const unknown = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const cases: readonly (readonly [readonly string[], string | RegExp, number])[] = [
    [['run', join(site.folder, 'none.yaml')], 'There is no file', 0],
    [['validate', join(site.folder, 'none.yaml')], 'There is no file', 0],
    [['run', fleet, '--set', 'nonsense'], 'expected key=value', 0],
    [['run', fleet, '--set', 'limits.tunrs=3'], 'did you mean', 1],
    [['run', fleet, '--set', 'limits.turns=many'], 'expected a whole number', 1],
    [['run', '--resume', unknown], 'history list', 0],
    [['run', '--resume', 'nonsense'], 'history list', 0],
    [['history', 'show', unknown], 'history list', 0],
  ];
  for (const [args, way, more] of cases)
    expect(endOf(await site.run(args))).toEqual(refusal({ code: WRONG_INPUT, way, more }));
});

test('a key that is not set is named, before anything starts', async () => {
  await using site = await createSite();
  const ended = await site.run(['run', CLAUDE], { ANTHROPIC_API_KEY: '' });
  expect(endOf(ended)).toEqual(refusal({ code: WRONG_INPUT, way: 'ANTHROPIC_API_KEY' }));
});

test('a provider that is down is told once, and the run ends with exit 4 and its agents recorded', async () => {
  await using site = await createSite();
  const port = await closedPort();
  const fleet = await site.fleet('down', asking(`http://127.0.0.1:${port}/v1`));
  const ended = await site.run(['run', fleet], { FLOTILLA_PROVIDER_MAX_ATTEMPTS: '1' });
  expect(ended.code).toBe(WRONG_SURROUNDINGS);
  expect(only(ended.lines, 'run.finished')).toMatchObject({ state: 'failed', agents: 2 });
  const told = ended.stderr.split('\n').filter((line) => line.includes(`127.0.0.1:${port}`));
  expect(told).toEqual([expect.stringMatching(/Nothing listens at .*; start the server or correct its address\.$/)]);
  expect(ended.stderr).not.toMatch(TRACE);
});

test('a certificate that nobody vouches for is refused with the way to trust it, and exit 4', async () => {
  await using site = await createSite();
  await using simulator = start(['simulate', '--json']);
  await simulator.says('simulate.ready');
  const { openaiBaseUrl, caFile } = only(linesOf(simulator.stdout()), 'simulate.ready') as unknown as Record<
    'openaiBaseUrl' | 'caFile',
    string
  >;
  const fleet = await site.fleet('untrusted', asking(openaiBaseUrl));
  const refused = await site.run(['run', fleet]);
  expect(refused.code).toBe(WRONG_SURROUNDINGS);
  expect(refused.stderr).toMatch(/certificate/i);
  expect(refused.stderr).toMatch(/caFile|NODE_EXTRA_CA_CERTS/);
  expect(refused.stderr).not.toMatch(TRACE);
  const { runId } = only(refused.lines, 'run.finished');
  // The way out leads out.
  const again = ['run', '--resume', String(runId), '--only', 'failed', '--set', `providers.mine.caFile=${caFile}`];
  const trusted = await site.run(again);
  expect([trusted.code, only(trusted.lines, 'run.finished')]).toMatchObject([0, { runId, state: 'done', failed: 0 }]);
});

test('a port that another program listens on is refused, and named', async () => {
  await using first = start(['simulate', '--json']);
  await first.says('simulate.ready');
  const { port } = only(linesOf(first.stdout()), 'simulate.ready');
  const ended = await flotilla(['simulate', '--json', '--port', String(port)]);
  expect(endOf(ended)).toEqual(refusal({ code: WRONG_SURROUNDINGS, way: new RegExp(`${String(port)}.*--port`) }));
});
