import { AppError } from '../../shared/errors/app-error.ts';
import type { LaneName, Permit } from './gate.ts';

/** A permit that calls `vacate` once, when it is released or disposed of. */
export function toPermit(lane: LaneName, waitMs: number, vacate: () => void): Permit {
  let isHeld = true;
  const release = (): void => {
    if (!isHeld) throw new AppError('INTERNAL', `A permit of the ${lane} lane was released twice.`);
    isHeld = false;
    vacate();
  };
  return { waitMs, release, [Symbol.dispose]: () => void (isHeld && release()) };
}
