import type { ErrorCode } from '../../shared/errors/error-codes.ts';
import type { Breaker } from '../admission/breaker/breakers.ts';
import type { AskOptions, ModelReply, ModelRequest, ProviderStats } from './provider.ts';
import type { RollingProvider } from './rolling-provider.ts';

/** Failures of the provider or of the way to it. A 429 is none: its own pace holds that back. */
const TELLS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PROVIDER_UNREACHABLE',
  'PROVIDER_OVERLOADED',
  'PROVIDER_STALLED',
  'PROVIDER_STREAM_BROKEN',
  'PROVIDER_PROTOCOL',
  'DEADLINE_EXCEEDED',
]);

/** A provider that is not asked while too many of its answers fail. It owns both, and disposes of both. */
export class GuardedProvider implements RollingProvider {
  readonly #provider: RollingProvider;
  readonly #breaker: Breaker;

  constructor(provider: RollingProvider, breaker: Breaker) {
    this.#provider = provider;
    this.#breaker = breaker;
  }

  get name(): string {
    return this.#provider.name;
  }

  get contextTokens(): number | undefined {
    return this.#provider.contextTokens;
  }

  /** @throws {AppError} CIRCUIT_OPEN with `retryAfterMs`, and what `Provider.ask` throws. */
  ask(request: ModelRequest, options: AskOptions): Promise<ModelReply> {
    return this.#breaker.guard(TELLS, () => this.#provider.ask(request, options));
  }

  stats(): ProviderStats {
    return this.#provider.stats();
  }

  replace(open: Parameters<RollingProvider['replace']>[0]): void {
    this.#provider.replace(open);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#breaker[Symbol.dispose]();
    await this.#provider[Symbol.asyncDispose]();
  }
}
