import { createMemoryTransports } from '../../../../main/rpc/memory-transport.ts';
import type { Handlers } from '../../../../main/rpc/handlers.ts';
import { createContractServer } from '../../../../main/rpc/serve-contract.ts';
import { contract, entriesByName } from '../../../../shared/contract/contract.ts';
import type { Farewell } from '../../../../shared/contract/farewell.ts';
import type { Transport } from '../../../../shared/contract/transport.ts';
import type { ClientMessage, ServerMessage } from '../../../../shared/contract/wire.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { systemClock } from '../../../../runtime/time/clock.ts';

type Contract = typeof contract;
type SomeHandlers = { readonly [D in keyof Contract]?: Partial<Handlers<Contract>[D]> };

/** A host in memory that speaks the real contract, with the handlers a test names; whatever else is asked fails. */
export interface FakeHost extends AsyncDisposable {
  /** For `openConnection`. Rejects while the host is `down`. */
  readonly openTransport: () => Promise<Transport<ClientMessage>>;
  /** Transports that were opened. */
  readonly openedCount: number;
  /** What the next tries come to; `undefined` lets them in. */
  down: AppError | undefined;
  /** Ends every connection, as a cut cable or a host that is killed does. */
  cut(): void;
  /** Ends in an orderly way: says what became of the runs, and is down from then on. */
  leave(farewell: Farewell): Promise<void>;
}

/** Makes one that is up; with a `pid` it passes for another process than this one. */
export function createFakeHost(handlers: SomeHandlers = {}, as: { readonly pid?: number } = {}): FakeHost {
  return new MemoryHost(handlers, as.pid);
}

class MemoryHost implements FakeHost {
  readonly #server;
  #open: Transport<ClientMessage>[] = [];
  openedCount = 0;
  down: AppError | undefined;
  #farewell: Farewell = { stoppedRuns: 0, isShowingOther: false };

  readonly #pid: number | undefined;

  constructor(handlers: SomeHandlers, pid: number | undefined) {
    this.#pid = pid;
    this.#server = createContractServer({
      contract,
      handlers: complete(handlers),
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      logPath: 'log',
      program: 'fake',
      farewell: () => this.#farewell,
    });
  }

  readonly openTransport = async (): Promise<Transport<ClientMessage>> => {
    if (this.down) throw this.down;
    const { client, server } = createMemoryTransports();
    this.#server.serve(this.#pid === undefined ? server : asProcess(server, this.#pid));
    this.#open.push(client);
    this.openedCount++;
    return client;
  };

  cut(): void {
    for (const transport of this.#open.splice(0)) transport.close();
  }

  async leave(farewell: Farewell): Promise<void> {
    this.#farewell = farewell;
    this.down = new AppError('INSTANCE_UNREACHABLE', 'It has ended.');
    await this.#server[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** A server's end whose greeting names another process. */
function asProcess(transport: Transport<ServerMessage>, pid: number): Transport<ServerMessage> {
  return {
    send: (message) => transport.send(message.type === 'welcome' ? { ...message, pid } : message),
    room: () => transport.room(),
    onMessage: (listener) => transport.onMessage(listener),
    onEnd: (listener) => transport.onEnd(listener),
    close: () => transport.close(),
  };
}

function complete(handlers: SomeHandlers): Handlers<Contract> {
  const all: Record<string, Record<string, unknown>> = {};
  for (const [name] of entriesByName(contract)) {
    const [domain = '', method = ''] = name.split('.');
    all[domain] ??= {};
    all[domain][method] = () => {
      throw new AppError('INTERNAL', `This test has no handler for ${name}.`);
    };
  }
  for (const [domain, some] of Object.entries(handlers)) Object.assign(all[domain] ?? {}, some);
  return all as unknown as Handlers<Contract>;
}
