import { expect, test } from 'vitest';
import { findSystemKeychain, type SafeTexts } from '../../../main/app/system-keychain.ts';

/** A `safeStorage` that marks instead of encrypting. */
function safeTexts(mark: 'v10' | 'v11', changes: Partial<SafeTexts> = {}): SafeTexts {
  return {
    getSelectedStorageBackend: () => 'gnome_libsecret',
    isAsyncEncryptionAvailable: async () => true,
    encryptStringAsync: async (text) => Buffer.from(`${mark}${text}`),
    decryptStringAsync: async (secret) => ({ result: secret.subarray(mark.length).toString() }),
    ...changes,
  };
}

test('what a keychain has encrypted it reads again', async () => {
  const keychain = await findSystemKeychain(safeTexts('v11'), 'linux');
  expect(await keychain!.decrypt(await keychain!.encrypt('a key'))).toBe('a key');
});

test('there is no keychain where the system has none, or only a password that everybody knows', async () => {
  const none = { isAsyncEncryptionAvailable: async () => false };
  const broken = { isAsyncEncryptionAvailable: () => Promise.reject(new Error('no bus')) };
  const known = { getSelectedStorageBackend: () => 'basic_text' };
  for (const changes of [none, broken, known])
    expect(await findSystemKeychain(safeTexts('v11', changes), 'linux')).toBeUndefined();
});

test('on Linux nothing is kept with the password of everybody; elsewhere that mark means the keychain', async () => {
  const linux = await findSystemKeychain(safeTexts('v10'), 'linux');
  await expect(linux!.encrypt('a key')).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' });
  const mac = await findSystemKeychain(safeTexts('v10'), 'darwin');
  expect(await mac!.decrypt(await mac!.encrypt('a key'))).toBe('a key');
});

test('a keychain that stays locked is told from a defect', async () => {
  const locked = { decryptStringAsync: () => Promise.reject(new Error('locked')) };
  const keychain = await findSystemKeychain(safeTexts('v11', locked), 'linux');
  await expect(keychain!.decrypt(Buffer.from('v11x'))).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' });
});
