import { useState } from 'react';
import { flushSync } from 'react-dom';

/** A document under edit: it is the same one when it was saved under another name. */
interface Document {
  readonly id: number;
  /** The file it was opened from; absent for a new one. */
  readonly openedAs: string | undefined;
  /** The run whose fleet it is; absent for a file and a new one. */
  readonly openedOf: string | undefined;
  /** Where its address leads now. */
  readonly path: string | undefined;
  readonly runId: string | undefined;
  /** Where its address will lead next. */
  readonly next: string | undefined;
}

/** Tells documents apart as the address changes; `moveTo` announces that the next address is one more name of this one. */
export function useDocument(path: string | undefined, runId: string | undefined) {
  const [document, setDocument] = useState<Document>(() => open(0, path, runId));
  const { id, next } = document;
  if (path !== document.path || runId !== document.runId) {
    const isMoved = path !== undefined && path === next;
    setDocument(isMoved ? { ...document, path, runId, next: undefined } : open(id + 1, path, runId));
  }
  return {
    id,
    openedAs: document.openedAs,
    openedOf: document.openedOf,
    moveTo: (to: string): void => {
      // A change of the address is shown at once, before states that still wait.
      flushSync(() => setDocument((now) => ({ ...now, next: to })));
    },
  };
}

function open(id: number, path: string | undefined, runId: string | undefined): Document {
  return { id, openedAs: path, openedOf: runId, path, runId, next: undefined };
}
