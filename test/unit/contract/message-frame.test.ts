import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAppError } from '../../../shared/errors/app-error.ts';
import { fromFrame, toFrame } from '../../../shared/contract/message-frame.ts';

test('a message without bytes stays text', () => {
  const message = { type: 'items', id: 1, items: [{ a: 1 }], dropped: 0 };
  expect(toFrame(message)).toBe(JSON.stringify(message));
});

test('a message with bytes comes back whole, its other items between them', () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  const item = fc.oneof(bytes, fc.record({ name: fc.string() }), fc.constant(null));
  fc.assert(
    fc.property(fc.array(item, { maxLength: 8 }), bytes, (items, first) => {
      const message = { type: 'items', id: 7, items: [first, ...items], dropped: 2 };
      const frame = toFrame(message);
      expect(frame).toBeInstanceOf(Uint8Array);
      expect(fromFrame(frame as Uint8Array)).toEqual(message);
    }),
  );
});

test('an item that looks like the place of bytes is left as it is', () => {
  const message = { type: 'items', id: 7, items: [null, new Uint8Array([1, 2])], dropped: 0 };
  expect(fromFrame(toFrame(message) as Uint8Array)).toEqual(message);
});

test('the output of a call may be bytes', () => {
  const message = { type: 'result', id: 3, output: new Uint8Array([1, 2, 3]) };
  expect(fromFrame(toFrame(message) as Uint8Array)).toEqual(message);
});

test('a frame that was cut or changed is refused, or is another message within its bounds', () => {
  const frame = toFrame({ type: 'items', id: 7, items: [new Uint8Array(20)], dropped: 0 }) as Uint8Array;
  for (let length = 0; length < frame.byteLength - 8; length++) {
    expect(() => fromFrame(frame.slice(0, length))).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: frame.byteLength - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = frame.slice();
      changed[at] = byte;
      expect(['a message', 'INPUT_INVALID']).toContain(outcomeOf(changed));
    }),
  );
});

function outcomeOf(frame: Uint8Array): string {
  try {
    fromFrame(frame);
    return 'a message';
  } catch (error) {
    return isAppError(error) ? error.code : String(error);
  }
}
