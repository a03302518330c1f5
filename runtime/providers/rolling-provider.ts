import { AppError } from '../../shared/errors/app-error.ts';
import type { Provider, ProviderStats } from './provider.ts';

/** A provider whose connections can be replaced while it is used. */
export interface RollingProvider extends Provider {
  /**
   * Opens the next edition and sends new requests there; the old one closes when its last request has ended.
   * At most two old editions drain at once: a further change waits and is merged with those that follow it.
   */
  replace(open: () => Provider): void;
}

/** Old editions that may finish their requests at the same time. */
const MAX_DRAINING = 2;

interface Edition {
  readonly provider: Provider;
  running: number;
}

type Counts = Pick<ProviderStats, 'requests' | 'failures' | 'rateLimited' | 'connectionsOpened'>;

/** Opens the first edition at once. */
export function createRollingProvider(open: () => Provider): RollingProvider {
  return new Editions(open);
}

class Editions implements RollingProvider {
  readonly name: string;
  readonly contextTokens: number | undefined;
  readonly #draining = new Set<Edition>();
  readonly #closing = new Set<Promise<void>>();
  #current: Edition;
  #next: (() => Provider) | undefined;
  #closed = false;
  /** What the editions that are gone had counted. */
  #past: Counts = { requests: 0, failures: 0, rateLimited: 0, connectionsOpened: 0 };

  constructor(open: () => Provider) {
    this.#current = { provider: open(), running: 0 };
    this.name = this.#current.provider.name;
    this.contextTokens = this.#current.provider.contextTokens;
  }

  async ask(...args: Parameters<Provider['ask']>): ReturnType<Provider['ask']> {
    if (this.#closed) throw new AppError('LANE_CLOSED', `The provider ${this.name} is closed.`);
    const edition = this.#current;
    edition.running += 1;
    try {
      return await edition.provider.ask(...args);
    } finally {
      edition.running -= 1;
      if (edition.running === 0 && this.#draining.has(edition)) this.#retire(edition);
    }
  }

  stats(): ProviderStats {
    const now = this.#current.provider.stats();
    const old = [...this.#draining].map(({ provider }) => provider.stats());
    const sum = (key: keyof Counts): number =>
      old.reduce((total, stats) => total + stats[key], now[key] + this.#past[key]);
    const live = (key: 'openStreams' | 'connections'): number =>
      old.reduce((total, stats) => total + stats[key], now[key]);
    return {
      ...now,
      requests: sum('requests'),
      failures: sum('failures'),
      rateLimited: sum('rateLimited'),
      connectionsOpened: sum('connectionsOpened'),
      openStreams: live('openStreams'),
      connections: live('connections'),
    };
  }

  replace(open: () => Provider): void {
    if (this.#closed) return;
    if (this.#draining.size >= MAX_DRAINING) {
      this.#next = open;
      return;
    }
    const old = this.#current;
    this.#current = { provider: open(), running: 0 };
    this.#draining.add(old);
    if (old.running === 0) this.#retire(old);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const all = [this.#current, ...this.#draining];
    await Promise.all([...all.map(({ provider }) => provider[Symbol.asyncDispose]()), ...this.#closing]);
  }

  #retire(edition: Edition): void {
    this.#draining.delete(edition);
    const { requests, failures, rateLimited, connectionsOpened } = edition.provider.stats();
    const past = this.#past;
    this.#past = {
      requests: past.requests + requests,
      failures: past.failures + failures,
      rateLimited: past.rateLimited + rateLimited,
      connectionsOpened: past.connectionsOpened + connectionsOpened,
    };
    // Nothing of it is in use any more: connections that cannot be closed are no failure of anybody's request.
    const closing = Promise.resolve(edition.provider[Symbol.asyncDispose]()).catch(() => undefined);
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
    const next = this.#next;
    this.#next = undefined;
    if (next) this.replace(next);
  }
}
