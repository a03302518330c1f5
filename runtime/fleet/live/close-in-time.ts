import { toAppError } from '../../../shared/errors/app-error.ts';
import type { Clock } from '../../time/clock.ts';

/** For the tools and files of a run to close. */
const CLOSE_MS = 10_000;

/** Closes what a run owned; answers why it could not within 10 seconds. */
export async function closeInTime(resources: AsyncDisposable | undefined, clock: Clock): Promise<Error | undefined> {
  const closing = Promise.resolve(resources?.[Symbol.asyncDispose]());
  using waiting = new DisposableStack();
  const late = new Promise<Error>((resolve) => {
    waiting.use(clock.after(CLOSE_MS, () => resolve(new Error('it took too long'))));
  });
  return await Promise.race([closing.then(() => undefined, toAppError), late]);
}
