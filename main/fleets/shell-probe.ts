import process from 'node:process';
import type { Processes } from '../../runtime/processes/owned-process.ts';
import { detectSandbox } from '../../runtime/tools/built-in/shell-sandbox.ts';

/** Where programs are when the environment does not say. */
const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Workspaces remembered: whether a shell can be confined depends on the folder and hardly ever changes. */
const MAX_WORKSPACES = 32;

/** Answers why nothing would confine a shell in a workspace; `undefined` where something would. */
export type ShellProbe = (workspace: string) => Promise<string | undefined>;

/** Finds out as a run would, by starting a shell in the sandbox; once for each workspace. */
export function createShellProbe(processes: Processes): ShellProbe {
  const found = new Map<string, Promise<string | undefined>>();
  return (workspace) => {
    const known = found.get(workspace);
    if (known) return known;
    const environment = { PATH: process.env['PATH'] || USUAL_PATH, HOME: workspace, TMPDIR: '/tmp' };
    const probing = detectSandbox(processes, workspace, environment).then((sandbox) =>
      sandbox.kind === 'none' ? sandbox.why : undefined,
    );
    found.set(workspace, probing);
    // What failed for want of memory or of processes may succeed the next time.
    probing.catch(() => found.delete(workspace));
    const [oldest] = found.keys();
    if (found.size > MAX_WORKSPACES && oldest !== undefined) found.delete(oldest);
    return probing;
  };
}
