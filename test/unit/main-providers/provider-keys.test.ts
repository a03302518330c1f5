import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProviderKeys } from '../../../main/providers/provider-keys.ts';
import { getProviderEntry, listProviders } from '../../../main/providers/provider-list.ts';
import { BUILT_IN_PROVIDERS } from '../../../shared/fleet/fleet-schema.ts';
import { errorOf } from '../../support/error-of.ts';
import { temporaryDirectory } from '../../support/history-events.ts';
import { createTestKeychain } from '../../support/instance/test-keychain.ts';

const KEY = 'sk-test-4f9c2a71';

test('a kept key is found after a restart, encrypted in a file that only its user can read', async () => {
  using folder = temporaryDirectory();
  const options = { dataDir: folder.path, environment: {}, keychain: createTestKeychain() };
  const keys = createProviderKeys(options);
  expect(await keys.sourceOf('openai')).toBe('missing');
  await keys.keep('openai', `  ${KEY}\n`);
  const path = join(folder.path, 'keys.json');
  expect(await readFile(path, 'utf8')).not.toContain(KEY);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const again = createProviderKeys(options);
  expect([await again.sourceOf('openai'), await again.findKept('openai')]).toEqual(['kept', KEY]);
  await again.remove('openai');
  await again.remove('openai');
  expect([await keys.sourceOf('openai'), await keys.findKept('openai')]).toEqual(['missing', undefined]);
});

test('the environment stands above what is kept, unless it is empty there', async () => {
  using folder = temporaryDirectory();
  const environment: Record<string, string> = { OPENAI_API_KEY: 'from-environment' };
  const keys = createProviderKeys({ dataDir: folder.path, environment, keychain: createTestKeychain() });
  await keys.keep('openai', KEY);
  expect([await keys.sourceOf('openai'), await keys.findKept('openai')]).toEqual(['environment', undefined]);
  environment['OPENAI_API_KEY'] = ' ';
  expect([await keys.sourceOf('openai'), await keys.findKept('openai')]).toEqual(['kept', KEY]);
});

test('without a keychain nothing is kept, nothing kept is used, and the variable to set is named', async () => {
  using folder = temporaryDirectory();
  await createProviderKeys({ dataDir: folder.path, environment: {}, keychain: createTestKeychain() }).keep(
    'openai',
    KEY,
  );
  const keys = createProviderKeys({ dataDir: folder.path, environment: {} });
  const refused = { code: 'KEYCHAIN_UNAVAILABLE', message: expect.stringContaining('OPENAI_API_KEY') };
  await expect(keys.keep('openai', KEY)).rejects.toMatchObject(refused);
  await expect(keys.remove('openai')).rejects.toMatchObject(refused);
  expect([keys.isKeeping, await keys.sourceOf('openai'), await keys.findKept('openai')]).toEqual([
    false,
    'missing',
    undefined,
  ]);
});

test('what cannot be a key, or belongs to no provider with one, is refused without repeating it', async () => {
  using folder = temporaryDirectory();
  const keys = createProviderKeys({ dataDir: folder.path, environment: {}, keychain: createTestKeychain() });
  const failures = await Promise.all(
    [
      keys.keep('openai', 'two words-secret'),
      keys.keep('openai', 'ключ-secret'),
      keys.keep('ollama', KEY),
      keys.keep('sim', KEY),
      keys.keep('constructor', KEY),
      keys.keep('mine', KEY),
    ].map(errorOf),
  );
  expect(failures.map((error) => (error as { code: string }).code)).toEqual([
    'INPUT_INVALID',
    'INPUT_INVALID',
    'INPUT_INVALID',
    'INPUT_INVALID',
    'PROVIDER_UNKNOWN',
    'PROVIDER_UNKNOWN',
  ]);
  for (const error of failures) expect((error as Error).message).not.toMatch(/secret|4f9c2a71/);
});

test('a key encrypted elsewhere is told, and one that somebody damaged too', async () => {
  using folder = temporaryDirectory();
  await createProviderKeys({ dataDir: folder.path, environment: {}, keychain: createTestKeychain() }).keep(
    'openai',
    KEY,
  );
  const elsewhere = createProviderKeys({ dataDir: folder.path, environment: {}, keychain: createTestKeychain() });
  await expect(elsewhere.findKept('openai')).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' });
  await writeFile(join(folder.path, 'keys.json'), 'not json');
  expect(await elsewhere.sourceOf('openai')).toBe('missing');
});

test('two keys kept at the same moment are both there', async () => {
  using folder = temporaryDirectory();
  const keys = createProviderKeys({ dataDir: folder.path, environment: {}, keychain: createTestKeychain() });
  await Promise.all([keys.keep('openai', 'one'), keys.keep('anthropic', 'two')]);
  expect([await keys.findKept('openai'), await keys.findKept('anthropic')]).toEqual(['one', 'two']);
});

test('the list has every built-in provider, where it runs and where its key comes from', async () => {
  const environment = { ANTHROPIC_API_KEY: 'k', OPENAI_BASE_URL: ' https://proxy.example/v1 ' };
  const keys = createProviderKeys({ dataDir: '/nowhere', environment });
  const list = await listProviders(environment, keys);
  expect(list.map(({ name }) => name)).toEqual([...BUILT_IN_PROVIDERS]);
  expect(list.slice(0, 4)).toMatchObject([
    { name: 'sim', place: 'simulated', baseUrl: '', key: 'none needed' },
    { name: 'openai', place: 'cloud', baseUrl: 'https://proxy.example/v1', keyFrom: 'OPENAI_API_KEY', key: 'missing' },
    { name: 'anthropic', protocol: 'anthropic', key: 'environment' },
    { name: 'ollama', place: 'local', key: 'none needed' },
  ]);
  await expect(getProviderEntry('else', environment, keys)).rejects.toMatchObject({ code: 'PROVIDER_UNKNOWN' });
});
