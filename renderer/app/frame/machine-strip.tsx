import type { Pulse } from '../../../shared/contract/app.ts';
import type { Loaded } from '../../rpc/loaded.ts';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { toBytes, toCount, toDuration, toPercent } from '../../ui/format.ts';
import { Popover } from '../../ui/overlays/popover.tsx';
import { countWaiting, toMemoryShare, toWaitingWords } from './pulse-model.ts';
import styles from './machine-strip.module.css';

const TONES: Readonly<Record<Pulse['health']['level'], Tone>> = { healthy: 'ok', busy: 'warn', trouble: 'bad' };

/** How the machine does, once a second; dimmed while what is shown is old. */
export function MachineStrip({ pulse }: { readonly pulse: Loaded<Pulse> }) {
  if (pulse.kind === 'loading') return <div className={styles['strip']} aria-hidden="true" />;
  if (pulse.kind === 'failed') {
    return (
      <div className={styles['strip']}>
        <button type="button" className={styles['part']} title={pulse.error.message} onClick={pulse.retry}>
          <Chip tone="warn">no figures: ask again</Chip>
        </button>
      </div>
    );
  }
  const isOld = pulse.kind === 'stale';
  const { value } = pulse;
  return (
    <div
      className={styles['strip']}
      data-stale={isOld}
      role="group"
      aria-label={isOld ? 'Machine, as it last was' : 'Machine'}
    >
      <Figure
        label="CPU"
        value={toPercent(value.cpuRatio)}
        title="Of all cores, used by this program, over the last second"
      />
      <MemoryFigure pulse={value} />
      <Figure
        label="Loop delay p99"
        value={toDuration(value.loopDelayP99Ms)}
        title="How late the program's main thread came to its work, over the last second"
      />
      <QueueFigure pulse={value} />
      <Health pulse={value} isOld={isOld} />
    </div>
  );
}

function Figure({ label, value, title }: { readonly label: string; readonly value: string; readonly title: string }) {
  return (
    <span className={styles['figure']} title={title}>
      {label} <b>{value}</b>
    </span>
  );
}

function MemoryFigure({ pulse }: { readonly pulse: Pulse }) {
  const { memory } = pulse;
  return (
    <Figure
      label="Memory"
      value={toMemoryShare(pulse)}
      title={`This program holds ${toBytes(memory.rssBytes)}; ${toBytes(memory.availableBytes)} of the machine's ${toBytes(memory.machineBytes)} are available`}
    />
  );
}

function QueueFigure({ pulse }: { readonly pulse: Pulse }) {
  const total = countWaiting(pulse);
  return (
    <Popover
      title={total === 0 ? 'Nothing waits' : `${toCount(total)} ${total === 1 ? 'waits' : 'wait'}`}
      trigger={
        <button
          type="button"
          className={styles['part']}
          aria-label={`Queue: ${toCount(total)} waiting. What waits and why`}
        >
          Queue <b>{toCount(total)}</b>
        </button>
      }
    >
      {total === 0 ? (
        <p className={styles['note']}>Every task that was submitted is running or done.</p>
      ) : (
        <ul className={styles['lanes']}>
          {toWaitingWords(pulse).map(({ lane, what, waiting, why }) => (
            <li key={lane}>
              <b>{toCount(waiting)}</b> {what} <span className="mono">{lane}</span>
              <div className={styles['note']}>{why}</div>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}

function Health({ pulse, isOld }: { readonly pulse: Pulse; readonly isOld: boolean }) {
  const { level, reason } = pulse.health;
  if (isOld) return <Chip tone="warn">not connected</Chip>;
  return (
    <Popover
      title={level === 'healthy' ? 'Healthy' : level === 'busy' ? 'Short of something' : 'Something is wrong'}
      trigger={
        <button type="button" className={styles['part']} aria-label={`Health: ${level}. Why`}>
          <Chip tone={TONES[level]}>{level}</Chip>
        </button>
      }
    >
      <p className={styles['note']}>{reason ?? 'Memory is at hand, the main thread keeps up, history is written.'}</p>
    </Popover>
  );
}
