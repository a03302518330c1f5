import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createInstanceName,
  findOwnedId,
  fromLimitMark,
  toLimitMark,
  toToken,
} from '../../../runtime/processes/tree/ownership-token.ts';

test('a token names its owner, and the owners around it', () => {
  const token = toToken('bbbbbbbbbb', 7, toToken('aaaaaaaaaa', 2, undefined));
  expect(token).toBe('aaaaaaaaaa.2,bbbbbbbbbb.7');
  expect(findOwnedId(token, 'aaaaaaaaaa')).toBe(2);
  expect(findOwnedId(token, 'bbbbbbbbbb')).toBe(7);
  expect(findOwnedId(token, 'cccccccccc')).toBeUndefined();
  expect(findOwnedId(undefined, 'aaaaaaaaaa')).toBeUndefined();
  expect(findOwnedId('aaaaaaaaaab.1,xaaaaaaaaaa.1,aaaaaaaaaa', 'aaaaaaaaaa')).toBeUndefined();
});

test('however deep it is nested, a token stays short', () => {
  let token: string | undefined;
  for (let depth = 0; depth < 100; depth += 1) token = toToken(createInstanceName(), depth, token);
  expect(token!.split(',')).toHaveLength(8);
});

test('a limit mark names its instance, exactly, and no other limit does', () => {
  fc.assert(
    fc.property(fc.constant(undefined).map(createInstanceName), (instance) => {
      expect(findOwnedId(fromLimitMark(toLimitMark(instance) * 1024), instance)).toBe(0);
    }),
  );
  for (const limit of [0, 8_388_608, 2 ** 52 - 1024, 2 ** 52 + 1, 2 ** 53, Number.NaN]) {
    expect(fromLimitMark(limit)).toBeUndefined();
  }
});
