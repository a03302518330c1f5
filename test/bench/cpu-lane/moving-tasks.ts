import { move } from 'piscina';
import { madeBytes as madeBytesToCopy } from './plain-tasks.ts';

/** Piscina's documented way to hand memory over instead of copying it. */
export const bytes = (count: number): unknown => move(new Uint8Array(count));

export const madeBytes = (count: number): unknown => move(madeBytesToCopy(count));
