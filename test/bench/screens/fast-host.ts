import { openPageServer, type PageServer } from '../../../main/page/page-server.ts';
import { loadScreens, SCREENS_FOLDER } from '../../../main/page/screens.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { CONTRACT_VERSION } from '../../../shared/contract/define.ts';
import type { Transport } from '../../../shared/contract/transport.ts';
import { clientMessage, type ClientMessage, type ServerMessage } from '../../../shared/contract/wire.ts';
import { changedTable, firstTables, frameTable, logItems, pulseOf, RUN, runView } from './fast-run.ts';

/** A host of one run that lives as fast as its page takes in what happens. */
export interface FastHost extends AsyncDisposable {
  /** Lets one browser in. */
  createUrl(): string;
  /** Lives until `second`; resolves when everything up to there was sent, within the credit the page gives. */
  liveUntil(second: number): Promise<void>;
  /** What the page asked for and this host has not: nothing is right. */
  readonly unknown: ReadonlySet<string>;
  /** Pulses that were sent: a page that is busy misses some, as it may. */
  pulses(): number;
}

/** What a stream says at its beginning and in each second. */
interface Source {
  /** What finds no room is forgotten and counted, as the entry declares it; otherwise it is waited for. */
  readonly mayDrop?: true;
  readonly begin: (second: number) => readonly unknown[];
  readonly tell: (from: number, to: number) => readonly unknown[];
}

const SOURCES: Readonly<Record<string, Source>> = {
  'app.pulse': { mayDrop: true, begin: () => [], tell: (from, to) => eachSecond(from, to).map(pulseOf) },
  'runs.agents': { begin: firstTables, tell: (from, to) => [changedTable(from, to)] },
  'runs.figures': { begin: (second) => [frameTable(second, second + 1)], tell: (from, to) => [frameTable(from, to)] },
  'runs.log': { begin: () => [{ kind: 'baseline' }], tell: (from, to) => eachSecond(from, to).flatMap(logItems) },
};

/** Seconds told in one message: a real host says something ten times a second at most, and puts what changed since into it. */
const STEP_SECONDS = 16;

function eachSecond(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}

const ANSWERS: Readonly<Record<string, (second: number) => unknown>> = {
  'app.version': () => ({ version: '0', contract: CONTRACT_VERSION, pid: process.pid }),
  'app.about': () => ({
    version: '0',
    host: 'serve',
    platform: process.platform,
    cores: 2,
    dataDir: '/data',
    historyPath: '/data/history.sqlite',
    logPath: '/data/flotilla.log',
    hasLog: true,
    keepsKeys: false,
    startFolder: '/',
  }),
  'app.preferences': () => ({ theme: 'dark' }),
  'fleets.known': () => ({ fleets: [] }),
  'runs.get': runView,
  'runs.times': (second) => ({
    queuedMs: 10,
    lifeMs: second * 1_000,
    runningMs: 0,
    askingMs: second * 100,
    tools: [{ tool: 'read_file', calls: second, ms: second * 850 }],
    waiting: [{ reason: 'a permit of the provider', ms: second * 2 }],
  }),
};

interface OpenStream {
  readonly id: number;
  readonly source: Source;
  credit: number;
  dropped: number;
}

/** Serves the built screens with the program's own page server; what it tells them is `fast-run.ts`. */
export async function openFastHost(): Promise<FastHost> {
  const screens = await loadScreens(SCREENS_FOLDER);
  if (!screens) throw new Error('The screens are not built: npm run build.');
  const host = new Speaker();
  const server: PageServer = await openPageServer({
    screens,
    port: 0,
    clock: systemClock,
    onConnection: (transport) => host.speak(transport),
  });
  return {
    createUrl: () => server.createUrl(),
    liveUntil: (second) => host.liveUntil(second),
    unknown: host.unknown,
    pulses: () => host.pulses,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** One connection at a time: a page that connects again takes the place of the one before. */
class Speaker {
  readonly unknown = new Set<string>();
  pulses = 0;
  readonly #streams = new Map<number, OpenStream>();
  #transport: Transport<ServerMessage> | undefined;
  #second = 0;
  #credited = Promise.withResolvers<void>();

  speak(transport: Transport<ServerMessage>): void {
    this.#transport = transport;
    // Nobody may be waiting when it is rejected.
    this.#credited.promise.catch(() => undefined);
    this.#streams.clear();
    transport.onEnd(() => this.#lose(transport));
    transport.onMessage((message) => this.#hear(clientMessage.parse(message)));
  }

  /** A page that is gone never gives credit: whoever waits for it is told. */
  #lose(transport: Transport<ServerMessage>): void {
    if (transport === this.#transport) this.#credited.reject(new Error('The page has gone.'));
  }

  async liveUntil(second: number): Promise<void> {
    while (this.#second < second) {
      const to = Math.min(second, this.#second + STEP_SECONDS);
      const said = [...this.#streams.values()].map((stream) => ({
        stream,
        items: stream.source.tell(this.#second, to),
      }));
      while (said.some(({ stream, items }) => this.#mustWait(stream, items.length))) await this.#credited.promise;
      await this.#transport?.room();
      for (const { stream, items } of said) this.#send(stream, items);
      this.#second = to;
      if (this.#streams.size === 0) await this.#credited.promise;
    }
  }

  #mustWait({ id, source, credit }: OpenStream, items: number): boolean {
    return this.#streams.has(id) && source.mayDrop !== true && credit < items;
  }

  #hear(message: ClientMessage): void {
    if (message.type === 'hello') {
      this.#say({ type: 'welcome', version: CONTRACT_VERSION, program: 'flotilla', pid: process.pid });
    } else if (message.type === 'call') this.#answer(message.id, message.entry);
    else if (message.type === 'open') this.#open(message);
    else if (message.type === 'cancel') this.#streams.delete(message.id);
    else {
      const stream = this.#streams.get(message.id);
      if (stream) stream.credit += message.items;
    }
    if (message.type === 'hello' || message.type === 'call') return;
    const { resolve } = this.#credited;
    this.#credited = Promise.withResolvers();
    this.#credited.promise.catch(() => undefined);
    resolve();
  }

  #open({ id, entry, credit }: Extract<ClientMessage, { type: 'open' }>): void {
    const source = SOURCES[entry];
    if (!source) return this.#refuse(id, entry);
    const stream = { id, source, credit, dropped: 0 };
    this.#streams.set(id, stream);
    this.#send(stream, source.begin(this.#second));
  }

  #answer(id: number, entry: string): void {
    const answer = ANSWERS[entry];
    if (answer) this.#say({ type: 'result', id, output: answer(this.#second) });
    else this.#refuse(id, entry);
  }

  #refuse(id: number, entry: string): void {
    this.unknown.add(entry);
    this.#say({ type: 'error', id, error: { code: 'INPUT_INVALID', message: `No "${entry}" here.` } });
  }

  #send(stream: OpenStream, items: readonly unknown[]): void {
    if (items.length === 0 || !this.#streams.has(stream.id)) return;
    const newest = items.slice(Math.max(0, items.length - stream.credit));
    stream.dropped += items.length - newest.length;
    if (newest.length === 0) return;
    this.#say({ type: 'items', id: stream.id, items: newest, dropped: stream.dropped });
    stream.credit -= newest.length;
    stream.dropped = 0;
    if (stream.source.mayDrop === true) this.pulses += newest.length;
  }

  #say(message: ServerMessage): void {
    this.#transport?.send(message);
  }
}

/** The address of the run's page, with the log of its open agent. */
export const LONG_DAY_HASH = `#/runs/${RUN.runId}/agents/${RUN.openAgent}`;
