import { memo } from 'react';
import { Sparkline } from '../../../charts/sparkline.tsx';
import { toCount } from '../../../ui/format.ts';
import { type AgentsStream, useQueuedCount } from '../agents/use-agents.ts';
import { type Figure, toFigures } from './figures-model.ts';
import styles from './run-page.module.css';
import { useFigures } from './use-run.ts';

interface FiguresRowProps {
  readonly runId: string;
  readonly session: number;
  readonly isLive: boolean;
  readonly p99Ms: number | undefined;
  readonly agents: AgentsStream;
}

/** Six figures of the run with their course. */
export const FiguresRow = memo(function FiguresRow({ runId, session, isLive, p99Ms, agents }: FiguresRowProps) {
  const frames = useFigures(runId, session);
  if (frames.kind === 'failed') {
    return (
      <div className={styles['quiet']} role="alert">
        The figures could not be loaded: {frames.error.message}{' '}
        <button type="button" className={styles['link']} onClick={frames.retry}>
          Try again
        </button>
      </div>
    );
  }
  const rows = frames.kind === 'loading' ? [] : frames.value.rows;
  return (
    <div className={styles['figures']} data-stale={frames.kind === 'stale'}>
      {toFigures(rows, isLive, p99Ms).map((figure) => (
        <FigureCard key={figure.label} figure={figure} live={isLive ? agents : undefined} />
      ))}
    </div>
  );
});

interface FigureCardProps {
  readonly figure: Figure;
  /** Of a live run. */
  readonly live: AgentsStream | undefined;
}

function FigureCard({ figure, live }: FigureCardProps) {
  const { label, of, value, unit, values, series, isQueue } = figure;
  return (
    <section className={styles['figure']} aria-label={label}>
      <div className={styles['figureLabel']}>
        {label} {of === undefined ? null : <span>{of}</span>}
      </div>
      <div className={styles['figureValue']}>
        {isQueue && live ? <QueuedCount agents={live} measured={value} /> : toNumber(value)}{' '}
        {unit === '' || Number.isNaN(value) ? null : <small>{unit}</small>}
      </div>
      <Sparkline values={values} series={series} label={label} format={(one) => `${toNumber(one)} ${unit}`.trim()} />
    </section>
  );
}

/** The number that stands over the table too, so that one screen says one thing. */
function QueuedCount({ agents, measured }: { readonly agents: AgentsStream; readonly measured: number }) {
  return toNumber(useQueuedCount(agents) ?? measured);
}

function toNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value > 0 && value < 10 && !Number.isInteger(value) ? value.toFixed(1) : toCount(value);
}
