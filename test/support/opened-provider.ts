import type { AskOptions, ModelReply, ModelRequest, Provider } from '../../runtime/providers/provider.ts';
import type { ProviderEndpoint } from '../../runtime/providers/provider-endpoint.ts';
import { openProvider } from '../../runtime/providers/open-provider.ts';
import { systemClock } from '../../runtime/time/clock.ts';
import type { ScriptedServer } from './servers/scripted-server.ts';

/** A provider on a scripted server, with limits far away unless a test brings them near. */
export function openTestProvider(
  server: Pick<ScriptedServer, 'origin' | 'caPem'>,
  options: Partial<ProviderEndpoint> = {},
): Provider {
  return openProvider({
    name: 'test',
    protocol: 'openai',
    baseUrl: `${server.origin}/v1`,
    http: 'auto',
    caPem: server.caPem === '' ? [] : [server.caPem],
    stallMs: 60_000,
    connectTimeoutMs: 10_000,
    maxConnections: 64,
    maxConcurrentStreams: 100,
    clock: systemClock,
    environment: {},
    ...options,
  });
}

/** Asks for anything. */
export function ask(
  provider: Provider,
  options: Partial<AskOptions> = {},
  request: Partial<ModelRequest> = {},
): Promise<ModelReply> {
  return provider.ask(
    { model: 'any', system: '', messages: [{ role: 'user', text: 'Hello' }], tools: [], ...request },
    { signal: new AbortController().signal, deadlineMs: 300_000, ...options },
  );
}
