import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reportFailure } from '../../../main/commands/failure.ts';
import type { Output } from '../../../main/commands/output.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'failure-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

function recordingOutput(): { output: Output; notes: string[] } {
  const notes: string[] = [];
  const nothing = (): undefined => undefined;
  const output: Output = {
    isJson: true,
    hasProgress: false,
    hasColour: false,
    columns: 80,
    line: () => expect.unreachable('nothing of a failure belongs on standard output'),
    text: () => expect.unreachable('nothing of a failure belongs on standard output'),
    note: (text) => void notes.push(text),
    room: nothing,
    onReaderGone: nothing,
    flush: async () => undefined,
  };
  return { output, notes };
}

test('a defect is one sentence with an incident, exit 70, and its cause is in the log under that incident', async () => {
  const { output, notes } = recordingOutput();
  expect(await reportFailure(new TypeError('x is not a function'), dataDir, output)).toBe(70);
  expect(notes).toHaveLength(1);
  expect(notes[0]).not.toContain('x is not a function');
  const incident = /incident ([0-9A-Z]{26})/.exec(notes[0] ?? '')?.[1] as string;
  const logged = JSON.parse((await readFile(join(dataDir, 'flotilla.log'), 'utf8')).trim()) as Record<string, unknown>;
  expect(logged).toMatchObject({ incidentId: incident, err: { type: 'TypeError', message: 'x is not a function' } });
});

test('a defect that the running instance reported keeps its incident and is not logged twice', async () => {
  const { output, notes } = recordingOutput();
  const error = new AppError('INTERNAL', 'incident ABC is in the log', { details: { incidentId: 'ABC' } });
  expect(await reportFailure(error, dataDir, output)).toBe(70);
  expect(notes).toEqual(['incident ABC is in the log']);
  await expect(readFile(join(dataDir, 'flotilla.log'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a log that cannot be written does not hide the failure', async () => {
  const { output, notes } = recordingOutput();
  expect(await reportFailure(new Error('boom'), join(dataDir, 'flotilla.log', 'nowhere\0'), output)).toBe(70);
  expect(notes).toHaveLength(1);
});

test.each([
  ['SETTING_INVALID', 3],
  ['DISK_FULL', 4],
  ['TASK_CANCELLED', 130],
] as const)('%s ends with exit %d', async (code, exit) => {
  const { output, notes } = recordingOutput();
  expect(await reportFailure(new AppError(code, 'why'), dataDir, output)).toBe(exit);
  expect(notes).toEqual(['why']);
});
