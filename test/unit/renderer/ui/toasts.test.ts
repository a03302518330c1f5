import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lifetime, shownMs } from '../../../../renderer/ui/toasts/lifetime.ts';
import { toastStore, toToast } from '../../../../renderer/ui/toasts/toast-store.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';

const { show, dismiss, dismissAll, enter } = toastStore.getState();
const titles = (): string[] => toastStore.getState().toasts.map(({ title }) => title);

beforeEach(() => {
  vi.useFakeTimers();
  toastStore.setState({ toasts: [], page: 'runs' });
});
afterEach(() => void vi.useRealTimers());

test('only a few stand at once: the oldest leaves', () => {
  for (const title of ['a', 'b', 'c', 'd', 'e']) show({ title });
  expect(titles()).toEqual(['b', 'c', 'd', 'e']);
});

test('the same word again is one toast, the newest', () => {
  show({ title: 'a' });
  show({ title: 'b' });
  show({ title: 'a' });
  expect(titles()).toEqual(['b', 'a']);
});

test('one that is dismissed is gone and the others stay', () => {
  show({ title: 'a' });
  show({ title: 'b' });
  dismiss(toastStore.getState().toasts[0]?.id ?? 0);
  expect(titles()).toEqual(['b']);
});

test('a failed command is told by its own sentence', () => {
  const error = new AppError('RUN_NOT_LIVE', 'This run is over.');
  expect(toToast(error, 'Not paused')).toEqual({ tone: 'bad', title: 'Not paused', text: 'This run is over.' });
});

test('an error leaves with its page; other words stay their time', () => {
  show({ tone: 'bad', title: 'Not stopped' });
  show({ tone: 'ok', title: 'Saved' });
  enter('runs');
  expect(titles()).toEqual(['Not stopped', 'Saved']);
  enter('fleets');
  expect(titles()).toEqual(['Saved']);
  show({ tone: 'bad', title: 'Not launched' });
  expect(titles()).toEqual(['Saved', 'Not launched']);
  dismissAll();
  expect(titles()).toEqual([]);
});

test('an error leaves after a minute at most, other words sooner', () => {
  expect(shownMs('bad')).toBe(60_000);
  expect(shownMs('ok')).toBe(6_000);
});

test('a time that is held goes on with what is left of it, but not with less than a moment', () => {
  let ended = 0;
  const lifetime = new Lifetime(10_000, () => Date.now());
  const hold = (): void => lifetime.run(() => ended++)[Symbol.dispose]();
  {
    using _running = lifetime.run(() => ended++);
    vi.advanceTimersByTime(7_000);
  }
  vi.advanceTimersByTime(60_000);
  expect(ended).toBe(0);
  {
    using _running = lifetime.run(() => ended++);
    vi.advanceTimersByTime(2_999);
    expect(ended).toBe(0);
  }
  hold();
  using _last = lifetime.run(() => ended++);
  vi.advanceTimersByTime(1_999);
  expect(ended).toBe(0);
  vi.advanceTimersByTime(1);
  expect(ended).toBe(1);
});
