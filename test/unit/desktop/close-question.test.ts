import { expect, test } from 'vitest';
import { findCloseQuestion } from '../../../main/app/close-question.ts';
import type { InstanceClient } from '../../../main/instance/join-instance.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { RunState } from '../../../shared/model/states.ts';

/** What answers which runs there are, and nothing else. */
function clientOf(list: () => Promise<readonly RunState[]>): Pick<InstanceClient, 'calls'> {
  const calls = { runs: { list: async () => ({ runs: (await list()).map((state) => ({ state })) }) } };
  return { calls: calls as unknown as InstanceClient['calls'] };
}
const having = (...states: readonly RunState[]) => clientOf(async () => states);

test('nothing is asked while nothing runs, also of an instance that has gone', async () => {
  expect(await findCloseQuestion(having(), 'close')).toBeUndefined();
  expect(await findCloseQuestion(having('done', 'failed', 'stopped'), 'quit')).toBeUndefined();
  const gone = clientOf(async () => {
    throw new AppError('INSTANCE_UNREACHABLE', 'gone');
  });
  expect(await findCloseQuestion(gone, 'quit')).toBeUndefined();
});

test('the question counts what runs, and its last answer leaves everything as it is', async () => {
  expect(await findCloseQuestion(having('done', 'paused'), 'close')).toMatchObject({
    message: 'A run is under way.',
    buttons: ['Keep running in the tray', 'Stop and quit', 'Cancel'],
    answers: ['keep running', 'quit', 'stay'],
  });
  expect(await findCloseQuestion(having('running', 'queued'), 'quit')).toMatchObject({
    message: '2 runs are under way.',
    buttons: ['Stop and quit', 'Cancel'],
    answers: ['quit', 'stay'],
  });
});
