import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFleetText, writeFleetText } from '../../../main/fleets/fleet-text.ts';
import { errorOf } from '../../support/error-of.ts';
import { makeReadOnly, mount } from '../../support/mounts.ts';
import { createInstanceFolder, openTestInstance } from '../../support/instance/test-instance.ts';

const fleetText = (name: string) =>
  `flotilla: 1\nname: ${name}\nmodel: sim/default\nagents: [{ name: a, count: 2, prompt: 'Reply only with "yes"' }]\n`;

test('what is written, opened and run is known with its last run, also after a restart', async () => {
  await using site = await createInstanceFolder();
  const at = (name: string) => join(site.folder, name);
  {
    await using instance = await openTestInstance(site.dataDir);
    const { fleets, runs } = instance.calls;
    await fleets.write({ path: at('written.yaml'), text: fleetText('written') });
    await writeFile(at('opened.yaml'), fleetText('opened'));
    await writeFile(at('only-run.yaml'), fleetText('only-run'));
    expect(await fleets.add({ path: at('opened.yaml') })).toEqual({ added: true });
    expect(await errorOf(fleets.add({ path: at('none.yaml') }))).toMatchObject({ code: 'FLEET_NOT_FOUND' });
    for (const name of ['written.yaml', 'only-run.yaml', 'only-run.yaml']) {
      const { runId } = await fleets.launch({ path: at(name), overrides: {} });
      for await (const item of runs.watch({ runId })) if (item.kind === 'report') break;
    }
  }
  await using instance = await openTestInstance(site.dataDir);
  const { fleets } = await instance.calls.fleets.known({});
  expect(fleets.slice(0, 2)).toMatchObject([
    { path: at('only-run.yaml'), origin: 'run', exists: true, lastRun: { state: 'done', agents: 2, failed: 0 } },
    { path: at('written.yaml'), name: 'written', origin: 'added', lastRun: { state: 'done' } },
  ]);
  expect(fleets.filter(({ path }) => path === at('only-run.yaml'))).toHaveLength(1);
  const rest = fleets.slice(2);
  expect(rest[0]).toMatchObject({ name: 'repo-survey', origin: 'example' });
  expect(rest.at(-1)).toMatchObject({ name: 'opened', origin: 'added' });
  expect(await instance.calls.fleets.forget({ path: at('opened.yaml') })).toEqual({ forgotten: true });
  expect((await instance.calls.fleets.known({})).fleets.map(({ path }) => path)).not.toContain(at('opened.yaml'));
});

test('the fleet of a run is told with the text it was launched with, and whether its file is there', async () => {
  await using site = await createInstanceFolder();
  await using instance = await openTestInstance(site.dataDir);
  const { fleets } = instance.calls;
  const path = join(site.folder, 'never-saved.yaml');
  const text = fleetText('never-saved');
  const { runId } = await fleets.launch({ path, text, overrides: {} });
  expect(await fleets.ofRun({ runId })).toEqual({ path, text, exists: false });
  await fleets.write({ path, text: fleetText('saved-since') });
  expect(await fleets.ofRun({ runId })).toEqual({ path, text, exists: true });
  const other = '01M00000000000000000000000';
  expect(await errorOf(fleets.ofRun({ runId: other }))).toMatchObject({ code: 'RUN_NOT_FOUND' });
});

test('a text is checked before its file exists, and previewed when it is right', async () => {
  await using site = await createInstanceFolder();
  await using instance = await openTestInstance(site.dataDir);
  const { fleets } = instance.calls;
  const path = join(site.folder, 'to-be.yaml');
  expect(await fleets.validate({ path, text: `${fleetText('x')}nmae: y\n`, overrides: {} })).toMatchObject({
    problems: [{ file: path, line: 5 }],
  });
  expect(await fleets.validate({ path, text: fleetText('x'), overrides: { 'limits.turns': 7 } })).toEqual({
    problems: [],
    preview: expect.objectContaining({ agents: 2, turnsPerAgent: 7, cost: { isFree: true, upToUsd: 0 } }) as unknown,
  });
  expect(await errorOf(fleets.validate({ text: 'x', overrides: {} }))).toMatchObject({ code: 'INPUT_INVALID' });
});

test('a shell in the preview says what a run would find out about its sandbox', async () => {
  await using site = await createInstanceFolder();
  await using instance = await openTestInstance(site.dataDir);
  const text = `${fleetText('x')}tools: [shell]\nallow: [shell]\n`;
  const validated = await instance.calls.fleets.validate({ path: join(site.folder, 'x.yaml'), text, overrides: {} });
  expect(validated.preview?.warnings[0]).toMatch(/a sandbox lets them write|nothing confines them: /);
});

test('a disk that can only be read is told, and shown as read-only', async (context) => {
  await using site = await createInstanceFolder();
  const folder = join(site.folder, 'disk');
  await mkdir(folder);
  const path = join(folder, 'fleet.yaml');
  await writeFile(path, fleetText('x'));
  using mounted = mount(folder, '--bind', folder);
  if (!mounted) context.skip('this machine does not let the test mount');
  makeReadOnly(folder);
  const { revision, readOnly } = await readFleetText(path);
  expect(readOnly).toBe(true);
  const refused = {
    code: 'FILE_NOT_WRITABLE',
    message: expect.stringContaining('its disk can only be read') as string,
  };
  await expect(writeFleetText({ path, text: '', revision })).rejects.toMatchObject(refused);
  await expect(writeFleetText({ path: join(folder, 'new.yaml'), text: '' })).rejects.toMatchObject(refused);
});

test('the window is told of the program, its pulse and what was chosen', async () => {
  await using site = await createInstanceFolder();
  const shown = { shown: true, url: 'http://127.0.0.1:1/' };
  const host = { kind: 'serve' as const, show: async () => shown };
  await using instance = await openTestInstance(site.dataDir, {}, host);
  const { app } = instance.calls;
  expect(await app.about({})).toMatchObject({
    host: 'serve',
    version: 'test',
    keepsKeys: false,
    hasLog: false,
    startFolder: process.cwd(),
  });
  expect(await app.show({})).toEqual(shown);
  await app.setPreferences({ theme: 'light' });
  expect(await app.preferences({})).toEqual({ theme: 'light' });
  for await (const pulse of app.pulse({})) {
    expect(pulse).toMatchObject({ liveRuns: 0, agentsRunning: 0, waiting: [] });
    break;
  }
});
