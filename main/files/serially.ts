/** Runs each piece of work when the one before it has ended, however that ended: for files that are read, changed and replaced. */
export function createSerially(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
