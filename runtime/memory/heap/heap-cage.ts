import process from 'node:process';
import { AppError } from '../../../shared/errors/app-error.ts';
import { toHeapLimitBytes } from './generations.ts';

/**
 * Room for JavaScript heaps that no setting can enlarge. With pointer compression V8 keeps every object within 4 GB: of each
 * thread (`thread`) or of all threads of the process together (`process`).
 */
export type HeapCage =
  | { readonly scope: 'none' }
  | { readonly scope: 'thread' | 'process'; readonly bytes: number; readonly because: string };

/** Heaps of one kind that may be alive at the same time. */
export interface HeapPlan {
  /** For people: `main`, `cpu threads`. */
  readonly name: string;
  readonly count: number;
  readonly oldBytes: number;
  readonly youngBytes: number;
  /** The settings that limit it, for the way out. */
  readonly settings: readonly string[];
}

/** What V8 can address with compressed pointers. */
const CAGE_BYTES = 2 ** 32;

/** What is known of the program that runs this. */
export interface EngineFacts {
  readonly electron: string | undefined;
  /** V8's build flags as Node records them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Bytes of all heaps together that were reached when it was tried on this very program; beats what is known in general. */
  readonly measuredProcessBytes?: number;
}

/** The facts of the running program. */
export function readEngineFacts(): EngineFacts {
  return { electron: process.versions['electron'], variables: { ...process.config.variables } };
}

/** The cage of a program. */
export function toHeapCage({ electron, variables, measuredProcessBytes }: EngineFacts): HeapCage {
  if (measuredProcessBytes !== undefined) {
    return { scope: 'process', bytes: measuredProcessBytes, because: 'as measured on this program' };
  }
  const isOn = (flag: string): boolean => variables[flag] === 1 || variables[flag] === true;
  if (electron !== undefined) {
    // Chromium's build shares one cage between all isolates; Electron's own `process.config` is that of plain Node.
    return { scope: 'process', bytes: CAGE_BYTES, because: `in Electron ${electron} all threads share it` };
  }
  if (!isOn('v8_enable_pointer_compression')) return { scope: 'none' };
  return isOn('v8_enable_pointer_compression_shared_cage')
    ? { scope: 'process', bytes: CAGE_BYTES, because: 'with pointer compression all threads share it' }
    : { scope: 'thread', bytes: CAGE_BYTES, because: 'with pointer compression each thread has it' };
}

/**
 * Refuses limits of heaps that together could not all be used: the process would end with them unreached.
 *
 * @throws {AppError} SETTING_INVALID
 */
export function checkHeapLimits(heaps: readonly HeapPlan[], cage: HeapCage): void {
  if (cage.scope === 'none') return;
  const limits = heaps.map((heap) => ({ heap, bytes: toHeapLimitBytes(heap.oldBytes, heap.youngBytes) }));
  if (cage.scope === 'thread') {
    const tooLarge = limits.find(({ heap, bytes }) => heap.count > 0 && bytes > cage.bytes);
    if (tooLarge === undefined) return;
    const { heap, bytes } = tooLarge;
    const message = `The heap of ${heap.name} may grow to ${toMb(bytes)}, but ${toMb(cage.bytes)} is all there is (${cage.because}); lower ${heap.settings.join(' or ')}.`;
    throw new AppError('SETTING_INVALID', message, { details: { limitBytes: bytes, cageBytes: cage.bytes } });
  }
  const sumBytes = limits.reduce((sum, { heap, bytes }) => sum + heap.count * bytes, 0);
  if (sumBytes <= cage.bytes) return;
  const parts = limits.map(({ heap, bytes }) => `${heap.name} ${heap.count} × ${toMb(bytes)}`).join(', ');
  const ways = [...new Set(limits.flatMap(({ heap }) => heap.settings))].join(' or ');
  const message = `The heaps may grow to ${toMb(sumBytes)} together (${parts}), but ${toMb(cage.bytes)} is all there is (${cage.because}); lower ${ways}.`;
  throw new AppError('SETTING_INVALID', message, { details: { limitBytes: sumBytes, cageBytes: cage.bytes } });
}

function toMb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MB`;
}
