import { AppError } from '../../shared/errors/app-error.ts';
import type { Keychain } from '../instance/host.ts';

/** What is used here of Electron's `safeStorage`. */
export interface SafeTexts {
  getSelectedStorageBackend(): string;
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(text: string): Promise<Buffer>;
  decryptStringAsync(secret: Buffer): Promise<{ readonly result: string }>;
}

/** What Chromium on Linux writes before a text that it encrypted with the password it has for everybody. */
const PUBLIC_PASSWORD = Buffer.from('v10');

/**
 * The operating system's keychain; `undefined` where there is none. Only asked after the app is ready, and never so that main
 * stands still while a person is asked for a password: runs go on.
 *
 * On Linux without a keychain Electron encrypts with a password that is the same on every machine, which keeps nothing
 * secret: it says so of itself where it knows no keychain of this desktop, and the text begins so where that did not answer.
 */
export async function findSystemKeychain(
  safe: SafeTexts,
  platform: NodeJS.Platform = process.platform,
): Promise<Keychain | undefined> {
  const isLinux = platform === 'linux';
  if (isLinux && safe.getSelectedStorageBackend() === 'basic_text') return undefined;
  if (!(await safe.isAsyncEncryptionAvailable().catch(() => false))) return undefined;
  return {
    encrypt: (text) =>
      attempt(async () => {
        const secret = await safe.encryptStringAsync(text);
        const isPublic = isLinux && secret.subarray(0, PUBLIC_PASSWORD.length).equals(PUBLIC_PASSWORD);
        if (isPublic) throw new Error('The keychain of this desktop did not answer.');
        return secret;
      }),
    decrypt: (secret) => attempt(async () => (await safe.decryptStringAsync(Buffer.from(secret))).result),
  };
}

async function attempt<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw new AppError(
      'KEYCHAIN_UNAVAILABLE',
      'The keychain of this system did not open: unlock it and try again, or enter the key anew.',
      { cause },
    );
  }
}
