import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openControlPlane } from '../../main/boot/open-control-plane.ts';
import { openForWriting } from '../../main/history/store/database.ts';
import { openSettings } from '../../main/settings/open-settings.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import { temporaryDirectory } from '../support/history-events.ts';

const FLEET = `flotilla: 1
name: endless
workspace: .
model: sim/default
tools: [read_file]
agents:
  - name: reader
    count: 8
    prompt: |
      Call read_file exactly 5000 times, 5 at a time, with path \`note.txt\`.
limits: { concurrentAgents: 8, turns: 10000, toolCalls: 100000, minutes: 60 }
`;

test('a run whose history is lost to a defect ends with that defect instead of waiting for ever', async () => {
  using directory = temporaryDirectory();
  const dataDir = directory.path;
  const path = join(dataDir, 'endless.yaml');
  writeFileSync(path, FLEET);
  writeFileSync(join(dataDir, 'note.txt'), 'one\n');
  const errors: object[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (fields: object) => void errors.push(fields) };
  const settings = await openSettings({ dataDir, environment: {}, clock: systemClock });
  const plane = await openControlPlane({ dataDir, settings, environment: process.env, clock: systemClock, log });
  const { run } = await plane.launch({ path, overrides: {} });
  while (run.progress().toolCalls < 40) await systemClock.sleep(5);
  const foreign = openForWriting(dataDir);
  foreign.exec('DROP TABLE tool_calls');
  foreign.close();
  const end = await run.settled;
  expect(end).toMatchObject({ state: 'done', agents: 8, agentsFailed: 8 });
  expect(errors).toMatchObject([{ incidentId: expect.any(String), err: expect.any(Error) }]);
  await expect(plane[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'INTERNAL' });
});
