import { expect, test, vi } from 'vitest';
import { openConnection } from '../../../../renderer/rpc/connection.ts';
import { createQueryClient, refetchOnReturn, toLoaded } from '../../../../renderer/rpc/queries.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createFakeHost } from './fake-host.ts';

const refetch = (): void => undefined;
const error = new AppError('HISTORY_LOCKED', 'Locked.');
const nothing = { data: undefined, error: null, dataUpdatedAt: 5, isPending: false, isOld: false, refetch };

test('what is known of an answer is one of four states', () => {
  expect(toLoaded({ ...nothing, isPending: true })).toEqual({ kind: 'loading' });
  expect(toLoaded({ ...nothing, data: 1 })).toEqual({ kind: 'ready', value: 1 });
  expect(toLoaded({ ...nothing, data: 1, isOld: true })).toEqual({ kind: 'stale', value: 1, sinceMs: 5 });
  expect(toLoaded({ ...nothing, error })).toEqual({ kind: 'failed', error, retry: refetch });
});

test('a value outlives the failure of a newer one, as stale', () => {
  expect(toLoaded({ ...nothing, data: 1, error })).toEqual({ kind: 'stale', value: 1, sinceMs: 5 });
});

test('an error that is not ours is shown as an internal one', () => {
  expect(toLoaded({ ...nothing, error: new Error('odd') })).toMatchObject({
    kind: 'failed',
    error: { code: 'INTERNAL' },
  });
});

test('a failure is asked again only where the contract says it may pass, and twice at most', () => {
  const { retry } = createQueryClient().getDefaultOptions().queries ?? {};
  if (typeof retry !== 'function') throw new Error('no rule');
  const busy = new AppError('LANE_SATURATED', 'Busy.');
  const wrong = new AppError('INPUT_INVALID', 'Wrong.');
  expect([retry(0, busy), retry(1, busy), retry(2, busy)]).toEqual([true, true, false]);
  expect(retry(0, wrong)).toBe(false);
});

test('everything shown is asked again when the host is back, not when it is there for the first time', async () => {
  await using host = createFakeHost();
  using connection = openConnection(host.openTransport);
  const invalidateQueries = vi.fn<() => Promise<void>>(async () => undefined);
  refetchOnReturn({ invalidateQueries }, connection);
  await connection.host();
  expect(invalidateQueries).toHaveBeenCalledTimes(0);
  host.cut();
  await vi.waitFor(() => expect(host.openedCount).toBe(2));
  await vi.waitFor(() => expect(invalidateQueries).toHaveBeenCalledTimes(1));
});
