import { z } from 'zod';
import { command, defineDomain, query } from './define.ts';

const name = z.string().min(1).max(100);

const provider = z.object({
  name,
  protocol: z.enum(['openai', 'anthropic']),
  /** Empty for the simulated one, which gets its address when it is started. */
  baseUrl: z.string(),
  /** `simulated` is started by the program, `local` runs on this machine, `cloud` elsewhere. */
  place: z.enum(['simulated', 'local', 'cloud']),
  /** The environment variable its key is read from; absent when it needs none. */
  keyFrom: z.string().optional(),
  /** `environment` stands above `kept`, the operating system's keychain. */
  key: z.enum(['none needed', 'environment', 'kept', 'missing']),
});

/** A provider every fleet may name, with where its key comes from. Keys themselves never cross to the window. */
export type ProviderEntry = z.infer<typeof provider>;

/** Providers that come with the program, and their keys. */
export const providers = defineDomain('providers', {
  list: query({ input: z.strictObject({}), output: z.object({ providers: z.array(provider) }), deadlineMs: 5_000 }),
  /** Asks the provider for its models once, with the key it would use. */
  check: query({
    input: z.strictObject({ name }),
    output: z.object({ ms: z.number(), models: z.array(z.string()), message: z.string() }),
    errors: [
      'PROVIDER_UNKNOWN',
      'PROVIDER_KEY_MISSING',
      'KEYCHAIN_UNAVAILABLE',
      'PROVIDER_UNREACHABLE',
      'PROVIDER_CERTIFICATE_REFUSED',
      'PROVIDER_AUTH_REFUSED',
      'PROVIDER_REFUSED',
      'PROVIDER_RATE_LIMITED',
      'PROVIDER_OVERLOADED',
      'PROVIDER_PROTOCOL',
    ],
    deadlineMs: 20_000,
  }),
  /** Hands a key to the operating system's keychain; runs that start from now on use it. */
  setKey: command({
    input: z.strictObject({ name, key: z.string().min(1).max(4_096) }),
    output: provider,
    errors: ['PROVIDER_UNKNOWN', 'KEYCHAIN_UNAVAILABLE', 'INPUT_INVALID', 'DATA_DIR_READ_ONLY', 'DISK_FULL'],
    deadlineMs: 10_000,
  }),
  removeKey: command({
    input: z.strictObject({ name }),
    output: provider,
    errors: ['PROVIDER_UNKNOWN', 'KEYCHAIN_UNAVAILABLE', 'DATA_DIR_READ_ONLY', 'DISK_FULL'],
    deadlineMs: 10_000,
  }),
});
