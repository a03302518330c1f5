/** Room in a control group: a container, a systemd unit, a job of a cluster. */
interface GroupRoom {
  readonly limitBytes: number;
  readonly availableBytes: number;
}

/** A control group that this process is in. */
export interface MemoryGroup {
  /** `undefined` while it has no limit. Limits may come and change while it runs. */
  read(): GroupRoom | undefined;
  /** Its file of pressure stall information; version 2 only. */
  readonly pressurePath: string | undefined;
}

type ReadFile = (path: string) => string | undefined;

/** Version 1 writes "no limit" as a number near 2^63. */
const NO_LIMIT_BYTES = 2 ** 60;
/** Groups looked at, from the innermost: more levels are not met. */
const MAX_GROUPS = 16;

/**
 * The control groups of this process that may limit its memory, the innermost first; none where there are none. A limit
 * anywhere on the way to the root holds.
 */
export function findMemoryGroups(file: ReadFile): readonly MemoryGroup[] {
  const lines = (file('/proc/self/cgroup') ?? '').split('\n');
  const second = lines.find((line) => line.startsWith('0::'))?.slice(3);
  const first = lines
    .find((line) => line.split(':')[1]?.split(',').includes('memory'))
    ?.split(':')
    .slice(2)
    .join(':');
  const groups = [
    ...(first === undefined
      ? []
      : toFolders('/sys/fs/cgroup/memory', first).map((folder) => toFirstGroup(file, folder))),
    ...(second === undefined ? [] : toFolders('/sys/fs/cgroup', second).map((folder) => toSecondGroup(file, folder))),
  ];
  return groups.filter((group) => group !== undefined).slice(0, MAX_GROUPS);
}

/** The folders of a group and of those around it. Inside a container the path may be the host's: then only the root is there. */
function toFolders(root: string, path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return [...parts.keys(), parts.length].toReversed().map((count) => [root, ...parts.slice(0, count)].join('/'));
}

function toFirstGroup(file: ReadFile, folder: string): MemoryGroup | undefined {
  if (file(`${folder}/memory.limit_in_bytes`) === undefined) return undefined;
  const names = { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes', cache: 'total_inactive_file' };
  return { read: () => readRoom(file, folder, names), pressurePath: undefined };
}

function toSecondGroup(file: ReadFile, folder: string): MemoryGroup | undefined {
  if (file(`${folder}/memory.max`) === undefined) return undefined;
  const names = { limit: 'memory.max', usage: 'memory.current', cache: 'inactive_file' };
  return { read: () => readRoom(file, folder, names), pressurePath: `${folder}/memory.pressure` };
}

function readRoom(
  file: ReadFile,
  folder: string,
  names: { readonly limit: string; readonly usage: string; readonly cache: string },
): GroupRoom | undefined {
  const limitBytes = toNumber(file(`${folder}/${names.limit}`));
  const usedBytes = toNumber(file(`${folder}/${names.usage}`));
  if (limitBytes === undefined || usedBytes === undefined || limitBytes >= NO_LIMIT_BYTES) return undefined;
  const stat = file(`${folder}/memory.stat`) ?? '';
  const cachedBytes = toNumber(new RegExp(`^${names.cache} (\\d+)$`, 'm').exec(stat)?.[1]) ?? 0;
  return { limitBytes, availableBytes: Math.max(0, limitBytes - Math.max(0, usedBytes - cachedBytes)) };
}

/** `max` and everything else that is no number: `undefined`. */
function toNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  return trimmed !== undefined && /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}
