import type { PointerEvent } from 'react';
import styles from './run-page.module.css';

const MIN_PX = 300;
const MAX_PX = 900;
const STEP_PX = 24;

/** Resizes the panel right of it, by pointer or arrow keys. */
export function Splitter({
  widthPx,
  onResize,
}: {
  readonly widthPx: number;
  readonly onResize: (widthPx: number) => void;
}) {
  const resize = (px: number): void => onResize(Math.min(MAX_PX, Math.max(MIN_PX, px)));
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    const right = event.currentTarget.parentElement?.getBoundingClientRect().right ?? 0;
    if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(right - event.clientX);
  };
  return (
    <div
      className={styles['splitter']}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the agent"
      aria-valuenow={Math.round(widthPx)}
      aria-valuemin={MIN_PX}
      aria-valuemax={MAX_PX}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={({ key }) => {
        if (key === 'ArrowLeft') resize(widthPx + STEP_PX);
        if (key === 'ArrowRight') resize(widthPx - STEP_PX);
      }}
    />
  );
}
