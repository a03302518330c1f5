import { useState } from 'react';
import { flushSync } from 'react-dom';

/** A document under edit: it is the same one when it was saved under another name. */
interface Document {
  readonly id: number;
  /** The file it was opened from; absent for a new one. */
  readonly openedAs: string | undefined;
  /** Where its address leads now. */
  readonly path: string | undefined;
  /** Where its address will lead next. */
  readonly next: string | undefined;
}

/** Tells documents apart as the address changes; `moveTo` announces that the next address is one more name of this one. */
export function useDocument(path: string | undefined) {
  const [document, setDocument] = useState<Document>({ id: 0, openedAs: path, path, next: undefined });
  const { id, next } = document;
  if (path !== document.path) {
    const isMoved = path !== undefined && path === next;
    setDocument(
      isMoved ? { ...document, path, next: undefined } : { id: id + 1, openedAs: path, path, next: undefined },
    );
  }
  return {
    id,
    openedAs: document.openedAs,
    moveTo: (to: string): void => {
      // A change of the address is shown at once, before states that still wait.
      flushSync(() => setDocument((now) => ({ ...now, next: to })));
    },
  };
}
