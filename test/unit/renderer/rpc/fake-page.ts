import type { PageBeat } from '../../../../renderer/rpc/page-beat.ts';

/** A page whose visibility and frames a test moves by hand. */
export interface FakePage extends PageBeat {
  setVisible(isVisible: boolean): void;
  /** Shows one frame: calls what has been asked for. */
  frame(): void;
}

/** Makes a visible page. */
export function createFakePage(): FakePage {
  const listeners = new Set<() => void>();
  const asked = new Set<() => void>();
  let isVisible = true;
  return {
    isVisible: () => isVisible,
    onVisibility: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    inNextFrame: (notify) => void asked.add(notify),
    setVisible(next) {
      isVisible = next;
      for (const listener of listeners) listener();
    },
    frame() {
      const due = [...asked];
      asked.clear();
      for (const notify of due) notify();
    },
  };
}
