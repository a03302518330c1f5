import { describe, expect, test } from 'vitest';
import { drawFate } from '../../../runtime/providers/simulator/chance.ts';
import { parseSimulatorOptions, toSimulatorArguments } from '../../../runtime/providers/simulator/options.ts';
import { cutText, toReply } from '../../../runtime/providers/simulator/reply.ts';

const fates = (input: object) => Array.from({ length: 2_000 }, (_, n) => drawFate(parseSimulatorOptions(input), n));

describe('the fate of requests', () => {
  const input = { errorRatio: 0.2, stallRatio: 0.1, disconnectRatio: 0.05, firstTokenMs: 10, firstTokenSpreadMs: 20 };

  test('repeats for the same seed and differs for another', () => {
    expect(fates({ ...input, seed: 7 })).toEqual(fates({ ...input, seed: 7 }));
    expect(fates({ ...input, seed: 7 })).not.toEqual(fates({ ...input, seed: 8 }));
  });

  test('comes near the ratios that were asked', () => {
    const drawn = fates({ ...input, seed: 1 });
    const share = (kind: string): number => drawn.filter((fate) => fate.kind === kind).length / drawn.length;
    expect(share('error')).toBeCloseTo(0.2, 1);
    expect(share('stall')).toBeCloseTo(0.1, 1);
    expect(share('disconnect')).toBeCloseTo(0.05, 1);
  });

  test('spreads first tokens inside the bounds', () => {
    const times = fates(input).map((fate) => fate.firstTokenMs);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...times)).toBeLessThan(30);
    expect(new Set(times).size).toBeGreaterThan(1_000);
  });
});

describe('options', () => {
  test.each([
    [{ errorRatio: 2 }, '--error-ratio'],
    [{ port: 70_000 }, '--port'],
    [{ tokensPerSec: Number.NaN }, '--tokens-per-sec'],
    [{ errorRatio: 0.6, stallRatio: 0.6 }, 'together exceed 1'],
    [{ tokenPerSec: 1 }, 'tokenPerSec'],
  ])('that make no sense are refused: %j', (input, named) => {
    expect(() => parseSimulatorOptions(input)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(named) }),
    );
  });

  test('are written as the flags that mean them', () => {
    expect(toSimulatorArguments({ port: 0, firstTokenMs: 5, http1: true })).toEqual([
      '--port=0',
      '--first-token-ms=5',
      '--http1',
    ]);
    expect(toSimulatorArguments({ http1: false })).toEqual([]);
  });
});

describe('a reply', () => {
  const frame = { id: 'x', model: 'sim/default', createdAtSec: 1, inputTokens: 3, nextCallId: () => 'c' };
  const turn = {
    text: 'Some words of an answer,  with\nspaces ',
    calls: [{ tool: 't', argumentsJson: '{"path":"a/long/path.txt"}' }],
  };

  test('is cut into pieces that together are the text', () => {
    for (const text of [
      turn.text,
      '',
      ' ',
      'a',
      'Donaudampfschifffahrtsgesellschaft',
      'a🙂🙂🙂🙂🙂',
      '日本語のテキスト 🙂🙂🙂🙂🙂🙂🙂🙂🙂',
    ]) {
      expect(cutText(text).join('')).toBe(text);
      expect(cutText(text).every((piece) => piece.isWellFormed())).toBe(true);
    }
  });

  test('ends at the limit on its tokens and says so', () => {
    const whole = toReply(turn, { ...frame, maxOutputTokens: 1000 });
    expect(whole).toMatchObject({ finish: 'tool calls' });
    for (let limit = 1; limit < whole.outputTokens; limit += 1) {
      expect(toReply(turn, { ...frame, maxOutputTokens: limit })).toMatchObject({
        finish: 'output limit',
        outputTokens: limit,
      });
    }
  });
});
