import { AppError } from '../../shared/errors/app-error.ts';

/** A run or agent may get this many turns for each one of another, and no more: its turn holds the others up that long. */
const MAX_WEIGHT = 100;
/** Runs and agents with a weight of their own at once, more than any fleet file can name. */
const MAX_WEIGHED = 100_000;

/** How many turns runs and agents get for each one of another, over all lanes of a gate; 1 unless told. */
export class Weights {
  private readonly weights = new Map<string, number>();

  of(owner: string): number {
    return this.weights.size === 0 ? 1 : (this.weights.get(owner) ?? 1);
  }

  /** @throws {AppError} SETTING_INVALID unless `weight` is a whole number from 1 to 100, or when 100,000 are weighed. */
  set(owner: string, weight: number): void {
    if (!(Number.isSafeInteger(weight) && weight >= 1 && weight <= MAX_WEIGHT)) {
      const message = `The weight of ${owner} is ${weight}; it takes a whole number from 1 to ${MAX_WEIGHT}.`;
      throw new AppError('SETTING_INVALID', message);
    }
    if (weight === 1) this.weights.delete(owner);
    else if (this.weights.has(owner) || this.weights.size < MAX_WEIGHED) this.weights.set(owner, weight);
    else throw new AppError('SETTING_INVALID', `${MAX_WEIGHED} runs and agents have a weight; take one back first.`);
  }
}
