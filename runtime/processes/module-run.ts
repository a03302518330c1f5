import type { Clock } from '../time/clock.ts';
import type { StartModule } from './module-process.ts';
import { KeptOutput } from './kept-output.ts';
import type { ModuleSpec, ProcessResult, RunningProcess } from './owned-process.ts';

/** Runs a module of ours as a helper, and answers for it as for a program. It has no tree: modules of ours start nothing. */
export function startModuleRun(spec: ModuleSpec, startModule: StartModule, clock: Clock): RunningProcess {
  const startedAtMonoMs = clock.monoMs();
  const { name, modulePath, args, environment, maxOutputBytes } = spec;
  const helper = startModule({ name, modulePath, args, environment, nodeFlags: [] });
  const stdout = new KeptOutput(maxOutputBytes, spec.onOutput);
  const stderr = new KeptOutput(maxOutputBytes);
  const bytes = { stdout: 0, stderr: 0 };
  helper.stdout?.on('data', (chunk: Buffer) => {
    bytes.stdout += chunk.length;
    stdout.add(chunk);
  });
  helper.stderr?.on('data', (chunk: Buffer) => {
    bytes.stderr += chunk.length;
    stderr.add(chunk);
  });
  let isStopped = false;
  const result = helper.exited.then((exitCode): ProcessResult => ({
    exitCode,
    signal: undefined,
    ended: isStopped ? 'cancelled' : 'by itself',
    stdout: stdout.end(bytes.stdout),
    stderr: stderr.end(bytes.stderr),
    stdoutBytes: bytes.stdout,
    stderrBytes: bytes.stderr,
    ms: clock.monoMs() - startedAtMonoMs,
    peakRssBytes: undefined,
    strayCount: 0,
  }));
  return {
    pid: Promise.resolve(helper.pid ?? 0),
    result,
    async stop() {
      if (!isStopped) {
        isStopped = true;
        helper.kill('ask');
      }
      using _late = clock.after(spec.stopGraceMs, () => helper.kill('force'));
      return await result;
    },
  };
}
