import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Processes, ProcessResult } from '../../processes/owned-process.ts';
import type { Tool, ToolOutput } from '../tool.ts';
import { resolveFolder } from '../../workspace/workspace.ts';
import { detectSandbox, toSandboxed, type ShellSandbox } from './shell-sandbox.ts';

/** Programs are looked for where every system keeps them, when our own `PATH` is empty. */
const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

const input = z.strictObject({
  command: z.string().min(1).max(100_000).describe('Command line for /bin/sh.'),
  path: z.string().min(1).default('.').describe('Folder it runs in, relative to the workspace.'),
});

type ShellInput = z.infer<typeof input>;

/** What the shell tool works with. */
export interface ShellDeps {
  readonly processes: Processes;
  /** Between asking a program to end and forcing it. */
  readonly stopGraceMs: () => number;
}

/** Runs a command line in the workspace: in a bubblewrap sandbox where one works, and saying so where there is none. */
export function shellTool({ processes, stopGraceMs }: ShellDeps): Tool<ShellInput> {
  const environment = toEnvironment();
  // By workspace: one that holds the whole file system cannot be confined. There are as many as runs differ in theirs.
  const sandboxes = new Map<string, Promise<ShellSandbox>>();
  const sandboxOf = (workspace: string): Promise<ShellSandbox> => {
    let sandbox = sandboxes.get(workspace);
    if (sandbox === undefined) {
      sandbox = detectSandbox(processes, workspace, environment(workspace));
      sandboxes.set(workspace, sandbox);
    }
    return sandbox;
  };
  return {
    name: 'shell',
    description: 'Runs a command line with /bin/sh in the workspace. The first line of the answer holds the exit code.',
    input,
    lane: 'process',
    needs: 'shell',
    repeatable: false,
    async run({ command, path }, context) {
      const { workspace, signal, maxOutputBytes } = context;
      const directory = await resolveFolder(workspace, path);
      const sandbox = await sandboxOf(workspace);
      if (sandbox.kind === 'none') context.notice(`Nothing confines the shell of this run: ${sandbox.why}.`);
      signal.throwIfAborted();
      const result = await processes.run({
        command: toSandboxed(sandbox, { workspace, directory, script: command }),
        directory,
        environment: environment(workspace),
        maxOutputBytes,
        stopGraceMs: stopGraceMs(),
        signal,
      });
      return toOutput(result, sandbox);
    },
  };
}

/** What a shell may see of the environment: where programs are, how text is written, and a home that is its own. */
function toEnvironment(): (workspace: string) => Record<string, string> {
  const common = { PATH: process.env['PATH'] || USUAL_PATH, LANG: process.env['LANG'] || 'C.UTF-8' };
  return (workspace) => ({ ...common, HOME: workspace, TMPDIR: '/tmp' });
}

function toOutput(result: ProcessResult, sandbox: ShellSandbox): ToolOutput {
  const { stdout, stderr, stdoutBytes, stderrBytes } = result;
  const ending =
    result.exitCode === undefined ? `ended by ${result.signal ?? 'a signal'}` : `exit code ${result.exitCode}`;
  const between = stdout === '' || stdout.endsWith('\n') ? '' : '\n';
  const head = `${ending} (sandbox: ${sandbox.kind})\n`;
  const errors = stderr === '' ? '' : `${between}[standard error]\n${stderr}`;
  const text = head + stdout + errors;
  const missing = stdoutBytes - Buffer.byteLength(stdout) + (stderrBytes - Buffer.byteLength(stderr));
  const outputBytes = Buffer.byteLength(text) + Math.max(0, missing);
  // Only its signal ends it, and whoever aborted that knows why.
  const error = result.ended === 'by itself' ? undefined : new AppError('TASK_CANCELLED', 'The command was ended.');
  return { text, outputBytes, error };
}
