import { expect, test } from 'vitest';
import { createOneAtATime } from '../../../../renderer/views/fleets/one-at-a-time.ts';

test('of two that come at once the first is begun; after its end, and after a failure, the next is', async () => {
  const begun: string[] = [];
  const letThrough = createOneAtATime();
  const { promise: end, resolve: finish } = Promise.withResolvers<void>();
  const first = letThrough(async () => {
    begun.push('first');
    await end;
  });
  await letThrough(async () => void begun.push('second'));
  expect(begun).toEqual(['first']);
  finish();
  await first;
  await expect(letThrough(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await letThrough(async () => void begun.push('third'));
  expect(begun).toEqual(['first', 'third']);
});
