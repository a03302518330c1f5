import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../../shared/errors/app-error.ts';
import { AnthropicReader } from '../../../runtime/providers/wire/anthropic-reader.ts';
import { EventStream } from '../../../runtime/providers/wire/event-stream.ts';
import { OpenAiReader } from '../../../runtime/providers/wire/openai-reader.ts';
import type { PartialReply } from '../../../runtime/providers/wire/wire-format.ts';
import { RECORDED_STREAMS, type RecordedStream } from '../../support/recorded-streams.ts';

interface Decoded extends PartialReply {
  /** What the listener heard, piece by piece, put together. */
  readonly heard: string;
}

/** Decodes a stream as it arrives when the network cuts it at `cuts`. */
function decode(stream: RecordedStream, cuts: readonly number[]): Decoded {
  let heard = '';
  const Reader = stream.protocol === 'openai' ? OpenAiReader : AnthropicReader;
  const reader = new Reader((text) => (heard += text));
  let complete = false;
  const events = new EventStream((data) => (complete ||= reader.read(data)));
  const places = [0, ...cuts.toSorted((a, b) => a - b), stream.bytes.length];
  for (let index = 1; index < places.length; index++) {
    // A copy whose memory is spoiled afterwards, as the network's buffers are used again.
    const chunk = Buffer.from(stream.bytes.subarray(places[index - 1], places[index]));
    events.feed(chunk);
    chunk.fill(0xff);
  }
  events.end();
  return { ...reader.reply(), heard };
}

function expected(stream: RecordedStream): Decoded {
  const { text, toolCalls, finish, usage } = stream;
  return { text, toolCalls, finish, usage, heard: text };
}

describe.each(RECORDED_STREAMS.map((stream) => ({ name: stream.name, stream })))('$name', ({ stream }) => {
  test('says the same in one piece and byte by byte', () => {
    expect(decode(stream, [])).toEqual(expected(stream));
    expect(decode(stream, [...stream.bytes.keys()])).toEqual(expected(stream));
  });

  test('says the same cut in two at every byte', () => {
    const wanted = JSON.stringify(expected(stream));
    const places = [...stream.bytes.keys()].slice(1);
    const wrong = places.filter((place) => JSON.stringify(decode(stream, [place])) !== wanted);
    expect(wrong).toEqual([]);
  });

  test('says the same cut anywhere any number of times', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: stream.bytes.length - 1 }), { maxLength: 60 });
    fc.assert(
      fc.property(cuts, (places) => {
        expect(decode(stream, places)).toEqual(expected(stream));
      }),
      { numRuns: 60 },
    );
  });

  test('does not claim to be complete when it ends early', () => {
    const firstFinish = stream.bytes.indexOf(
      stream.protocol === 'openai' ? '"finish_reason":"' : 'event: message_delta',
    );
    const lengths = Array.from({ length: firstFinish }, (_, length) => length);
    const complete = lengths.filter((length) => isComplete({ ...stream, bytes: stream.bytes.subarray(0, length) }));
    expect(complete).toEqual([]);
  });
});

/** Whether a stream, ended here, counts as a complete answer; half an event at its end is a protocol error. */
function isComplete(stream: RecordedStream): boolean {
  try {
    return decode(stream, []).finish !== undefined;
  } catch (error) {
    if (isAppError(error, 'PROVIDER_PROTOCOL')) return false;
    throw error;
  }
}
