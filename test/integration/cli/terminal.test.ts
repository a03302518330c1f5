import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../../../main/cli.ts', import.meta.url));
const FLEET = fileURLToPath(new URL('../../../examples/sample-survey.yaml', import.meta.url));

/** No run of the sample takes this long. */
const HANGS_AFTER_MS = 60_000;

/** `script` of util-linux gives a program a pseudo terminal. */
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

/** Runs the sample on a pseudo terminal and types each answer when the question stands there. */
async function onTerminal(
  folder: string,
  answers: readonly string[],
): Promise<{ code: number | null; screen: string }> {
  const words = [process.execPath, CLI, 'run', FLEET, '--set', 'budget.tokens=10', '--data-dir', join(folder, 'data')];
  const child = spawn('script', ['-qec', words.map((word) => `'${word}'`).join(' '), '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', CI: '' },
    timeout: HANGS_AFTER_MS,
    killSignal: 'SIGKILL',
  });
  let screen = '';
  let asked = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const questions = screen.split('Raise it to how many tokens?').length - 1;
    for (; asked < questions; asked++) child.stdin.write(`${answers[asked] ?? ''}\n`);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, screen };
}

test.runIf(hasTerminal).each([
  { answers: ['nonsense', '1M'], code: 0, says: ['is not a number of tokens', 'surveyor-5', '░'] },
  { answers: [''], code: 2, says: ['run --resume'] },
])('a budget that is used up asks on a terminal: $answers ends with $code', async ({ answers, code, says }) => {
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  try {
    const ended = await onTerminal(folder, answers);
    for (const text of says) expect(ended.screen).toContain(text);
    expect(ended.code).toBe(code);
    // Whoever hid the cursor shows it again.
    expect(ended.screen.lastIndexOf('\u001b[?25h')).toBeGreaterThan(ended.screen.lastIndexOf('\u001b[?25l'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
