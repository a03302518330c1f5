import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeJson,
  encodeFrame,
  encodeHeader,
  FRAME,
  FrameDecoder,
  type Frame,
} from '../../../runtime/processes/launcher/frame.ts';

const kinds = Object.values(FRAME);

test('frames come out as they went in, wherever the stream is cut', () => {
  const frame = fc.record({
    kind: fc.constantFrom(...kinds),
    id: fc.nat(2 ** 32 - 1),
    payload: fc.uint8Array({ maxLength: 60 }),
  });
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
      (frames, sizes) => {
        const stream = Buffer.concat(
          frames.flatMap(({ kind, id, payload }) => [encodeHeader(kind, id, payload.length), Buffer.from(payload)]),
        );
        const decoder = new FrameDecoder();
        const decoded: Frame[] = [];
        for (let at = 0; at < stream.length;) {
          const size = sizes.next().value;
          decoded.push(...decoder.push(Buffer.from(stream.subarray(at, at + size))));
          at += size;
        }
        expect(decoded.map(({ kind, id, payload }) => ({ kind, id, payload: new Uint8Array(payload) }))).toEqual(
          frames.map(({ kind, id, payload }) => ({ kind, id, payload: new Uint8Array(payload) })),
        );
      },
    ),
  );
});

test('a JSON payload survives the way', () => {
  const value = { command: ['echo', 'é"\n'], directory: '/' };
  const [frame] = new FrameDecoder().push(encodeFrame(FRAME.start, 7, value));
  expect(frame).toMatchObject({ kind: FRAME.start, id: 7 });
  expect(decodeJson(frame!)).toEqual(value);
});

test.each([0, 4, 0xffffffff])(
  'a length of %i that no frame of ours has is refused instead of being waited for',
  (length) => {
    const header = Buffer.alloc(9);
    header.writeUInt32LE(length);
    expect(() => new FrameDecoder().push(header)).toThrow('damaged');
  },
);
