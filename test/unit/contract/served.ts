import { z } from 'zod';
import type { Clock } from '../../../runtime/time/clock.ts';
import { type ContractClient, createContractClient } from '../../../shared/contract/client.ts';
import type { Farewell } from '../../../shared/contract/farewell.ts';
import { command, defineDomain, query, stream } from '../../../shared/contract/define.ts';
import type { Transport } from '../../../shared/contract/transport.ts';
import type { ClientMessage, ServerMessage } from '../../../shared/contract/wire.ts';
import type { Log } from '../../../main/boot/log.ts';
import type { Handlers } from '../../../main/rpc/handlers.ts';
import { createMemoryTransports } from '../../../main/rpc/memory-transport.ts';
import { type ContractServer, createContractServer } from '../../../main/rpc/serve-contract.ts';

/** A small contract with one entry of each kind of behaviour. */
export const shop = {
  shop: defineDomain('shop', {
    price: query({
      input: z.strictObject({ item: z.string() }),
      output: z.object({ cents: z.number().int() }),
      deadlineMs: 1_000,
    }),
    buy: command({
      input: z.strictObject({ item: z.string() }),
      output: z.object({ receipt: z.number() }),
      errors: ['FILE_NOT_FOUND'],
      deadlineMs: 1_000,
    }),
    parcels: stream({ input: z.strictObject({}), item: z.number(), bufferedItems: 4, overflow: 'wait' }),
    prices: stream({ input: z.strictObject({}), item: z.number(), bufferedItems: 4, overflow: 'drop-oldest' }),
  }),
} as const;

export type ShopHandlers = Handlers<typeof shop>['shop'];

export interface LogEntry {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A server of the shop, with what it logged. */
export function openShop(
  clock: Clock,
  handlers: Partial<ShopHandlers>,
  farewell?: () => Farewell,
): { server: ContractServer; logged: LogEntry[] } {
  const logged: LogEntry[] = [];
  const write = (fields: Readonly<Record<string, unknown>>, message: string): void =>
    void logged.push({ fields, message });
  const log: Log = { info: write, warn: write, error: write };
  const all: ShopHandlers = {
    price: () => ({ cents: 100 }),
    buy: () => ({ receipt: 1 }),
    async *parcels() {},
    async *prices() {},
    ...handlers,
  };
  const server = createContractServer({
    contract: shop,
    handlers: { shop: all },
    clock,
    log,
    logPath: '/data/flotilla.log',
    program: 'shop 1',
    ...(farewell && { farewell }),
  });
  return { server, logged };
}

let lastRequestId = 0;

/** A client of `server` over a pair in memory. */
export async function enter(
  server: ContractServer,
  watch?: (message: ServerMessage) => void,
): Promise<ContractClient<typeof shop>> {
  const { client, server: far } = createMemoryTransports();
  server.serve(watch ? watched(far, watch) : far);
  return createContractClient(shop, client, { client: 'test', newRequestId: () => `request-${++lastRequestId}` });
}

/** The bare wire: what arrives, and a way to say anything. */
export function wire(server: ContractServer): {
  received: unknown[];
  say: (message: unknown) => void;
  ended: Promise<void>;
} {
  const { client, server: far } = createMemoryTransports();
  const received: unknown[] = [];
  const ended = Promise.withResolvers<void>();
  client.onMessage((message) => received.push(message));
  client.onEnd(() => ended.resolve());
  server.serve(far);
  return { received, say: (message) => client.send(message as ClientMessage), ended: ended.promise };
}

function watched(
  transport: Transport<ServerMessage>,
  watch: (message: ServerMessage) => void,
): Transport<ServerMessage> {
  return {
    send(message) {
      watch(message);
      transport.send(message);
    },
    room: () => transport.room(),
    onMessage: (listener) => transport.onMessage(listener),
    onEnd: (listener) => transport.onEnd(listener),
    close: () => transport.close(),
  };
}
