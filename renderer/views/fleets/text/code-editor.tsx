import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import styles from './code-editor.module.css';
import { openTextEditor, type TextEditor } from './text-editor.ts';

interface CodeEditorProps {
  /** What it begins with; later changes go through `editor`. */
  readonly text: string;
  /** Holds the editor while it is on the page. */
  readonly editor: RefObject<TextEditor | null>;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
  readonly onLaunch: () => void;
}

const LABEL = 'Fleet file. Tab indents; press Escape, then Tab, to leave the editor.';

/** The text of a fleet file under edit. */
export function CodeEditor(props: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const newest = useRef(props);
  useLayoutEffect(() => {
    newest.current = props;
  });
  useEffect(() => {
    const host = place.current;
    if (!host) return undefined;
    const { editor, text } = newest.current;
    // React puts off what comes out of a shadow tree: a key right behind a letter would save the text without it.
    const take = (now: string): void => flushSync(() => newest.current.onChange(now));
    const opened = openTextEditor({
      root: host.shadowRoot ?? host.attachShadow({ mode: 'open' }),
      text,
      label: LABEL,
      onChange: (next) => newest.current.onChange(next),
      onSave: (now) => {
        take(now);
        newest.current.onSave();
      },
      onLaunch: (now) => {
        take(now);
        newest.current.onLaunch();
      },
    });
    editor.current = opened;
    // What is typed here is text: the window's own keys, as `?`, must not hear it. From outside it is not seen to be a field.
    const keepLetters = (event: KeyboardEvent): void => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    };
    host.addEventListener('keydown', keepLetters);
    return () => {
      host.removeEventListener('keydown', keepLetters);
      editor.current = null;
      opened[Symbol.dispose]();
    };
  }, []);
  return <div ref={place} className={styles['place']} />;
}
