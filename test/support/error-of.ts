/** What a promise is rejected with, watched from now on so that it is never unhandled; `undefined` when it is fulfilled. */
export function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
