import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineTransport } from '../../../main/rpc/line-transport.ts';
import { MAX_MESSAGE_BYTES } from '../../../shared/contract/wire.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';

/** A stream whose far side is the test: what it sends is kept, what arrives is pushed. */
function farSide(): { stream: Duplex; sent: string[] } {
  const sent: string[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(String(chunk));
      done();
    },
  });
  return { stream, sent };
}

function listen(stream: Duplex): {
  received: unknown[];
  ended: Promise<AppError | undefined>;
  transport: LineTransport<object>;
} {
  const transport = new LineTransport<object>(stream);
  const received: unknown[] = [];
  transport.onMessage((message) => received.push(message));
  return { received, transport, ended: new Promise((resolve) => transport.onEnd(resolve)) };
}

test('messages arrive whole and in order wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(40)), async (texts, cuts) => {
      const { stream } = farSide();
      const { received, ended } = listen(stream);
      let rest = Buffer.from(texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
      for (const cut of cuts) {
        if (rest.length === 0) break;
        stream.push(rest.subarray(0, cut + 1));
        rest = rest.subarray(cut + 1);
      }
      if (rest.length > 0) stream.push(rest);
      stream.push(null);
      expect(await ended).toBeUndefined();
      expect(received).toEqual(texts.map((text) => ({ text })));
    }),
    { numRuns: 50 },
  );
});

test('a line without an end is given up at the limit and not kept', async () => {
  const { stream } = farSide();
  const { received, ended } = listen(stream);
  const piece = Buffer.alloc(1_000_000, 'x');
  for (let bytes = 0; bytes <= MAX_MESSAGE_BYTES; bytes += piece.length) stream.push(piece);
  expect(await ended).toMatchObject({ code: 'INPUT_INVALID' });
  expect([received, stream.destroyed]).toEqual([[], true]);
});

test('a line that is no JSON ends the connection, and what came before has arrived', async () => {
  const { stream } = farSide();
  const { received, ended } = listen(stream);
  stream.push('{"a":1}\nhello\n{"a":2}\n');
  expect(await ended).toMatchObject({ code: 'INPUT_INVALID' });
  expect(received).toEqual([{ a: 1 }]);
});

test('messages that come before anybody listens are kept', async () => {
  const { stream } = farSide();
  const transport = new LineTransport<object>(stream);
  const seen = new Promise((resolve) => stream.once('data', resolve));
  stream.push('{"a":1}\n');
  await seen;
  const received: unknown[] = [];
  transport.onMessage((message) => received.push(message));
  expect(received).toEqual([{ a: 1 }]);
});

test('closing sends what is waiting, and nothing afterwards', async () => {
  const { stream, sent } = farSide();
  const { transport, ended } = listen(stream);
  transport.send({ a: 1 });
  transport.close();
  transport.send({ a: 2 });
  expect(await ended).toBeUndefined();
  expect(sent).toEqual(['{"a":1}\n']);
});

test('a connection that breaks ends with INSTANCE_UNREACHABLE and its cause', async () => {
  const { stream } = farSide();
  const { ended } = listen(stream);
  const cause = new Error('reset');
  stream.destroy(cause);
  expect(await ended).toMatchObject({ code: 'INSTANCE_UNREACHABLE', cause });
});

test('a receiver that does not read is noticed by the sender, who waits', async () => {
  const held: (() => void)[] = [];
  const stream = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => void held.push(done),
    highWaterMark: 100,
  });
  const { transport } = listen(stream);
  expect(transport.room()).toBeUndefined();
  transport.send({ text: 'x'.repeat(200) });
  const room = transport.room();
  expect(room).toBeInstanceOf(Promise);
  held.shift()?.();
  await room;
  expect(transport.room()).toBeUndefined();
  stream.destroy();
});
