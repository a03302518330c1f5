import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSite, endOf, only, refusal } from '../../support/program.ts';

const FLEET = `model: sim/default
tools: [search_knowledge]
knowledge: { files: 'docs/**/*.md' }
agents:
  - name: asker
    count: 3
    prompt: |
      Call the tool \`search_knowledge\` exactly 4 times, 2 at a time, with query \`fencing numbers of leases\` and limit 1.
      Report how many answered.
limits: { turns: 10 }
`;

test('agents find passages of the documents of their fleet; equal searches are made once', async () => {
  await using site = await createSite();
  await mkdir(join(site.folder, 'docs'));
  await writeFile(join(site.folder, 'docs', 'gate.md'), '# Gate\n\nThe gate admits work to lanes.\n');
  await writeFile(join(site.folder, 'docs', 'locks.md'), '# Locks\n\nA lease has a fencing number.\n');
  const { code, lines } = await site.run(['run', await site.fleet('asking', FLEET)]);
  const finished = only(lines, 'run.finished');
  expect([code, finished]).toMatchObject([
    0,
    { state: 'done', toolCalls: 12, toolCallsFailed: 0, lost: 0, duplicated: 0, cached: { toolCalls: 11 } },
  ]);
  const { lines: shown } = await site.run(['history', 'show', String(finished['runId'])]);
  const outputs = shown.flatMap((line) => (line.type === 'toolCall' ? [String(line['output'])] : []));
  expect(new Set(outputs).size).toBe(1);
  expect(outputs[0]).toMatch(
    /^passages: 1\n\ndocs\/locks\.md:1 \(0\.\d\d\)\n# Locks\nA lease has a fencing number\.\n$/,
  );
});

test('a fleet whose documents are not there does not start, and says why', async () => {
  await using site = await createSite();
  const ended = await site.run(['run', await site.fleet('asking', FLEET)]);
  expect(endOf(ended)).toEqual(
    refusal({ code: 3, way: /no text file of the workspace fits "docs\/\*\*\/\*\.md"; name others/ }),
  );
});
