import { beforeEach, expect, test } from 'vitest';
import { toastStore, toToast } from '../../../../renderer/ui/toasts/toast-store.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';

const { show, dismiss } = toastStore.getState();
const titles = (): string[] => toastStore.getState().toasts.map(({ title }) => title);

beforeEach(() => toastStore.setState({ toasts: [] }));

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
