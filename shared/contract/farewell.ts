import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';

/** What becomes of the runs when a program that pages were connected to ends in an orderly way. */
const farewell = z.strictObject({
  /** Runs that ended with it; each can be resumed. */
  stoppedRuns: z.number().int().min(0),
  /** The pages were shown runs of another program, which goes on. */
  isShowingOther: z.boolean(),
});
/** What becomes of the runs when a program that pages were connected to ends in an orderly way. */
export type Farewell = z.infer<typeof farewell>;

/**
 * The last word of a program that ends in an orderly way. It is not the answer to any call: of what was asked and not answered
 * nobody knows whether it was done.
 */
export function toFarewellError(of: Farewell): AppError {
  return new AppError('INSTANCE_UNREACHABLE', `Flotilla was ended; ${toRunWords(of)}.`, { details: { farewell: of } });
}

/** The farewell that an error is; `undefined` for every other error. */
export function findFarewell(error: AppError): Farewell | undefined {
  return farewell.safeParse(error.details['farewell']).data;
}

/** What became of the runs: `its 2 runs were stopped and can be resumed`. */
export function toRunWords({ stoppedRuns, isShowingOther }: Farewell): string {
  if (isShowingOther) return 'the runs that it showed go on in another program';
  if (stoppedRuns === 0) return 'nothing was running';
  return stoppedRuns === 1
    ? 'its run was stopped and can be resumed'
    : `its ${stoppedRuns} runs were stopped and can be resumed`;
}
