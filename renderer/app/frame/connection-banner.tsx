import { Unplug } from 'lucide-react';
import type { ConnectionState } from '../../rpc/connection.ts';
import { useConnection, useConnectionState } from '../../rpc/host-context.tsx';
import { Button } from '../../ui/button.tsx';
import { toClockTime } from '../../ui/format.ts';
import { useNow } from '../use-now.ts';
import { toRefusalWords, toWaitWords } from './connection-model.ts';
import styles from './connection-banner.module.css';

/** Says how the page stands to its host whenever that is not well; changes are read out. */
export function ConnectionBanner() {
  const state = useConnectionState();
  return (
    <>
      <div className="visually-hidden" role="status">
        {spoken(state)}
      </div>
      {state.kind === 'lost' && state.attempt > 1 ? <Lost state={state} /> : null}
      {state.kind === 'refused' ? <Refused state={state} /> : null}
    </>
  );
}

function Lost({ state }: { readonly state: Extract<ConnectionState, { kind: 'lost' }> }) {
  const connection = useConnection();
  const nowMs = useNow(500);
  return (
    <div className={styles['banner']} data-tone="warn" role="region" aria-label="Connection">
      <Unplug aria-hidden="true" />
      <div className={styles['words']}>
        <strong>Flotilla does not answer since {toClockTime(state.sinceMs)}.</strong> What you see is from then. Runs go
        on without this window unless the program was ended: then start it again, open its new address and resume them.{' '}
        {toWaitWords(state.nextAtMs, nowMs)}
      </div>
      <Button size="small" onClick={() => connection.retry()}>
        Try now
      </Button>
    </div>
  );
}

function Refused({ state }: { readonly state: Extract<ConnectionState, { kind: 'refused' }> }) {
  const connection = useConnection();
  const { title, text, way } = toRefusalWords(state.error);
  return (
    <div className={styles['banner']} data-tone="bad" role="region" aria-label="Connection">
      <Unplug aria-hidden="true" />
      <div className={styles['words']}>
        <strong>{title}</strong> {text}
      </div>
      {way === 'reload' ? (
        <Button size="small" onClick={() => location.reload()}>
          Reload the window
        </Button>
      ) : null}
      <Button size="small" onClick={() => connection.retry()}>
        Try again
      </Button>
    </div>
  );
}

function spoken(state: ConnectionState): string {
  if (state.kind === 'lost') return 'The connection to Flotilla is lost; it is tried again.';
  if (state.kind === 'refused') return toRefusalWords(state.error).title;
  return state.kind === 'open' ? 'Connected.' : '';
}
