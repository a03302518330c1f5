import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { toProblemText } from '../../../main/commands/validate.ts';
import { checkFleetFile } from '../../../runtime/fleet/read-fleet.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = join(root, 'test', 'fixtures', 'fleet-mistakes');
const cases = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

test('there is a file for each kind of mistake', () => {
  expect(cases.length).toBeGreaterThan(45);
});

test.each(cases)('%s is told with its place, what was expected and the way out', async (name) => {
  const { problems, plan } = await checkFleetFile({ path: join(folder, name) });
  expect(plan).toBeUndefined();
  const text = problems.map(toProblemText).join('\n').replaceAll(`${root}/`, '');
  await expect(`${text}\n`).toMatchFileSnapshot(join(folder, 'told', name.replace('.yaml', '.txt')));
  expect(relative(folder, problems[0]?.file ?? '')).not.toMatch(/^\.\./);
});
