import { useState, useSyncExternalStore } from 'react';

/** Narrower breaks the lines of a log too often, wider leaves too little of the table. */
const MIN_PX = 380;
const MAX_PX = 680;
/** Of the window: what an open agent has of it, as the table beside it still shows what each agent does. */
const SHARE_RATIO = 0.34;

/** The width of the open agent in CSS pixels: a share of the window until a person says how wide it is to be. */
export function usePanelWidth(): readonly [widthPx: number, setWidthPx: (widthPx: number) => void] {
  const [chosenPx, setChosenPx] = useState<number>();
  const windowPx = useSyncExternalStore(onResize, () => window.innerWidth);
  return [chosenPx ?? toPanelPx(windowPx), setChosenPx];
}

/** The width in a window of `windowPx`. */
export function toPanelPx(windowPx: number): number {
  return Math.min(MAX_PX, Math.max(MIN_PX, Math.round(windowPx * SHARE_RATIO)));
}

function onResize(listener: () => void): () => void {
  window.addEventListener('resize', listener);
  return () => window.removeEventListener('resize', listener);
}
