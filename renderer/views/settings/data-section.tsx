import { useAbout } from '../../app/use-about.ts';
import { Button } from '../../ui/button.tsx';
import { CommandButton } from '../../ui/command-button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { toBytes, toPercent } from '../../ui/format.ts';
import { LoadedView } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Table } from '../../ui/table.tsx';
import styles from './settings-view.module.css';
import { type HistorySize, type TableSize, useHistorySize, useTableSizes } from './use-data.ts';

/** Where the program keeps what it records, and how much of it there is. */
export function DataSection() {
  const about = useAbout();
  const size = useHistorySize();
  return (
    <div className={styles['stack']}>
      <Panel title="Places">
        <LoadedView of={about} what="the program's places">
          {({ dataDir, historyPath, logPath, hasLog }) => (
            <dl className={styles['places']}>
              <Place name="Data directory" path={dataDir} />
              <Place name="History" path={historyPath} />
              {hasLog ? <Place name="Log" path={logPath} /> : <NoLog />}
            </dl>
          )}
        </LoadedView>
      </Panel>
      <LoadedView of={size} what="the size of history">
        {(value) => <SizePanel size={value} />}
      </LoadedView>
    </div>
  );
}

function Place({ name, path }: { readonly name: string; readonly path: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="mono">{path}</span>
        <CopyButton text={path} what={`the path: ${name}`} />
      </dd>
    </div>
  );
}

function NoLog() {
  return (
    <div>
      <dt>Log</dt>
      <dd>None yet: it begins when something goes wrong.</dd>
    </div>
  );
}

function SizePanel({ size }: { readonly size: HistorySize }) {
  const tables = useTableSizes();
  const isMeasuring = tables.sizes?.kind === 'loading';
  return (
    <Panel isFlush label="Size of history">
      <div className={styles['panelHead']}>
        <h2>Size of history</h2>
        <span className={styles['total']}>{toSizeWords(size)}</span>
        {size.bytes === 0 ? null : isMeasuring ? (
          <Button size="small" onClick={tables.cancel}>
            Cancel
          </Button>
        ) : (
          <CommandButton size="small" onClick={tables.measure}>
            {tables.sizes ? 'Measure again' : 'By table'}
          </CommandButton>
        )}
      </div>
      {size.bytes === 0 ? (
        <p className={styles['empty']}>Nothing is recorded yet. The first run makes the first rows.</p>
      ) : null}
      {isMeasuring ? (
        <p className={styles['empty']} role="status">
          Reading the whole history to tell its tables apart: about 10 s for each GB. Everything else goes on meanwhile.
        </p>
      ) : tables.sizes ? (
        <LoadedView of={tables.sizes} what="the sizes by table">
          {(value) => <TableOfSizes sizes={value} />}
        </LoadedView>
      ) : null}
    </Panel>
  );
}

function toSizeWords({ bytes, freeBytes, walBytes }: HistorySize): string {
  const parts = [
    freeBytes > 0 ? `${toBytes(freeBytes)} free for the next rows` : undefined,
    walBytes > 0 ? `${toBytes(walBytes)} write-ahead log` : undefined,
  ].filter((part) => part !== undefined);
  return `${toBytes(bytes)} on disk${parts.length === 0 ? '' : `, of it ${parts.join(' and ')}`}`;
}

function TableOfSizes({ sizes }: { readonly sizes: readonly TableSize[] }) {
  const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <Table label="Size of history by table">
      <thead>
        <tr>
          <th>Table</th>
          <th data-align="right">Size</th>
          <th data-align="right">Share</th>
          <th aria-hidden="true" className={styles['barCell']} />
        </tr>
      </thead>
      <tbody>
        {sizes
          .toSorted((a, b) => b.bytes - a.bytes)
          .map(({ table, bytes }) => (
            <tr key={table}>
              <td className={OTHERS[table] === undefined ? 'mono' : undefined}>{OTHERS[table] ?? table}</td>
              <td data-align="right">{toBytes(bytes)}</td>
              <td data-align="right">{toPercent(all === 0 ? 0 : bytes / all)}</td>
              <td aria-hidden="true">
                <div className={styles['bar']}>
                  <i style={{ width: `${(100 * bytes) / Math.max(1, all)}%` }} />
                </div>
              </td>
            </tr>
          ))}
      </tbody>
    </Table>
  );
}

/** What the two rows are that hold no table. */
const OTHERS: Readonly<Record<string, string>> = {
  free: 'free, filled by the next rows',
  wal: 'write-ahead log, merged as it grows',
};
