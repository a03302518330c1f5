/** Calls `fire` once after `delayMs`; disposing of it before that calls it off. The page's only owner of timers. */
export function after(delayMs: number, fire: () => void): Disposable {
  const timer = setTimeout(fire, delayMs);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Calls `fire` every `intervalMs` until disposed of. */
export function every(intervalMs: number, fire: () => void): Disposable {
  const timer = setInterval(fire, intervalMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
