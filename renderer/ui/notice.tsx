import type { ReactNode } from 'react';
import type { AppError } from '../../shared/errors/app-error.ts';
import type { Loaded } from '../rpc/loaded.ts';
import { Button } from './button.tsx';
import { useIsAway } from './use-away.ts';
import styles from './notice.module.css';

/** Why something that was never heard of is not there while the host is away; a moving bar would promise that it comes. */
export const NOT_LOADED = 'Flotilla does not answer. It is loaded by itself as soon as Flotilla answers again.';

interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** The ways on. */
  readonly actions?: ReactNode;
  readonly role?: 'status' | 'alert';
}

/** Stands where something would stand: why it does not, and the way on. */
export function Notice({ title, children, actions, role }: NoticeProps) {
  return (
    <div className={styles['notice']} role={role}>
      <div className={styles['title']}>{title}</div>
      {children === undefined ? null : <div className={styles['text']}>{children}</div>}
      {actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
    </div>
  );
}

/** Something is on its way; or would be, were the host there. */
function Loading({ what }: { what: string }) {
  if (useIsAway()) {
    return (
      <Notice role="status" title={`${toTitle(what)} could not be loaded yet`}>
        {NOT_LOADED}
      </Notice>
    );
  }
  return (
    <div className={styles['notice']} role="status">
      <div className={styles['bar']} />
      <div>Loading {what} …</div>
    </div>
  );
}

/** Something could not be had: why, and how to try again. */
function Failed({ what, error, retry }: { what: string; error: AppError; retry?: () => void }) {
  return (
    <Notice
      role="alert"
      title={`${what} could not be loaded`}
      actions={retry ? <Button onClick={retry}>Try again</Button> : undefined}
    >
      {error.message} <span className="mono">{error.code}</span>
    </Notice>
  );
}

function toTitle(what: string): string {
  return what.charAt(0).toUpperCase() + what.slice(1);
}

interface LoadedViewProps<Value> {
  readonly of: Loaded<Value>;
  /** In the middle of a sentence, plural or with its article: `runs`, `the log`. */
  readonly what: string;
  readonly children: (value: Value, isStale: boolean) => ReactNode;
}

/** Shows every state of something that was asked for; `children` only where there is a value. */
export function LoadedView<Value>({ of, what, children }: LoadedViewProps<Value>) {
  if (of.kind === 'loading') return <Loading what={what} />;
  if (of.kind === 'failed') {
    return <Failed what={toTitle(what)} error={of.error} retry={of.retry} />;
  }
  return children(of.value, of.kind === 'stale');
}
