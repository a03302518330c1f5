import { spawn } from 'node:child_process';

/** How a program of a build ended. */
export interface Ended {
  readonly ok: boolean;
  /** Its last words, for the sentence that says what went wrong. */
  readonly said: string;
}

/** Characters of a program's output that are kept. */
const MAX_KEPT_CHARS = 20_000;

/** Runs `node script args` to its end, quietly; it is ended after `limitMs`, or when this process ends. */
export function runNode(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly limitMs: number;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<Ended> {
  const { cwd, limitMs, environment } = options;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-MAX_KEPT_CHARS)));
    }
    const settle = (ok: boolean, more = ''): void => {
      process.off('exit', end);
      resolve({ ok, said: `${said}${more}`.trim() });
    };
    child.once('error', (error) => settle(false, error.message));
    child.once('close', (code, signal) => settle(code === 0, signal === null ? '' : `\nended by ${signal}`));
  });
}
