import { safeStorage } from 'electron';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Keychain } from '../instance/host.ts';

/**
 * The operating system's keychain; `undefined` where there is none. On Linux without one, Electron would encrypt with a
 * password that is the same on every machine, which keeps nothing secret. Only asked after the app is ready.
 */
export function findKeychain(): Keychain | undefined {
  if (!safeStorage.isEncryptionAvailable()) return undefined;
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return undefined;
  return {
    encrypt: async (text) => attempt(() => safeStorage.encryptString(text)),
    decrypt: async (secret) => attempt(() => safeStorage.decryptString(Buffer.from(secret))),
  };
}

function attempt<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    throw new AppError(
      'KEYCHAIN_UNAVAILABLE',
      'The keychain of this system did not open: unlock it and try again, or enter the key anew.',
      { cause },
    );
  }
}
