/** Lets work through while none is under way. */
export type OneAtATime = (work: () => Promise<void>) => Promise<void>;

/**
 * Makes a way in for one at a time: work that comes while other work is under way is not begun. What is drawn comes too late to hold a
 * second press back that follows at once: by then both have been heard.
 */
export function createOneAtATime(): OneAtATime {
  let isBusy = false;
  return async (work) => {
    if (isBusy) return;
    isBusy = true;
    try {
      await work();
    } finally {
      isBusy = false;
    }
  };
}
