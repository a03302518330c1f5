import { expect, test, vi } from 'vitest';
import { openConnection } from '../../../../renderer/rpc/connection.ts';
import { type StreamSpec, StreamStore } from '../../../../renderer/rpc/stream-store.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createFakePage } from './fake-page.ts';
import { createFakeHost, type FakeHost } from './fake-host.ts';

/** Items a test sends by hand to whoever listens; the pulse's entry carries them, in its `atMs`. */
class Feed {
  openCount = 0;
  startedCount = 0;
  fails: AppError | undefined;
  #wake = Promise.withResolvers<void>();
  readonly #items: number[] = [];

  send(item: number): void {
    this.#items.push(item);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async *stream(signal: AbortSignal): AsyncGenerator<never> {
    this.openCount++;
    this.startedCount++;
    const left = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => left.resolve(), { once: true });
    try {
      if (this.fails) throw this.fails;
      let at = 0;
      while (!signal.aborted) {
        if (at < this.#items.length) yield toPulse(this.#items[at++] ?? 0) as never;
        else await Promise.race([this.#wake.promise, left.promise]);
      }
    } finally {
      this.openCount--;
    }
  }
}

const memory = {
  rssBytes: 1,
  heapUsedBytes: 1,
  heapLimitBytes: 1,
  externalBytes: 1,
  machineBytes: 1,
  availableBytes: 1,
  gate: { level: 'open', text: 'There is enough memory.', timesShort: 0, shortMs: 0 },
  tuner: { phase: 'off', youngBytes: 1 },
};

function toPulse(atMs: number): unknown {
  return {
    atMs,
    health: { level: 'healthy' },
    liveRuns: 0,
    agentsRunning: 0,
    cpuRatio: 0,
    memory,
    loopDelayP99Ms: 0,
    loopUtilisationRatio: 0,
    waiting: [],
    cpuWorkers: 1,
    ioSlots: 1,
    processes: 0,
    history: { bytes: 0, pending: 0, lagMs: 0 },
  };
}

/** Collects items in place, as large values do, and tells `folded` of each. */
function numbersInto(folded: number[]): StreamSpec<{ atMs: number }, number[]> {
  return {
    open: (host, signal) => host.calls.app.pulse({}, { signal }),
    begin: () => [],
    fold: (seen, { atMs }) => {
      seen.push(atMs);
      folded.push(atMs);
      return seen;
    },
  };
}

interface Scene extends AsyncDisposable {
  readonly feed: Feed;
  readonly host: FakeHost;
  readonly page: ReturnType<typeof createFakePage>;
  readonly store: StreamStore<{ atMs: number }, number[]>;
  readonly calls: number[];
  readonly folded: number[];
  readonly listener: () => void;
  /** Shows frames until `look` passes. */
  readonly until: (look: () => void) => Promise<void>;
}

async function openScene(): Promise<Scene> {
  const feed = new Feed();
  const host = createFakeHost({
    app: {
      pulse: (_, { signal }) => feed.stream(signal),
      version: () => ({ version: '1', contract: 1, pid: 1 }),
    },
  });
  const connection = openConnection(host.openTransport);
  await connection.host();
  const page = createFakePage();
  const folded: number[] = [];
  const store = new StreamStore(connection, numbersInto(folded), page);
  const calls: number[] = [];
  return {
    feed,
    host,
    page,
    store,
    calls,
    folded,
    listener: () => void calls.push(1),
    until: (look) =>
      vi.waitFor(() => {
        page.frame();
        look();
      }),
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}

test('nothing is subscribed before somebody listens, and nothing after the last has left', async () => {
  await using scene = await openScene();
  const { feed, store, until } = scene;
  expect(feed.startedCount).toBe(0);
  const leaveOne = store.subscribe(scene.listener);
  const leaveTwo = store.subscribe(() => undefined);
  feed.send(1);
  await until(() => expect(store.snapshot()).toEqual({ kind: 'ready', value: [1] }));
  expect(feed.startedCount).toBe(1);
  leaveOne();
  expect(feed.openCount).toBe(1);
  leaveTwo();
  await until(() => expect(feed.openCount).toBe(0));
});

test('one that leaves and comes back at once, as in strict mode, ends up with one stream and one copy of each item', async () => {
  await using scene = await openScene();
  const { feed, store, until } = scene;
  feed.send(1);
  store.subscribe(() => undefined)();
  store.subscribe(scene.listener);
  await until(() => expect(store.snapshot()).toEqual({ kind: 'ready', value: [1] }));
  await until(() => expect(feed.openCount).toBe(1));
});

test('many items between two frames are one notification', async () => {
  await using scene = await openScene();
  const { feed, store, page, calls } = scene;
  store.subscribe(scene.listener);
  // The value is folded in place; readers see it with the next frame.
  for (let item = 1; item <= 20; item++) {
    feed.send(item);
    await vi.waitFor(() => expect(scene.folded.at(-1)).toBe(item));
  }
  expect(calls).toHaveLength(0);
  expect(store.snapshot()).toEqual({ kind: 'loading' });
  page.frame();
  page.frame();
  expect(calls).toHaveLength(1);
  expect(store.snapshot()).toMatchObject({ kind: 'ready', value: scene.folded });
});

test('a hidden page subscribes to nothing; once visible it begins anew', async () => {
  await using scene = await openScene();
  const { feed, store, page, until } = scene;
  page.setVisible(false);
  store.subscribe(scene.listener);
  expect(feed.startedCount).toBe(0);
  page.setVisible(true);
  feed.send(1);
  await until(() => expect(store.snapshot()).toEqual({ kind: 'ready', value: [1] }));
  page.setVisible(false);
  await until(() => expect(feed.openCount).toBe(0));
  feed.send(2);
  page.setVisible(true);
  await until(() => expect(store.snapshot()).toEqual({ kind: 'ready', value: [1, 2] }));
  expect(feed.startedCount).toBe(2);
});

test('after a cut it keeps what it had as stale, then subscribes again by itself', async () => {
  await using scene = await openScene();
  const { feed, host, store, until } = scene;
  store.subscribe(scene.listener);
  feed.send(1);
  await until(() => expect(store.snapshot()).toEqual({ kind: 'ready', value: [1] }));
  host.down = new AppError('INSTANCE_UNREACHABLE', 'Down.');
  host.cut();
  await until(() => expect(store.snapshot()).toMatchObject({ kind: 'stale', value: [1] }));
  host.down = undefined;
  feed.send(2);
  await until(() => expect(store.snapshot()).toEqual({ kind: 'ready', value: [1, 2] }));
});

test('a stream that fails says why and offers to ask again', async () => {
  await using scene = await openScene();
  const { feed, store, until } = scene;
  feed.fails = new AppError('LANE_SATURATED', 'Too many.');
  store.subscribe(scene.listener);
  await until(() => expect(store.snapshot()).toMatchObject({ kind: 'failed', error: { code: 'LANE_SATURATED' } }));
  feed.fails = undefined;
  const failed = store.snapshot();
  if (failed.kind === 'failed') failed.retry();
  feed.send(7);
  await until(() => expect(store.snapshot()).toEqual({ kind: 'ready', value: [7] }));
});
