import { fstatSync, lstatSync, type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { systemClock } from '../time/clock.ts';
import { followInside } from './workspace.ts';

/**
 * Clocks of file systems stand still for up to a tick of the kernel (10 ms at most); within it a second change leaves no trace.
 * Ten times that, so that a machine under load is right too.
 */
const FINE_SETTLED_MS = 100;
/** Some file systems keep whole seconds, FAT two of them. */
const COARSE_SETTLED_MS = 3_000;
const NS_PER_SEC = 1_000_000_000n;
const NS_PER_MS = 1_000_000n;

/** A file at one moment, as far as it can be told without reading it. */
export interface FileBasis {
  /** Another text after every change of the file, also when something else took its place. */
  readonly text: string;
  /** Whether its last change is long enough ago that the next one shows. */
  readonly isSettled: boolean;
}

/** The basis of a file that is open. */
export function basisOfOpen(descriptor: number): FileBasis {
  return toFileBasis(fstatSync(descriptor, { bigint: true }));
}

/** The basis of a file; `undefined` when there is no regular file under this path, whose last name may be no link. */
export function findBasis(path: string): FileBasis | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return status?.isFile() ? toFileBasis(status) : undefined;
}

/**
 * The text of the basis of a file of a workspace; `undefined` when there is none inside it.
 *
 * @throws {AppError} WORKSPACE_ESCAPE, else what the file system says.
 */
export async function loadBasis(root: string, path: string): Promise<string | undefined> {
  const place = await followInside(root, path);
  return place === undefined ? undefined : toFileBasis(await stat(place, { bigint: true })).text;
}

/** What `read` answers, with the text of the basis, unless the file changed meanwhile or too shortly before. */
export async function withBasis<Answer extends object>(
  descriptor: number,
  read: () => Promise<Answer>,
): Promise<Answer & { readonly basis?: string }> {
  const before = basisOfOpen(descriptor);
  const answer = await read();
  const isSame = before.isSettled && basisOfOpen(descriptor).text === before.text;
  return isSame ? { ...answer, basis: before.text } : answer;
}

/**
 * The time of the last change of the inode (`ctime`) cannot be set back, as that of its content can.
 * What git calls "racily clean" is why a fresh one is not settled: https://git-scm.com/docs/racy-git
 */
function toFileBasis({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileBasis {
  const settledMs = ctimeNs % NS_PER_SEC === 0n ? COARSE_SETTLED_MS : FINE_SETTLED_MS;
  const agoMs = systemClock.nowMs() - Number(ctimeNs / NS_PER_MS);
  return { text: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`, isSettled: agoMs > settledMs };
}
