import type { ProviderDefinition } from '../../shared/fleet/fleet-schema.ts';

/** A provider everybody has by name. */
export interface BuiltInProvider {
  readonly definition: ProviderDefinition;
  /** Environment variable that replaces the address, as the provider's own tools read it. */
  readonly baseUrlFrom?: string;
  /** Runs on this machine: it needs no key and costs nothing. */
  readonly local: boolean;
}

function createLocal(port: number): BuiltInProvider {
  return { local: true, definition: { protocol: 'openai', baseUrl: `http://127.0.0.1:${port}/v1`, http: '1.1' } };
}

/** The providers a fleet may name without defining them; `sim` is started on demand and is not among them. */
export const BUILT_IN_PROVIDERS: Readonly<Record<string, BuiltInProvider>> = {
  openai: {
    local: false,
    baseUrlFrom: 'OPENAI_BASE_URL',
    definition: {
      protocol: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      keyFrom: 'OPENAI_API_KEY',
      http: 'auto',
    },
  },
  anthropic: {
    local: false,
    baseUrlFrom: 'ANTHROPIC_BASE_URL',
    definition: {
      protocol: 'anthropic',
      baseUrl: 'https://api.anthropic.com/v1',
      keyFrom: 'ANTHROPIC_API_KEY',
      http: 'auto',
    },
  },
  ollama: createLocal(11_434),
  lmstudio: createLocal(1_234),
  vllm: createLocal(8_000),
  llamacpp: createLocal(8_080),
};

/** Whether `name` is one of the built-in providers that run on this machine. */
export function isLocalProvider(name: string): boolean {
  return Object.hasOwn(BUILT_IN_PROVIDERS, name) && BUILT_IN_PROVIDERS[name]?.local === true;
}
