import type { Breakers } from '../../runtime/admission/breaker/breakers.ts';
import type { Gate, LaneName } from '../../runtime/admission/gate.ts';
import type { ProviderSource, SharedProvider } from '../../runtime/fleet/provider-binding.ts';
import type { Processes } from '../../runtime/processes/owned-process.ts';
import { GuardedProvider } from '../../runtime/providers/guarded-provider.ts';
import { openProvider } from '../../runtime/providers/open-provider.ts';
import type { ProviderEndpoint } from '../../runtime/providers/provider-endpoint.ts';
import { createRollingProvider, type RollingProvider } from '../../runtime/providers/rolling-provider.ts';
import { startSimulator, type StartedSimulator } from '../../runtime/providers/simulator/start-simulator.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { ProviderStatus } from '../../shared/contract/app.ts';
import type { ProviderDefinition } from '../../shared/fleet/fleet-schema.ts';
import type { SettingsValues } from '../../shared/settings/settings.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { BUILT_IN_PROVIDERS } from '../providers/built-in-providers.ts';
import { checkProvider, type ProviderCheck } from '../providers/check-provider.ts';
import type { ProviderKeys } from '../providers/provider-keys.ts';
import { resolveProvider, type Environment } from '../providers/provider-lookup.ts';
import { toProviderLane } from './settings-limits.ts';

/** The name that needs no definition: the simulated provider, started in its own process when it is first asked for. */
const SIMULATOR = 'sim';

/** What the providers are opened with. */
export interface ProviderSourceOptions {
  readonly gate: Gate;
  readonly breakers: Breakers;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly environment: Environment;
  readonly values: SettingsValues;
  /** Keys kept for built-in providers; without them only the environment has keys. */
  readonly keys?: Pick<ProviderKeys, 'findKept'> | undefined;
}

/** The providers of this instance: opened when a run first needs them, shared by all runs, closed with the program. */
export interface OpenProviders extends ProviderSource, AsyncDisposable {
  status(): readonly ProviderStatus[];
  /**
   * Asks a built-in provider for its models with the key a run would use; the simulated one is started for it.
   *
   * @throws {AppError} what `fleets.launch` meets of providers; a simulator that cannot start is PROVIDER_UNREACHABLE.
   */
  check(name: string, signal: AbortSignal): Promise<ProviderCheck>;
  /** New limits: lanes at once, connections by opening a new edition and letting the old one finish. */
  reconfigure(values: SettingsValues): void;
}

interface Entry {
  /** Replaced when another key was kept. */
  endpoint: Omit<ProviderEndpoint, keyof ReturnType<typeof toEndpointLimits> | 'clock'>;
  readonly provider: RollingProvider;
  readonly lane: LaneName;
  readonly opened: Disposable;
}

/** Opens nothing yet. */
export function createProviders(options: ProviderSourceOptions): OpenProviders {
  return new ProvidersOnDemand(options);
}

class ProvidersOnDemand implements OpenProviders {
  readonly #options: ProviderSourceOptions;
  /** By name and definition: two fleets may give one name to different addresses. */
  readonly #entries = new Map<string, Promise<Entry>>();
  readonly #open: Entry[] = [];
  #values: SettingsValues;
  #simulator: Promise<StartedSimulator> | undefined;

  constructor(options: ProviderSourceOptions) {
    this.#options = options;
    this.#values = options.values;
  }

  async acquire(name: string, definition: ProviderDefinition | undefined): Promise<SharedProvider> {
    const key = toKey(name, definition);
    const opening = this.#entries.get(key) ?? this.#openEntry(name, definition);
    this.#entries.set(key, opening);
    // A failure is not remembered: the next run may find the key set or the server up.
    opening.catch(() => this.#entries.delete(key));
    const entry = await opening;
    if (definition === undefined) await this.#refreshKey(entry);
    const { provider, lane } = entry;
    return { provider, lane };
  }

  async check(name: string, signal: AbortSignal): Promise<ProviderCheck> {
    const endpoint = await this.#endpointOf(name, undefined).catch((error: unknown) => {
      if (name !== SIMULATOR) throw error;
      throw new AppError('PROVIDER_UNREACHABLE', 'The simulated provider could not be started; try again.', {
        cause: error,
      });
    });
    return await checkProvider({ ...endpoint, ...toEndpointLimits(this.#values), clock: this.#options.clock }, signal);
  }

  status(): readonly ProviderStatus[] {
    return this.#open.map(({ provider, endpoint }) => {
      const {
        name,
        openStreams: streams,
        connections,
        requests,
        failures: failed,
        rateLimited,
        firstTokenP50Ms,
      } = provider.stats();
      return { name, baseUrl: endpoint.baseUrl, connections, streams, requests, failed, rateLimited, firstTokenP50Ms };
    });
  }

