import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFleetFile } from '../../../runtime/fleet/read-fleet.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'examples');
const examples = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

test('the promised examples are there', () => {
  const promised = ['claude', 'csv-enrichment', 'local-model', 'programs', 'repo-survey', 'ten-thousand-calls'];
  expect(examples).toEqual(expect.arrayContaining(promised.map((name) => `${name}.yaml`)));
});

test.each(examples)('%s is right, has a budget of agents it can explain, and is known to editors', async (name) => {
  const { problems, plan } = await checkFleetFile({ path: join(folder, name) });
  expect(problems).toEqual([]);
  expect(plan!.agents.length).toBeLessThanOrEqual(240);
  const text = readFileSync(join(folder, name), 'utf8');
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/docs\/fleet\.schema\.json\n#/);
  expect(text.match(/(?<!\S)#/g)!.length).toBeGreaterThanOrEqual(3);
});

test('ten thousand calls are asked for by 240 agents', async () => {
  const { plan } = await checkFleetFile({ path: join(folder, 'ten-thousand-calls.yaml') });
  const calls = plan!.agents.map(({ prompt }) => Number(/exactly (\d+) times/.exec(prompt)?.[1]));
  expect(calls).toHaveLength(240);
  expect(calls.reduce((sum, count) => sum + count, 0)).toBe(10_000);
});

test('the survey is of this repository, and each example that needs a model also goes to the simulator', async () => {
  const survey = await checkFleetFile({ path: join(folder, 'repo-survey.yaml') });
  expect(survey.plan?.agents.map(({ prompt }) => prompt).join('')).toContain('`runtime/');
  for (const name of ['local-model', 'claude']) {
    const { plan } = await checkFleetFile({ path: join(folder, `${name}.yaml`), overrides: { model: 'sim/default' } });
    expect(new Set(plan?.agents.map((agent) => (agent.kind === 'model' ? agent.provider : '')))).toEqual(
      new Set(['sim']),
    );
  }
});
