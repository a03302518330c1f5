import { valueOf } from '../../../rpc/loaded.ts';
import { CommandButton } from '../../../ui/command-button.tsx';
import { toCount, toDateTime } from '../../../ui/format.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { type ChangeEntry, toChangeEntries, toChangeWords, type Units } from './changes-model.ts';
import { toReadable } from './limits-model.ts';
import styles from './side.module.css';
import type { Limits } from './use-limits.ts';

/** What was changed, newest first, by whom; each can be taken back. */
export function ChangesPanel({ limits }: { readonly limits: Limits }) {
  const { changes, known, isBusy, undo } = limits;
  const units: Units = new Map((valueOf(known)?.settings ?? []).map(({ key, unit }) => [key, unit]));
  return (
    <Panel title="Changes" className={styles['changes']}>
      <LoadedView of={changes} what="changes">
        {(value) =>
          value.length === 0 ? (
            <p className={styles['none']}>
              No limit has been changed here yet. Each change stands here and can be taken back.
            </p>
          ) : (
            <ol className={styles['list']}>
              {toChangeEntries(value).map((entry) => (
                <Entry key={entry.version} {...{ entry, units, isBusy }} onUndo={() => void undo(entry.version)} />
              ))}
            </ol>
          )
        }
      </LoadedView>
    </Panel>
  );
}

interface EntryProps {
  readonly entry: ChangeEntry;
  readonly units: Units;
  readonly isBusy: boolean;
  readonly onUndo: () => void;
}

function Entry({ entry, units, isBusy, onUndo }: EntryProps) {
  const { version, by, atMs, changes, undoes, canUndo, isUndone } = entry;
  const back = changes.map(({ key, from, to }) => toChangeWords({ key, from: to, to: from }, units)).join(', ');
  return (
    <li data-undone={isUndone}>
      {changes.map(({ key, from, to }) => (
        <div key={key} className={styles['change']}>
          <span className="mono">{key}</span>{' '}
          <span>
            {toReadable(from, units.get(key) ?? 'count')} → <b>{toReadable(to, units.get(key) ?? 'count')}</b>
          </span>
        </div>
      ))}
      <div className={styles['foot']}>
        <span>
          {toDateTime(atMs)} · by {by} · {toVersionWords(entry)}
          {undoes.length === 0 ? '' : `, takes back ${toCount(undoes[0]!)}`}
        </span>
        {canUndo ? (
          <CommandButton
            size="small"
            tone="quiet"
            isBusy={isBusy}
            title={back}
            aria-label={`Undo change ${version}: ${back}`}
            onClick={onUndo}
          >
            Undo
          </CommandButton>
        ) : null}
        {isUndone ? <span>taken back</span> : null}
      </div>
    </li>
  );
}

function toVersionWords({ version, changes }: ChangeEntry): string {
  return changes.length === 1 ? `version ${version}` : `versions ${version} to ${version + changes.length - 1}`;
}
