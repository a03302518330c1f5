import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Keychain } from '../../../main/instance/host.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** A keychain that really encrypts, with a secret that lives as long as the test. */
export function createTestKeychain(): Keychain {
  const secret = randomBytes(32);
  return {
    async encrypt(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    async decrypt(bytes) {
      const blob = Buffer.from(bytes);
      try {
        const decipher = createDecipheriv('aes-256-gcm', secret, blob.subarray(0, 12));
        decipher.setAuthTag(blob.subarray(12, 28));
        return Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]).toString('utf8');
      } catch (error) {
        throw new AppError('KEYCHAIN_UNAVAILABLE', 'The kept key cannot be read; enter it again.', { cause: error });
      }
    },
  };
}
