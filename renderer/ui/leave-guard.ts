/** Answers whether the page may be left for the address; asks its user where something would be lost. */
export type LeaveGuard = (to: string) => Promise<boolean>;

let guard: LeaveGuard | undefined;

/** Has `ask` answer each time a link or an action leads to another page, until disposed of. One page has the word at a time. */
export function guardLeaving(ask: LeaveGuard): Disposable {
  guard = ask;
  return {
    [Symbol.dispose]() {
      if (guard === ask) guard = undefined;
    },
  };
}

/** Goes there when the page may be left; for the router's `aroundNav`. */
export function leaveGuarded<Options>(
  navigate: (to: string, options?: Options) => void,
  to: string,
  options?: Options,
): void {
  if (guard) void navigateIfAllowed(guard, to, () => navigate(to, options));
  else navigate(to, options);
}

async function navigateIfAllowed(ask: LeaveGuard, to: string, go: () => void): Promise<void> {
  if (await ask(to)) go();
}
