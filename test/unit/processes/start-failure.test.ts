import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { StartOrder } from '../../../runtime/processes/launcher/launcher-order.ts';
import { toStartFailure } from '../../../runtime/processes/launcher/start-failure.ts';
import { findSpecFault } from '../../../runtime/processes/spec-fault.ts';

const order: StartOrder = {
  command: ['agent'],
  directory: '/',
  environment: {},
  input: 'none',
  maxOutputBytes: 1,
  stopGraceMs: 1,
};

test.each([
  ['ENOENT', 'PROGRAM_NOT_FOUND', /no program "agent" in PATH.*install/],
  ['EACCES', 'PROGRAM_NOT_FOUND', /"agent" may not be executed/],
  ['E2BIG', 'INPUT_INVALID', /"agent".*by file or stdin/],
  ['EAGAIN', 'PROCESS_LIMIT', /no more processes.*lower the limit/],
  ['EMFILE', 'PROCESS_LIMIT', /no more processes/],
  ['EIO', 'PROGRAM_NOT_FOUND', /"agent" could not be started: strange/],
])('%s becomes %s, in a sentence with the way out', (code, expected, message) => {
  const data = toStartFailure(Object.assign(new Error('strange'), { code }), order);
  expect(data).toMatchObject({ code: expected, message: expect.stringMatching(message) });
  expect(AppError.fromData(data).retryable).toBe(expected === 'PROCESS_LIMIT');
});

test('a missing folder is told from a missing program', () => {
  const data = toStartFailure(Object.assign(new Error(), { code: 'ENOENT' }), {
    ...order,
    directory: '/no/such/folder',
  });
  expect(data).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('/no/such/folder') });
});

test.each([
  [{ command: [] }, /command is empty/],
  [{ command: ['\0'] }, /name of the program/],
  [{ command: ['a', 'b', 'c\0'] }, /Argument 2 of "a"/],
  [{ directory: 'here' }, /"here" is not an absolute path/],
  [{ environment: { 'A=B': '' } }, /"A=B"/],
  [{ environment: { A: '\0' } }, /"A"/],
])('%j is refused before anything starts', (fault, message) => {
  const spec = { ...order, command: ['true'], ...fault };
  expect(findSpecFault(spec)).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringMatching(message) });
  expect(findSpecFault({ ...order, command: ['true', ''] })).toBeUndefined();
});
