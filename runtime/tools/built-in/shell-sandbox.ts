import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { toAppError } from '../../../shared/errors/app-error.ts';
import type { Processes } from '../../processes/owned-process.ts';

/** Bubblewrap answers within milliseconds; a machine this slow has no sandbox worth waiting for. */
const PROBE_DEADLINE_MS = 10_000;
const PROBE_OUTPUT_BYTES = 2_000;
const STOP_GRACE_MS = 1_000;
/** Folders below the home in which programs keep keys. */
const KEY_FOLDERS = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.config/gcloud',
  '.config/gh',
  '.local/share/keyrings',
];
/** Files of git that make it run programs. */
const GIT_PROGRAMS = ['.git/hooks', '.git/config'];

const SYSTEM = ['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--tmpfs', '/run'];
const NAMESPACES = ['user-try', 'pid', 'ipc', 'uts', 'cgroup-try', 'net'].map((name) => `--unshare-${name}`);
const APART = [...NAMESPACES, '--cap-drop', 'ALL', '--new-session', '--die-with-parent'];

/** What confines a shell on this machine. */
export type ShellSandbox =
  | { readonly kind: 'bubblewrap'; readonly program: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * Finds out, by running it once for real, whether bubblewrap confines a shell here: inside a container it is often there
 * and may not do its work.
 */
export async function detectSandbox(
  processes: Processes,
  workspace: string,
  environment: Record<string, string>,
): Promise<ShellSandbox> {
  if (process.platform !== 'linux') return { kind: 'none', why: 'bubblewrap is for Linux only' };
  const sandbox = { kind: 'bubblewrap', program: 'bwrap' } as const;
  const expected = 'confined';
  // The sandbox has its own process ids, so its first shell is no process that the machine knows by a high number.
  const script = `test ! -w / && test "$$" -lt 100 && printf ${expected}`;
  try {
    const result = await processes.run({
      command: toSandboxed(sandbox, { workspace, directory: workspace, script }),
      directory: workspace,
      environment,
      maxOutputBytes: PROBE_OUTPUT_BYTES,
      deadlineMs: PROBE_DEADLINE_MS,
      stopGraceMs: STOP_GRACE_MS,
    });
    if (result.exitCode === 0 && result.stdout === expected) return sandbox;
    const why = result.stderr.trim().split('\n')[0] ?? '';
    return { kind: 'none', why: `bubblewrap does not work here: ${why === '' ? `exit code ${result.exitCode}` : why}` };
  } catch (error) {
    const { code, message } = toAppError(error);
    return { kind: 'none', why: code === 'PROGRAM_NOT_FOUND' ? 'bubblewrap is not installed' : message };
  }
}

/** A script and where it runs; both folders absolute, the second inside the first. */
export interface ShellScript {
  readonly workspace: string;
  readonly directory: string;
  readonly script: string;
}

/**
 * The program and arguments that run a script. In the sandbox everything is read-only but the workspace, `/tmp` and `/run`
 * are empty and private, keys are hidden, there is no network, and nothing outlives the shell.
 */
export function toSandboxed(sandbox: ShellSandbox, { workspace, directory, script }: ShellScript): string[] {
  const shell = ['/bin/sh', '-c', script];
  if (sandbox.kind === 'none') return shell;
  const keys = KEY_FOLDERS.map((name) => join(homedir(), name)).filter((path) => existsSync(path));
  const programs = GIT_PROGRAMS.map((name) => join(workspace, name)).filter((path) => existsSync(path));
  return [
    sandbox.program,
    ...SYSTEM,
    ...keys.flatMap((path) => ['--tmpfs', path]),
    '--bind',
    workspace,
    workspace,
    ...programs.flatMap((path) => ['--ro-bind', path, path]),
    ...APART,
    '--chdir',
    directory,
    '--',
    ...shell,
  ];
}
