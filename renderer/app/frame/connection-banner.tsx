import { Unplug } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { type Farewell, toRunWords } from '../../../shared/contract/farewell.ts';
import type { ConnectionState } from '../../rpc/connection.ts';
import { useConnection, useConnectionState } from '../../rpc/host-context.tsx';
import { Button } from '../../ui/button.tsx';
import { toClockTime } from '../../ui/format.ts';
import { useToasts } from '../../ui/toasts/use-toasts.ts';
import { useNow } from '../use-now.ts';
import { toLostWords, toRefusalWords, toWaitWords } from './connection-model.ts';
import styles from './connection-banner.module.css';

/** Says how the page stands to its host whenever that is not well; changes are read out. */
export function ConnectionBanner() {
  const state = useConnectionState();
  useChangeNotice(state);
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
  const { title, text } = toLostWords(toClockTime(state.sinceMs), state.farewell);
  return (
    <div className={styles['banner']} data-tone="warn" role="region" aria-label="Connection">
      <Unplug aria-hidden="true" />
      <div className={styles['words']}>
        <strong>{title}</strong> {text} {toWaitWords(state.nextAtMs, nowMs)}
      </div>
      <Button size="small" onClick={() => connection.retry()}>
        Try now
      </Button>
    </div>
  );
}

function Refused({ state }: { readonly state: Extract<ConnectionState, { kind: 'refused' }> }) {
  const connection = useConnection();
  const { title, text, way } = toRefusalWords(state.error, state.farewell);
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

/** Says that runs were stopped when the program was ended and another goes on in its place before anybody saw a banner. */
function useChangeNotice(state: ConnectionState): void {
  const { show } = useToasts();
  const last = useRef<Farewell>(undefined);
  useEffect(() => {
    if (state.kind === 'lost') last.current = state.farewell;
    if (state.kind !== 'open' || last.current === undefined) return;
    const said = last.current;
    last.current = undefined;
    if (said.stoppedRuns === 0) return;
    show({
      tone: 'warn',
      title: 'Another program goes on here',
      text: `The one before was ended; ${toRunWords(said)}.`,
    });
  }, [state, show]);
}

function spoken(state: ConnectionState): string {
  if (state.kind === 'lost') {
    return state.farewell
      ? toLostWords(toClockTime(state.sinceMs), state.farewell).title
      : 'The connection to Flotilla is lost; it is tried again.';
  }
  if (state.kind === 'refused') return toRefusalWords(state.error).title;
  return state.kind === 'open' ? 'Connected.' : '';
}
