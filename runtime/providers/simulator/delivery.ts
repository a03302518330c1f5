import type { Clock } from '../../time/clock.ts';
import type { Fate } from './chance.ts';
import type { Exchange } from './exchange.ts';
import type { SimulatorOptions } from './options.ts';
import type { Protocol } from './protocol/protocol.ts';
import type { Pulse } from './pulse.ts';
import type { Reply } from './reply.ts';

/** One answer and how it goes out. */
export interface Delivery {
  readonly exchange: Exchange;
  readonly protocol: Protocol;
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: Reply;
  readonly fate: Fate;
  readonly stream: boolean;
  readonly streamUsage: boolean;
  readonly options: SimulatorOptions;
  readonly clock: Clock;
  readonly pulse: Pulse;
}

/** Enough for a write to reach a client on the same machine. */
const FLUSH_MS = 5;

/** Sends an answer: at once when nothing paces it, else token by token; or as far as its fate allows. */
export function deliver(delivery: Delivery): void {
  const events = delivery.stream
    ? delivery.protocol.toEvents(delivery.reply, delivery.streamUsage)
    : [delivery.protocol.toBody(delivery.reply)];
  const { fate, options } = delivery;
  const whole = fate.kind === 'answer';
  // At least the last entry, which holds the end of the answer, is missing from one that breaks.
  const sentCount = whole ? events.length : Math.floor(fate.where * events.length);
  const tokensMs = options.tokensPerSec > 0 ? 1000 / options.tokensPerSec : 0;
  if (fate.firstTokenMs === 0 && tokensMs === 0) {
    start(delivery);
    if (whole) return delivery.exchange.end(events.length === 1 ? events[0]! : events.join(''));
    if (sentCount > 0) delivery.exchange.write(events.slice(0, sentCount).join(''));
    return breakOff(delivery);
  }
  pace(delivery, events, sentCount, tokensMs);
}

function start({ exchange, protocol, requestId, headers, stream }: Delivery): void {
  exchange.respond(200, {
    'content-type': stream ? 'text/event-stream; charset=utf-8' : 'application/json',
    ...(stream && { 'cache-control': 'no-cache' }),
    [protocol.requestIdHeader]: requestId,
    ...headers,
  });
}

/** A stall leaves the exchange open for its client to give up; it holds no timer. */
function breakOff({ exchange, fate, pulse, clock }: Delivery): void {
  if (fate.kind !== 'disconnect') return;
  const abort = (): undefined => {
    exchange.abort();
  };
  // At once would also take back what was just written.
  pulse.add({ due: abort }, clock.monoMs() + FLUSH_MS);
}

function pace(delivery: Delivery, events: readonly string[], sentCount: number, tokenMs: number): void {
  const { exchange, clock, pulse, reply, fate, stream } = delivery;
  const firstAtMs = clock.monoMs() + fate.firstTokenMs;
  // A whole body is ready when its last token is.
  const dueAtMs = (index: number): number =>
    firstAtMs + tokenMs * (stream ? index : Math.max(0, reply.outputTokens - 1));
  let next = 0;
  pulse.add(
    {
      due(nowMs) {
        if (exchange.closed) return undefined;
        if (next === 0) start(delivery);
        let text = '';
        while (next < sentCount && dueAtMs(next) <= nowMs) {
          text += events[next]!;
          next += 1;
        }
        if (next < sentCount) {
          exchange.write(text);
          return dueAtMs(next);
        }
        if (sentCount === events.length) exchange.end(text);
        else {
          if (text !== '') exchange.write(text);
          breakOff(delivery);
        }
        return undefined;
      },
    },
    dueAtMs(0),
  );
}
