import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ProviderEntry } from '../../shared/contract/providers.ts';
import { loadJsonFile, saveJsonFile } from '../files/json-file.ts';
import { createSerially } from '../files/serially.ts';
import type { Keychain } from '../instance/host.ts';
import { BUILT_IN_PROVIDERS } from './built-in-providers.ts';
import { findKeyIn, type Environment } from './provider-lookup.ts';

/** Encrypted keys by provider name, in base 64; the keys themselves are in no file. */
const keyFile = z.record(z.string().max(100), z.string().max(100_000));

/** What the headers of HTTP may carry as a value: visible ASCII. */
const KEY_TEXT = /^[\x21-\x7e]+$/;

/** Whether a text can be a key at all: what a header could not carry would only be refused at the first request. */
export function isKeyText(text: string): boolean {
  return KEY_TEXT.test(text);
}

/** What keys are kept with. */
export interface ProviderKeysOptions {
  readonly dataDir: string;
  readonly environment: Environment;
  /** The operating system's; absent where there is none, and then nothing is kept and nothing kept is used. */
  readonly keychain?: Keychain | undefined;
}

/**
 * The keys of the providers that come with the program: from the environment first, then from what was kept.
 *
 * A kept key belongs to the built-in provider only. A fleet file's own definition never gets it, whatever name it takes:
 * a file from elsewhere could otherwise send the key to an address of its choice.
 */
export interface ProviderKeys {
  /** Whether keys can be kept here. */
  readonly isKeeping: boolean;
  /** Where the key of a built-in provider comes from; asks no keychain. @throws {AppError} PROVIDER_UNKNOWN */
  sourceOf(name: string): Promise<ProviderEntry['key']>;
  /** The kept key; `undefined` when there is none, or the environment has one. @throws {AppError} KEYCHAIN_UNAVAILABLE */
  findKept(name: string): Promise<string | undefined>;
  /** @throws {AppError} PROVIDER_UNKNOWN, INPUT_INVALID, KEYCHAIN_UNAVAILABLE, DATA_DIR_READ_ONLY or DISK_FULL */
  keep(name: string, key: string): Promise<void>;
  /** One that is not kept is no mistake. @throws {AppError} PROVIDER_UNKNOWN, KEYCHAIN_UNAVAILABLE, DATA_DIR_READ_ONLY or DISK_FULL */
  remove(name: string): Promise<void>;
}

/** Keys of one data directory, encrypted in its `keys.json`, which only this user may read. */
export function createProviderKeys(options: ProviderKeysOptions): ProviderKeys {
  const { environment, keychain } = options;
  const path = join(options.dataDir, 'keys.json');
  const serially = createSerially();
  const load = async () => (await loadJsonFile(path, keyFile)) ?? {};
  const change = (name: string, secret: string | undefined): Promise<void> =>
    serially(async () => {
      const { [name]: _old, ...others } = await load();
      if (secret === undefined && _old === undefined) return;
      await saveJsonFile(path, secret === undefined ? others : { ...others, [name]: secret });
    });
  return {
    isKeeping: keychain !== undefined,
    async sourceOf(name) {
      const variable = getKeyVariable(name);
      if (variable === undefined) return 'none needed';
      if (findKeyIn(environment, variable) !== undefined) return 'environment';
      return keychain !== undefined && Object.hasOwn(await load(), name) ? 'kept' : 'missing';
    },
    async findKept(name) {
      const variable = getKeyVariable(name);
      if (variable === undefined || findKeyIn(environment, variable) !== undefined || !keychain) return undefined;
      const secret = (await load())[name];
      return secret === undefined ? undefined : await keychain.decrypt(Buffer.from(secret, 'base64'));
    },
    async keep(name, key) {
      const variable = getKeyVariable(name);
      if (variable === undefined) throw new AppError('INPUT_INVALID', `The provider ${name} needs no key.`);
      if (!keychain) throw toUnavailable(name, variable);
      const trimmed = key.trim();
      if (!isKeyText(trimmed)) {
        const sentence = 'This is no key: it holds spaces, line ends or letters that no key has; copy it again.';
        throw new AppError('INPUT_INVALID', sentence);
      }
      const secret = await keychain.encrypt(trimmed);
      await change(name, Buffer.from(secret).toString('base64'));
    },
    async remove(name) {
      const variable = getKeyVariable(name);
      if (variable !== undefined && !keychain) throw toUnavailable(name, variable);
      await change(name, undefined);
    },
  };
}

/** The variable of a built-in provider's key; `undefined` where none is needed. @throws {AppError} PROVIDER_UNKNOWN */
function getKeyVariable(name: string): string | undefined {
  if (name === 'sim') return undefined;
  const provider = Object.hasOwn(BUILT_IN_PROVIDERS, name) ? BUILT_IN_PROVIDERS[name] : undefined;
  if (provider) return provider.definition.keyFrom;
  throw new AppError(
    'PROVIDER_UNKNOWN',
    `Flotilla comes with no provider ${name.slice(0, 60)}; the key of one that a fleet file defines comes from the variable it names.`,
  );
}

function toUnavailable(name: string, variable: string): AppError {
  const sentence = `Keys cannot be kept here; set the environment variable ${variable} where Flotilla is started to give ${name} its key.`;
  return new AppError('KEYCHAIN_UNAVAILABLE', sentence, { details: { provider: name, variable } });
}
