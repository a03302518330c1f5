import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

/** A control group of the machine, made for a test. */
export interface TestGroup extends Disposable {
  /** As `/proc/self/cgroup` of a process in it says. */
  readonly membership: string;
  add(pid: number): void;
}

const NAME = `flotilla-test-${process.pid}`;
const VERSIONS = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', membership: `3:memory:/${NAME}\n` },
  { root: '/sys/fs/cgroup', limit: 'memory.max', membership: `0::/${NAME}\n` },
];

/** Makes a group with a limit; `undefined` where the system or the rights do not allow it. */
export function tryOpenMemoryGroup(limitBytes: number): TestGroup | undefined {
  for (const { root, limit, membership } of VERSIONS) {
    const folder = `${root}/${NAME}`;
    try {
      readFileSync(`${root}/memory.stat`);
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      writeFileSync(`${folder}/${limit}`, String(limitBytes));
      return {
        membership,
        add: (pid) => writeFileSync(`${folder}/cgroup.procs`, String(pid)),
        [Symbol.dispose]: () => rmdirSync(folder),
      };
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}
