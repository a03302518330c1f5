import type { SettingChange, SettingState } from '../../../../shared/contract/settings.ts';
import { Button } from '../../../ui/button.tsx';
import { toDateTime } from '../../../ui/format.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { findUndoable, toReadable } from './limits-model.ts';
import styles from './limits-section.module.css';
import type { Limits } from './use-limits.ts';

/** What was changed, newest first, by whom; the newest can be taken back. */
export function ChangesPanel({ limits }: { readonly limits: Limits }) {
  const { changes, settings, isBusy, undo } = limits;
  const units = new Map(
    settings.kind === 'ready' || settings.kind === 'stale' ? settings.value.map(({ key, unit }) => [key, unit]) : [],
  );
  const undoable = changes.kind === 'ready' ? findUndoable(changes.value) : undefined;
  return (
    <Panel
      title="Changes"
      className={styles['changes']}
      aside={
        <Button size="small" disabled={undoable === undefined} isBusy={isBusy} onClick={() => void undo()}>
          Undo last change
        </Button>
      }
    >
      <LoadedView of={changes} what="changes">
        {(value) =>
          value.length === 0 ? (
            <p className={styles['none']}>
              No limit has been changed here yet. Each change stands here and can be taken back.
            </p>
          ) : (
            <ol className={styles['changeList']}>
              {value.map((change) => (
                <Change key={change.version} change={change} unit={units.get(change.key) ?? 'count'} />
              ))}
            </ol>
          )
        }
      </LoadedView>
    </Panel>
  );
}

function Change({ change, unit }: { readonly change: SettingChange; readonly unit: SettingState['unit'] }) {
  return (
    <li>
      <div className="mono">{change.key}</div>
      <div>
        {toReadable(change.from, unit)} → <b>{toReadable(change.to, unit)}</b>
      </div>
      <div className={styles['facts']}>
        {toDateTime(change.atMs)} · by {change.by}
        {change.undoes === undefined ? '' : ` · takes back ${change.undoes}`} · version {change.version}
      </div>
    </li>
  );
}