  reconfigure(values: SettingsValues): void {
    this.#values = values;
    for (const entry of this.#open) {
      this.#options.gate.reconfigure(entry.lane, toProviderLane(values));
      entry.provider.replace(() => this.#openEdition(entry.endpoint));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that is being opened is closed like those that are open.
    await Promise.allSettled(this.#entries.values());
    for (const { opened } of this.#open) opened[Symbol.dispose]();
    await Promise.all(this.#open.map(({ provider }) => provider[Symbol.asyncDispose]()));
    const simulator = await this.#simulator?.catch(() => undefined);
    await simulator?.[Symbol.asyncDispose]();
  }

  async #openEntry(name: string, definition: ProviderDefinition | undefined): Promise<Entry> {
    const endpoint = await this.#endpointOf(name, definition);
    const breaker = this.#options.breakers.open({ name: `the provider ${name}`, provider: name });
    const provider = new GuardedProvider(
      createRollingProvider(() => this.#openEdition(endpoint)),
      breaker,
    );
    const taken = this.#open.filter((entry) => entry.endpoint.name === name).length;
    const lane: LaneName = `provider:${name}${taken === 0 ? '' : `#${taken + 1}`}`;
    const entry: Entry = {
      endpoint,
      provider,
      lane,
      opened: this.#options.gate.openLane(lane, toProviderLane(this.#values)),
    };
    this.#open.push(entry);
    return entry;
  }

  #openEdition(endpoint: Entry['endpoint']): ReturnType<typeof openProvider> {
    return openProvider({ ...endpoint, ...toEndpointLimits(this.#values), clock: this.#options.clock });
  }

  /** A run that starts finds the key that is kept now; whoever uses the provider already goes on with it as well. */
  async #refreshKey(entry: Entry): Promise<void> {
    const { name, key } = entry.endpoint;
    if (name === SIMULATOR) return;
    const endpoint = await this.#defined(name, undefined);
    if (endpoint.key === key) return;
    entry.endpoint = endpoint;
    entry.provider.replace(() => this.#openEdition(entry.endpoint));
  }

  #endpointOf(name: string, definition: ProviderDefinition | undefined): Promise<Entry['endpoint']> {
    return name === SIMULATOR && !definition ? this.#simulated() : this.#defined(name, definition);
  }

  async #defined(name: string, definition: ProviderDefinition | undefined): Promise<Entry['endpoint']> {
    const own = definition ? { [name]: definition } : {};
    // Never for a fleet's own definition, whose address the file chooses.
    const kept = definition || !isBuiltIn(name) ? undefined : await this.#options.keys?.findKept(name);
    const resolved = resolveProvider(name, own, this.#options.environment, kept);
    const { protocol, baseUrl, http, caFile, contextTokens } = resolved.definition;
    const caFiles = caFile === undefined ? [] : [caFile];
    return {
      name,
      protocol,
      baseUrl,
      http,
      caFiles,
      contextTokens,
      key: resolved.key,
      environment: this.#options.environment,
    };
  }

  async #simulated(): Promise<Entry['endpoint']> {
    this.#simulator ??= startSimulator(this.#options.processes, {});
    try {
      const { openaiBaseUrl, caFile, ended } = await this.#simulator;
      // The next run gets a new one.
      void ended.then(() => this.#forgetSimulator());
      return {
        name: SIMULATOR,
        protocol: 'openai',
        baseUrl: openaiBaseUrl,
        http: 'auto',
        caFiles: [caFile],
        environment: {},
      };
    } catch (error) {
      this.#simulator = undefined;
      throw error;
    }
  }

  #forgetSimulator(): void {
    this.#simulator = undefined;
    this.#entries.delete(toKey(SIMULATOR, undefined));
  }
}

function isBuiltIn(name: string): boolean {
  return Object.hasOwn(BUILT_IN_PROVIDERS, name);
}

function toKey(name: string, definition: ProviderDefinition | undefined): string {
  return `${name} ${JSON.stringify(definition)}`;
}

function toEndpointLimits(values: SettingsValues) {
  return {
    stallMs: values['provider.stallMs'],
    connectTimeoutMs: values['provider.connectTimeoutMs'],
    maxConnections: values['provider.maxConnections'],
    maxConcurrentStreams: values['provider.maxConcurrentStreams'],
  };
}
