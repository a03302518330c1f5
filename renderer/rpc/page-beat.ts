import { inNextFrame } from './frame-beat.ts';

/** What a stream must know of the page it is shown on. */
export interface PageBeat {
  isVisible(): boolean;
  /** Calls `listener` after each change of visibility; answers how to stop. */
  onVisibility(listener: () => void): () => void;
  /** Calls `notify` in the next frame, once however often it is asked for before. */
  inNextFrame(notify: () => void): void;
}

/** This page. */
export const pageBeat: PageBeat = {
  isVisible: () => document.visibilityState === 'visible',
  onVisibility: (listener) => {
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  },
  inNextFrame,
};
