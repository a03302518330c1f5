import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openTestPlane, type TestPlane } from '../../../support/instance/test-plane.ts';
import type { Observations } from './observation.ts';
import { until } from './until.ts';

/** The text of a fleet of one program that runs `script`. */
function programOf(script: string): string {
  return JSON.stringify({
    flotilla: 1,
    name: 'observed',
    agents: [{ name: 'program', kind: 'command', prompt: 'Do it.', command: ['sh', '-c', script] }],
  });
}

/** What a program of 5,000 bytes comes to. */
async function answerOf(test: TestPlane): Promise<string> {
  const run = await test.launch(programOf('head -c 5000 /dev/zero | tr "\\\\0" x'));
  const answers: (string | undefined)[] = [];
  run.observe((event) => {
    if (event.type === 'agent.changed' && event.stop !== undefined) answers.push(event.answer);
  });
  await run.settled;
  return answers.join();
}

/** A program that, asked to end, first waits for a file. */
const SLOW_TO_END = (name: string): string => `
trap 'while ! test -e "${name}-go"; do sleep 0.02; done; echo > "${name}-ended"; exit 0' TERM
echo > "${name}-began"
while :; do sleep 0.02; done`;

async function launchSlowToEnd(test: TestPlane, name: string) {
  const run = await test.launch(programOf(SLOW_TO_END(name)));
  await until(() => expect(existsSync(join(test.dataDir, `${name}-began`))).toBe(true));
  return run;
}

/** Whether a program that is stopped lives until it may end by itself. */
async function observeGrace(): Promise<void> {
  await using test = await openTestPlane({ 'process.stopGraceMs': 600_000 });
  const patient = await launchSlowToEnd(test, 'patient');
  await test.set({ 'process.stopGraceMs': 0 });
  // It keeps what it was started with.
  const ended = test.plane.fleets.stop(patient.runId, 60_000);
  const forced = await launchSlowToEnd(test, 'forced');
  await test.plane.fleets.stop(forced.runId, 60_000);
  // Nobody let it go.
  expect(existsSync(join(test.dataDir, 'forced-ended'))).toBe(false);
  expect(patient.progress().state).toBe('stopping');
  await writeFile(join(test.dataDir, 'patient-go'), '');
  await ended;
  expect(existsSync(join(test.dataDir, 'patient-ended'))).toBe(true);
}

export const programObservations: Pick<Observations<'process'>, 'process.stopGraceMs' | 'process.maxOutputBytes'> = {
  'process.stopGraceMs': observeGrace,
  'process.maxOutputBytes': async () => {
    await using test = await openTestPlane({ 'process.maxOutputBytes': 1_024 });
    expect(await answerOf(test)).toBe(`${'x'.repeat(1_024)}\n[3976 more bytes were cut]`);
    await test.set({ 'process.maxOutputBytes': 4_000 });
    expect(await answerOf(test)).toBe(`${'x'.repeat(4_000)}\n[1000 more bytes were cut]`);
    await test.set({ 'process.maxOutputBytes': 8_192 });
    expect(await answerOf(test)).toBe('x'.repeat(5_000));
  },
};
