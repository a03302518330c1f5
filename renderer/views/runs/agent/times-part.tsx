import { memo } from 'react';
import { ShareBar } from '../../../charts/share-bar.tsx';
import { toClockTime, toDuration } from '../../../ui/format.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import styles from './agent-panel.module.css';
import { toTimeParts } from './times-model.ts';
import { useAgentTimes } from './use-agent.ts';

interface TimesPartProps {
  readonly runId: string;
  readonly agent: number;
  readonly isLive: boolean;
}

/** Where the time of one agent went: shares of its life, and what they are made of. */
export const TimesPart = memo(function TimesPart(props: TimesPartProps) {
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
              <dl className={styles['legend']}>
                {parts.map(({ name, tone, ms, percent, details }) => (
                  <div key={name}>
                    <dt>
                      <i data-tone={tone} />
                      {name}
                    </dt>
                    <dd>
                      {percent}% · {toDuration(ms)}
                    </dd>
                    {details.map((detail) => (
                      <dd key={detail.name} className={styles['detail']}>
                        <span title={detail.name}>{detail.name}</span> <span>{toDuration(detail.ms)}</span>
                      </dd>
                    ))}
                  </div>
                ))}
              </dl>
            </>
          );
        }}
      </LoadedView>
    </section>
  );
});
