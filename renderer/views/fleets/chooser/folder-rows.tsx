import { FileText, Folder as FolderIcon } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { type ChooserRow, moveRow, type TypeAhead, typeAhead } from './file-chooser-model.ts';
import styles from './file-chooser.module.css';

interface FolderRowsProps {
  readonly rows: readonly ChooserRow[];
  readonly onFolder: (path: string) => void;
  readonly onParent: (() => void) | undefined;
  /** A row was marked, not taken. */
  readonly onMark: (row: ChooserRow) => void;
  readonly onFile: (path: string) => void;
  /** Takes the focus when it appears, unless somebody is typing a name. */
  readonly hasFirstFocus: boolean;
}

/** The rows of a folder as one list box: arrows move, letters find, Enter takes, Backspace goes up. */
export function FolderRows({ rows, onFolder, onParent, onMark, onFile, hasFirstFocus }: FolderRowsProps) {
  const [current, setCurrent] = useState(0);
  const typed = useRef<TypeAhead>({ typed: '', atMs: 0 });
  const list = useRef<HTMLDivElement>(null);
  const isFirst = useRef(hasFirstFocus);
  useEffect(() => {
    if (isFirst.current) list.current?.focus();
  }, []);
  const mark = (index: number): void => {
    setCurrent(index);
    const row = rows[index];
    if (row) onMark(row);
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' });
  };
  const take = (row: ChooserRow | undefined): void => {
    if (row) (row.kind === 'folder' ? onFolder : onFile)(row.path);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moved = moveRow(event.key, current, rows.length);
    if (moved !== undefined) mark(moved);
    else if (event.key === 'Enter') take(rows[current]);
    else if (event.key === 'Backspace') onParent?.();
    else if (event.key.length === 1) {
      const found = typeAhead(rows, current, typed.current, { letter: event.key, atMs: event.timeStamp });
      typed.current = found.state;
      mark(found.index);
    } else return;
    event.preventDefault();
  };
  return (
    <div
      ref={list}
      role="listbox"
      aria-label="Folders and fleet files"
      tabIndex={0}
      className={styles['rows']}
      aria-activedescendant={`row-${current}`}
      onKeyDown={onKeyDown}
    >
      {rows.map((row, index) => (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the list box hears the keys
        <div
          key={row.path}
          id={`row-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === current}
          className={styles['row']}
          onClick={() => mark(index)}
          onDoubleClick={() => take(row)}
        >
          {row.kind === 'folder' ? <FolderIcon aria-label="Folder" /> : <FileText aria-label="File" />}
          {row.name === '..' ? 'One folder up' : row.name}
        </div>
      ))}
    </div>
  );
}
