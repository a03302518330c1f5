import { useEffect, useRef } from 'react';
import styles from './charts.module.css';
import { type LinePoint, rangeOf, toCourse } from './sparkline-model.ts';
import { useSize } from './use-size.ts';
import { useThemeBeat } from './use-theme-beat.ts';

/** A colour of the palette for series. */
export type Series = 1 | 2 | 3 | 4 | 5;

interface SparklineProps {
  /** Oldest first; NaN where nothing was measured. */
  readonly values: readonly number[];
  readonly series: Series;
  /** What it shows, read out with the newest value and the range. */
  readonly label: string;
  readonly format: (value: number) => string;
}

/** Half of the line's width and a little, so that neither edge cuts it. */
const INSET_PX = 1.5;
const GROUND_ALPHA = 0.16;
/** Over seconds in which nothing was measured. */
const BRIDGE_ALPHA = 0.4;

/**
 * The course of one figure, without axes.
 *
 * Drawn by hand: six of uPlot would each bring a legend, cursors and a table of data for what is one path a second.
 */
export function Sparkline({ values, series, label, format }: SparklineProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(frame);
  const theme = useThemeBeat();
  useEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, { values, series, width, height });
    // The theme changes the colours that are painted with.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [values, series, width, height, theme]);
  return (
    <div ref={frame} className={styles['sparkline']}>
      <canvas ref={canvas} role="img" aria-label={describe(label, values, format)} />
    </div>
  );
}

function describe(label: string, values: readonly number[], format: (value: number) => string): string {
  const range = rangeOf(values);
  const last = values.findLast((value) => !Number.isNaN(value));
  if (!range || last === undefined) return `${label}: nothing measured yet`;
  return `${label}: last ${format(last)}, between ${format(range.min)} and ${format(range.max)}`;
}

interface Picture {
  readonly values: readonly number[];
  readonly series: Series;
  readonly width: number;
  readonly height: number;
}

function draw(canvas: HTMLCanvasElement, { values, series, width, height }: Picture): void {
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext('2d');
  if (!pen) return;
  pen.scale(ratio, ratio);
  pen.translate(0, INSET_PX);
  const room = height - 2 * INSET_PX;
  const colour = getComputedStyle(canvas).getPropertyValue(`--series-${series}`).trim();
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = 1.5;
  pen.lineJoin = 'round';
  pen.lineCap = 'round';
  const { measured, bridges } = toCourse(values, width, room);
  pen.globalAlpha = BRIDGE_ALPHA;
  for (const ends of bridges) pen.stroke(toPath(ends));
  pen.globalAlpha = 1;
  for (const line of measured) drawLine(pen, line, room + INSET_PX);
}

function drawLine(pen: CanvasRenderingContext2D, line: readonly LinePoint[], floor: number): void {
  const [first] = line;
  const last = line.at(-1);
  if (!first || !last) return;
  const path = toPath(line);
  const ground = new Path2D(path);
  ground.lineTo(last.x, floor);
  ground.lineTo(first.x, floor);
  pen.globalAlpha = GROUND_ALPHA;
  // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a path on a canvas, no array
  pen.fill(ground);
  pen.globalAlpha = 1;
  pen.stroke(path);
}

/** Through one point alone a stroke with round ends is a dot. */
function toPath(points: readonly LinePoint[]): Path2D {
  const path = new Path2D();
  for (const [at, { x, y }] of points.entries()) {
    if (at === 0) path.moveTo(x, y);
    path.lineTo(x, y);
  }
  return path;
}
