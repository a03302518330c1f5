import type { Pulse } from '../../../shared/contract/app.ts';
import { valueOf, type Loaded } from '../../rpc/loaded.ts';
import { toBytes, toCount, toCounted, toDuration } from '../../ui/format.ts';
import type { About } from '../use-about.ts';
import styles from './foot.module.css';

/** What runs, what is recorded, and where the window runs. */
export function Foot({ pulse, about }: { readonly pulse: Loaded<Pulse>; readonly about: Loaded<About> }) {
  const now = valueOf(pulse);
  const is = valueOf(about);
  return (
    <footer className={styles['foot']}>
      <span className={styles['runtime']}>
        <i data-on={pulse.kind === 'ready'} aria-hidden="true" />
        {pulse.kind === 'stale' ? 'runtime out of reach' : now ? runtimeWords(now) : 'runtime …'}
      </span>
      {now ? <HistoryWords history={now.history} /> : null}
      <span className={styles['host']}>{is ? hostWords(is) : null}</span>
    </footer>
  );
}

function HistoryWords({ history }: { readonly history: Pulse['history'] }) {
  if (history.trouble !== undefined) return <span className={styles['trouble']}>history: {history.trouble}</span>;
  const late =
    history.lagMs >= 1_000 ? `, ${toCount(history.pending)} not yet on disk for ${toDuration(history.lagMs)}` : '';
  return (
    <span>
      history: {toBytes(history.bytes)}
      {late}
    </span>
  );
}

function runtimeWords({ cpuWorkers, ioSlots, processes }: Pulse): string {
  const workers = toCounted(cpuWorkers, 'cpu worker');
  return `runtime: ${workers} · ${toCounted(ioSlots, 'io slot')} · ${toCounted(processes, 'process', 'processes')}`;
}

function hostWords({ keepsKeys, host, version }: About): string {
  const keys = keepsKeys ? 'keys: kept by the operating system' : 'keys: from the environment';
  return `${host === 'desktop' ? 'desktop' : 'in the browser'} · ${keys} · ${version}`;
}
