import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Connection, openConnection, toReach } from '../../../../renderer/rpc/connection.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createFakeHost } from './fake-host.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const gone = new AppError('INSTANCE_UNREACHABLE', 'Nobody is there.');
const version = () => ({ version: '1', contract: 1, pid: 1 });

/** The kinds of state a connection passes through, the first included. */
function watch(connection: Connection): string[] {
  const kinds: string[] = [connection.state.kind];
  connection.subscribe(() => kinds.push(connection.state.kind));
  return kinds;
}

test('opens, answers the host at once afterwards, and its calls reach it', async () => {
  await using host = createFakeHost({ app: { version } });
  using connection = openConnection(host.openTransport);
  const kinds = watch(connection);
  const { calls } = await connection.host();
  await expect(calls.app.version({})).resolves.toMatchObject({ version: '1' });
  expect(await connection.host()).toBe(await connection.host());
  expect(kinds).toEqual(['connecting', 'open']);
});

test('tries again by itself while nobody is there, later each time, and says when', async () => {
  await using host = createFakeHost();
  host.down = gone;
  using connection = openConnection(host.openTransport);
  await vi.advanceTimersByTimeAsync(0);
  const delays: number[] = [];
  for (let index = 0; index < 6; index++) {
    const { state } = connection;
    if (state.kind !== 'lost') throw new Error(`is ${state.kind}`);
    expect(state.attempt).toBe(index + 1);
    delays.push(state.nextAtMs - Date.now());
    await vi.advanceTimersByTimeAsync(state.nextAtMs - Date.now());
  }
  expect(delays).toEqual([100, 300, 1_000, 2_000, 4_000, 4_000]);
  host.down = undefined;
  await vi.advanceTimersByTimeAsync(4_000);
  expect(connection.state.kind).toBe('open');
});

test('keeps since when it is lost over all tries, and comes back after a cut', async () => {
  await using host = createFakeHost({ app: { version } });
  using connection = openConnection(host.openTransport);
  await connection.host();
  await vi.advanceTimersByTimeAsync(60_000);
  const cutAtMs = Date.now();
  host.down = gone;
  host.cut();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(connection.state).toMatchObject({ kind: 'lost', sinceMs: cutAtMs });
  host.down = undefined;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(connection.state.kind).toBe('open');
});

test('a host that goes soon after it came is lost since it went, not since it was first looked for', async () => {
  await using host = createFakeHost({ app: { version } });
  using connection = openConnection(host.openTransport);
  await connection.host();
  await vi.advanceTimersByTimeAsync(3_000);
  const leftAtMs = Date.now();
  await host.leave({ stoppedRuns: 0, isShowingOther: false });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connection.state).toMatchObject({ kind: 'lost', sinceMs: leftAtMs });
});

test('a host that lets everyone in and drops them is not asked in a rush', async () => {
  await using host = createFakeHost();
  using connection = openConnection(host.openTransport);
  connection.subscribe(() => {
    if (connection.state.kind === 'open') host.cut();
  });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(host.openedCount).toBeGreaterThan(3);
  expect(host.openedCount).toBeLessThan(12);
});

test('trying at once while a try is under way leaves one connection only', async () => {
  await using host = createFakeHost({ app: { version } });
  host.down = gone;
  using connection = openConnection(host.openTransport);
  await vi.advanceTimersByTimeAsync(0);
  host.down = undefined;
  const kinds = watch(connection);
  connection.retry();
  connection.retry();
  connection.retry();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(kinds).toEqual(['lost', 'open']);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(kinds).toEqual(['lost', 'open']);
});

test.each([
  ['another version', new AppError('CONTRACT_VERSION', 'Another version.')],
  ['a session that is over', new AppError('INSTANCE_UNREACHABLE', 'Over.', { details: { isSessionOver: true } })],
])('%s is not asked again until told to', async (_, error) => {
  await using host = createFakeHost();
  host.down = error;
  using connection = openConnection(host.openTransport);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connection.state).toEqual({ kind: 'refused', error, farewell: undefined });
  host.down = undefined;
  connection.retry();
  await vi.advanceTimersByTimeAsync(0);
  expect(connection.state.kind).toBe('open');
});

test('a host that answers no question any more is given up and tried anew', async () => {
  let isSilent = false;
  await using host = createFakeHost({
    app: { version: () => (isSilent ? new Promise<never>(() => undefined) : version()) },
  });
  using connection = openConnection(host.openTransport);
  await connection.host();
  const kinds = watch(connection);
  isSilent = true;
  await vi.advanceTimersByTimeAsync(11_000);
  expect(kinds.slice(0, 3)).toEqual(['open', 'lost', 'open']);
});

test('nothing is tried after it is disposed of', async () => {
  await using host = createFakeHost();
  const connection = openConnection(host.openTransport);
  await connection.host();
  connection[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(host.openedCount).toBe(1);
});

test('a host that said farewell is looked for quickly at first, then now and then; its last word is kept until one is there', async () => {
  await using host = createFakeHost({ app: { version } });
  using connection = openConnection(host.openTransport);
  await connection.host();
  await vi.advanceTimersByTimeAsync(60_000);
  const farewell = { stoppedRuns: 2, isShowingOther: false };
  await host.leave(farewell);
  await vi.advanceTimersByTimeAsync(0);
  const delays: number[] = [];
  for (let index = 0; index < 7; index++) {
    const { state } = connection;
    if (state.kind !== 'lost') throw new Error(`is ${state.kind}`);
    expect(state.farewell).toEqual(farewell);
    delays.push(state.nextAtMs - Date.now());
    await vi.advanceTimersByTimeAsync(state.nextAtMs - Date.now());
  }
  expect(delays).toEqual([100, 300, 1_000, 4_000, 15_000, 30_000, 30_000]);
  host.down = new AppError('INSTANCE_UNREACHABLE', 'Over.', { details: { isSessionOver: true } });
  connection.retry();
  await vi.advanceTimersByTimeAsync(0);
  expect(connection.state).toMatchObject({ kind: 'refused', farewell });
});

test('after a farewell another host at the same address is found, and what the first said is forgotten', async () => {
  await using first = createFakeHost({ app: { version } });
  await using next = createFakeHost({ app: { version } });
  let now = first;
  using connection = openConnection(() => now.openTransport());
  await connection.host();
  const kinds = watch(connection);
  await first.leave({ stoppedRuns: 0, isShowingOther: true });
  now = next;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(kinds).toEqual(['open', 'lost', 'open']);
  next.cut();
  await vi.advanceTimersByTimeAsync(0);
  expect(connection.state).toMatchObject({ kind: 'lost', farewell: undefined });
});

test('the host is away for whoever would tell it something from the moment it is lost or refuses', async () => {
  await using host = createFakeHost({ app: { version } });
  using connection = openConnection(host.openTransport);
  const reaches = [toReach(connection.state)];
  connection.subscribe(() => reaches.push(toReach(connection.state)));
  await connection.host();
  host.down = new AppError('CONTRACT_VERSION', 'Another version.');
  host.cut();
  await vi.advanceTimersByTimeAsync(200);
  expect(reaches).toEqual(['connecting', 'here', 'away', 'away']);
});
