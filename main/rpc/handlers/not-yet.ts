import { AppError } from '../../../shared/errors/app-error.ts';

/** Stands where a handler is being written; nothing imports it when the window is done. */
export function notYet(): never {
  throw new AppError('INTERNAL', 'This handler is not written yet.');
}
