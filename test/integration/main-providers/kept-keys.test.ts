import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Host } from '../../../main/instance/host.ts';
import { errorOf } from '../../support/error-of.ts';
import { openScriptedServer } from '../../support/servers/scripted-server.ts';
import { createInstanceFolder, openTestInstance, type TestInstance } from '../../support/instance/test-instance.ts';
import { createTestKeychain } from '../../support/instance/test-keychain.ts';

const FIRST_KEY = 'sk-first-7d1e55aa90';
const SECOND_KEY = 'sk-second-0c44be21f7';

/** Refuses every key and repeats it, as an unfriendly server may. */
const openRefusing = () =>
  openScriptedServer({
    kind: 'h1',
    answer(request, answer) {
      answer.head(401, { 'content-type': 'application/json' });
      answer.end(JSON.stringify({ error: { message: `Wrong key: ${String(request.headers['authorization'])}` } }));
    },
  });

async function run({ calls }: TestInstance, path: string) {
  const { runId } = await calls.fleets.launch({ path, overrides: {} });
  for await (const item of calls.runs.watch({ runId })) if (item.kind === 'report') return item.report;
  return undefined;
}

/** Whatever the data directory holds, as one text. */
async function readAll(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')));
  return texts.join('\n');
}

test('runs use the key that is kept when they start, and no key is in anything that is said or written', async () => {
  await using server = await openRefusing();
  await using site = await createInstanceFolder();
  const path = join(site.folder, 'fleet.yaml');
  await writeFile(
    path,
    'flotilla: 1\nname: keyed\nprovider: openai\nmodel: gpt-5\nagents: [{ name: a, prompt: Hi }]\n',
  );
  const host: Host = { kind: 'desktop', keychain: createTestKeychain(), show: async () => ({ shown: true }) };
  const environment = { OPENAI_BASE_URL: `${server.origin}/v1` };
  const said: unknown[] = [];
  {
    await using instance = await openTestInstance(site.dataDir, environment, host);
    const { providers, fleets, app } = instance.calls;
    expect(await app.about({})).toMatchObject({ host: 'desktop', keepsKeys: true });
    const missing = await errorOf(run(instance, path));
    expect(missing).toMatchObject({ code: 'PROVIDER_KEY_MISSING' });
    for (const key of [FIRST_KEY, SECOND_KEY]) {
      const entry = await providers.setKey({ name: 'openai', key });
      expect(entry).toMatchObject({ key: 'kept' });
      const preview = await fleets.validate({ path, overrides: {} });
      expect(preview).toMatchObject({ preview: { providers: [{ name: 'openai', ready: true }] } });
      const refused = await errorOf(providers.check({ name: 'openai' }));
      expect(refused).toMatchObject({ code: 'PROVIDER_AUTH_REFUSED' });
      said.push(entry, preview, String(refused), refused, await run(instance, path));
      expect(server.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${key}`);
    }
    // The mistake of a person who pastes too much.
    said.push(String(await errorOf(providers.setKey({ name: 'openai', key: `${FIRST_KEY} and more` }))));
    said.push(await providers.list({}), await fleets.known({}));
    expect(await providers.removeKey({ name: 'openai' })).toMatchObject({ key: 'missing' });
    expect(await errorOf(run(instance, path))).toMatchObject({ code: 'PROVIDER_KEY_MISSING' });
    await providers.setKey({ name: 'openai', key: SECOND_KEY });
  }
  const everything = `${JSON.stringify(said)}\n${await readAll(site.dataDir)}`;
  expect(everything).toContain('PROVIDER_AUTH_REFUSED');
  for (const key of [FIRST_KEY, SECOND_KEY]) {
    expect(everything).not.toContain(key);
    expect(everything).not.toContain(Buffer.from(key).toString('base64').slice(0, -4));
  }
});

test("a fleet file's own provider of the same name never gets the kept key", async () => {
  await using server = await openRefusing();
  await using site = await createInstanceFolder();
  const path = join(site.folder, 'foreign.yaml');
  const own = `providers: { openai: { protocol: openai, baseUrl: "${server.origin}/v1", keyFrom: OPENAI_API_KEY } }`;
  await writeFile(
    path,
    `flotilla: 1\nname: foreign\nprovider: openai\nmodel: gpt-5\n${own}\nagents: [{ name: a, prompt: Hi }]\n`,
  );
  const host: Host = { kind: 'desktop', keychain: createTestKeychain(), show: async () => ({ shown: true }) };
  await using instance = await openTestInstance(site.dataDir, {}, host);
  await instance.calls.providers.setKey({ name: 'openai', key: FIRST_KEY });
  expect(await errorOf(run(instance, path))).toMatchObject({ code: 'PROVIDER_KEY_MISSING' });
  expect(await instance.calls.fleets.validate({ path, overrides: {} })).toMatchObject({
    preview: { providers: [{ ready: false }] },
  });
  expect(server.requests).toEqual([]);
});

test('a key that this user can no longer decrypt is told as such, by the check and by a launch, and can be replaced', async () => {
  await using site = await createInstanceFolder();
  const path = join(site.folder, 'fleet.yaml');
  await writeFile(path, 'flotilla: 1\nname: k\nprovider: openai\nmodel: gpt-5\nagents: [{ name: a, prompt: Hi }]\n');
  const openAsAnotherUser = () =>
    openTestInstance(
      site.dataDir,
      {},
      {
        kind: 'desktop',
        keychain: createTestKeychain(),
        show: async () => ({ shown: true }),
      },
    );
  {
    await using first = await openAsAnotherUser();
    await first.calls.providers.setKey({ name: 'openai', key: FIRST_KEY });
  }
  await using second = await openAsAnotherUser();
  const { providers } = second.calls;
  const failures = [await errorOf(providers.check({ name: 'openai' })), await errorOf(run(second, path))];
  expect(failures).toMatchObject([{ code: 'KEYCHAIN_UNAVAILABLE' }, { code: 'KEYCHAIN_UNAVAILABLE' }]);
  expect(await providers.setKey({ name: 'openai', key: SECOND_KEY })).toMatchObject({ key: 'kept' });
});

test('the simulated provider is started for its check, as a run would start it', async () => {
  await using site = await createInstanceFolder();
  await using instance = await openTestInstance(site.dataDir);
  const { models } = await instance.calls.providers.check({ name: 'sim' });
  expect(models).toContain('sim/default');
  expect(await errorOf(instance.calls.providers.check({ name: 'nobody' }))).toMatchObject({ code: 'PROVIDER_UNKNOWN' });
  expect(await errorOf(instance.calls.providers.check({ name: 'openai' }))).toMatchObject({
    code: 'PROVIDER_KEY_MISSING',
  });
});
