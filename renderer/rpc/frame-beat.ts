const waiting = new Set<() => void>();
let isAsked = false;

/** Calls `notify` in the next frame, once however often it is asked for before; all of a frame are called together. */
export function inNextFrame(notify: () => void): void {
  waiting.add(notify);
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    const due = [...waiting];
    waiting.clear();
    for (const call of due) call();
  });
}
