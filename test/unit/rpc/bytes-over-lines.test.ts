import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { LineTransport } from '../../../main/rpc/line-transport.ts';

function next(transport: LineTransport<object>): Promise<unknown> {
  return new Promise((resolve) => transport.onMessage(resolve));
}

test('bytes in a result and among items cross a line and come out as they were', async () => {
  const bytes = Uint8Array.from({ length: 1_001 }, (_, at) => at % 256);
  for (const message of [
    { type: 'result', id: 1, output: bytes },
    { type: 'items', id: 2, items: [{ a: 1 }, bytes, bytes.subarray(0, 3)], dropped: 0 },
  ]) {
    const [near, far] = duplexPair();
    const received = next(new LineTransport<object>(far));
    new LineTransport<object>(near).send(message);
    expect(flat(await received)).toEqual(flat(message));
  }
});

test.each(['{"frame":"AAAA"}', '{"frame":5}', '{"frame":"////fwA="}'])(
  'the line %s ends the connection',
  async (line) => {
    const [near, far] = duplexPair();
    const transport = new LineTransport<object>(far);
    const ended = new Promise((resolve) => transport.onEnd(resolve));
    near.write(`${line}\n`);
    expect(await ended).toMatchObject({ code: 'INPUT_INVALID' });
  },
);

/** Bytes as numbers: a view of a buffer and its copy are the same. */
function flat(message: unknown): unknown {
  return JSON.parse(
    JSON.stringify(message, (_key, value) => (value instanceof Uint8Array ? [...value] : (value as unknown))),
  );
}
