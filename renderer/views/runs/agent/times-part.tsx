import { ChevronRight } from 'lucide-react';
import { memo, useState } from 'react';
import { ShareBar } from '../../../charts/share-bar.tsx';
import { toClockTime, toDuration } from '../../../ui/format.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import styles from './agent-panel.module.css';
import { type TimePart, toTimeParts } from './times-model.ts';
import { useAgentTimes } from './use-agent.ts';

/** Height of a window in which durations take nothing from the log that it needs, in CSS pixels. */
const ROOMY_PX = 960;

interface TimesPartProps {
  readonly runId: string;
  readonly agent: number;
  readonly isLive: boolean;
}

/** Where the time of one agent went: shares of its life, and what they are made of. */
export const TimesPart = memo(function TimesPart(props: TimesPartProps) {
  const [hasRoom] = useState(() => window.innerHeight >= ROOMY_PX);
  const times = useAgentTimes(props.runId, props.agent, props.isLive);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region is scrolled with the keyboard
    <section className={styles['times']} aria-label="Where its time went" tabIndex={0}>
      <h2>
        Where its time went
        {times.kind === 'stale' ? <span className={styles['quiet']}> as of {toClockTime(times.sinceMs)}</span> : null}
      </h2>
      <LoadedView of={times} what="its times">
        {(value) => {
          const parts = toTimeParts(value);
          if (parts.length === 0) return <div className={styles['quiet']}>It has not begun.</div>;
          const words = parts.map(({ name, percent }) => `${name} ${percent}%`).join(', ');
          return (
            <>
              <ShareBar shares={parts} label={words} />
              <details className={styles['shares']} open={hasRoom}>
                <summary title="How long, and with what">
                  <ChevronRight aria-hidden="true" />
                  {parts.map(({ name, tone, percent }) => (
                    <span key={name}>
                      <i data-tone={tone} /> {name} {percent}%
                    </span>
                  ))}
                </summary>
                <Durations of={parts} />
              </details>
            </>
          );
        }}
      </LoadedView>
    </section>
  );
});

function Durations({ of }: { readonly of: readonly TimePart[] }) {
  return (
    <dl className={styles['durations']}>
      {of.map(({ name, ms, details }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{toDuration(ms)}</dd>
          {details.map((detail) => (
            <dd key={detail.name} className={styles['detail']}>
              <span title={detail.name}>{detail.name}</span> <span>{toDuration(detail.ms)}</span>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
