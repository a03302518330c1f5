import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import process from 'node:process';
import { findMemoryGroups, type MemoryGroup } from './memory-groups.ts';

/** How much memory there is at one moment. */
export interface MemoryReading {
  /** What programs may still take without anything being swapped out or ended; `undefined` where it cannot be measured. */
  readonly availableBytes: number | undefined;
  /** What there is in all, under a container's limit where there is one. */
  readonly totalBytes: number;
  /**
   * Part of the last ten seconds in which some program waited for memory (Linux pressure stall information, `some avg10`),
   * 0..1; `undefined` where the system does not tell.
   */
  readonly pressureRatio: number | undefined;
  /** Whose memory is the scarcest: `machine`, `container`. */
  readonly of: 'machine' | 'container';
}

/** Where readings come from; a test hands in its own. */
export interface MemoryReader {
  /** Takes about 0.1 ms; never throws. */
  read(): MemoryReading;
}

/** What a reader reads from. */
export interface MemorySources {
  readonly platform: NodeJS.Platform;
  /** The text of a file; `undefined` when there is none. */
  readonly file: (path: string) => string | undefined;
  readonly freeBytes: () => number;
  readonly totalBytes: () => number;
}

/** The machine this runs on. */
export const machineSources: MemorySources = {
  platform: process.platform,
  file: readText,
  freeBytes: freemem,
  totalBytes: totalmem,
};

/**
 * A reader of the memory of the machine and of the containers around this process.
 *
 * On Linux: the kernel's own estimate (`MemAvailable`), every control group (version 1 and 2) from that of this process to
 * the root, where cached files count as available since the kernel drops them first, and the pressure of both. On Windows
 * what the system calls available. Elsewhere the system tells only what is not used for anything, caches included, which
 * says nothing: there `availableBytes` is `undefined`.
 */
export function createMemoryReader(sources: MemorySources = machineSources): MemoryReader {
  const groups = sources.platform === 'linux' ? findMemoryGroups(sources.file) : [];
  return { read: () => (sources.platform === 'linux' ? readLinux(sources, groups) : readOther(sources)) };
}

function readLinux(sources: MemorySources, groups: readonly MemoryGroup[]): MemoryReading {
  const info = sources.file('/proc/meminfo') ?? '';
  let totalBytes = toBytes(info, 'MemTotal') ?? sources.totalBytes();
  let availableBytes = toBytes(info, 'MemAvailable');
  let of: MemoryReading['of'] = 'machine';
  for (const group of groups) {
    const room = group.read();
    if (room === undefined) continue;
    totalBytes = Math.min(totalBytes, room.limitBytes);
    if (availableBytes !== undefined && availableBytes <= room.availableBytes) continue;
    availableBytes = room.availableBytes;
    of = 'container';
  }
  const pressures = ['/proc/pressure/memory', ...groups.flatMap(({ pressurePath }) => pressurePath ?? [])];
  const ratios = pressures.map((path) => parsePressure(sources.file(path) ?? '')).filter((one) => one !== undefined);
  return { availableBytes, totalBytes, pressureRatio: ratios.length === 0 ? undefined : Math.max(...ratios), of };
}

function readOther({ platform, freeBytes, totalBytes }: MemorySources): MemoryReading {
  const availableBytes = platform === 'win32' ? freeBytes() : undefined;
  return { availableBytes, totalBytes: totalBytes(), pressureRatio: undefined, of: 'machine' };
}

/** `some avg10` of a file of pressure stall information, as a ratio. */
function parsePressure(text: string): number | undefined {
  const percent = /^some avg10=(\d+(?:\.\d+)?)/m.exec(text)?.[1];
  return percent === undefined ? undefined : Math.min(1, Number(percent) / 100);
}

function toBytes(info: string, name: string): number | undefined {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(info)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
