import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../../app/path-to.ts';
import { Button } from '../../../ui/button.tsx';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Page } from '../../../ui/page.tsx';
import { FileChooser } from '../chooser/file-chooser.tsx';
import { splitPath } from '../chooser/file-chooser-model.ts';
import { useOpening } from '../use-opening.ts';
import { EditorDesk } from './editor-desk.tsx';
import { isGone, useOpenedFile } from './use-editor-page.ts';

interface EditorPageProps {
  /** Of the file it is opened from; a new one without. */
  readonly path: string | undefined;
  /** Hears of another name the document was saved under; the address follows. */
  readonly onMoved: (path: string) => void;
}

/** One fleet file in every state it can be in: on its way, gone, unreadable, or under edit. */
export function EditorPage({ path, onMoved }: EditorPageProps) {
  const opened = useOpenedFile(path);
  if (opened.kind === 'failed') {
    const { error, retry } = opened;
    const title = isGone(error) ? 'This fleet file is not there' : 'This fleet file could not be read';
    return (
      <Unreadable path={path ?? ''} title={title} retry={retry}>
        {isGone(error) ? 'It was moved, renamed, deleted, or never saved:' : error.message}{' '}
        <span className="mono">{path}</span>
      </Unreadable>
    );
  }
  return (
    <LoadedView of={opened} what="the fleet">
      {(file) => <EditorDesk opened={file} onMoved={onMoved} />}
    </LoadedView>
  );
}

interface UnreadableProps {
  readonly path: string;
  readonly title: string;
  readonly retry: () => void;
  readonly children: ReactNode;
}

/** Why there is nothing to edit, and the ways on. */
function Unreadable({ path, title, retry, children }: UnreadableProps) {
  const [, navigate] = useLocation();
  const open = useOpening();
  const [isChoosing, setChoosing] = useState(false);
  return (
    <Page title={path === '' ? 'New fleet' : splitPath(path).name}>
      <Notice
        role="alert"
        title={title}
        actions={
          <>
            <Button onClick={() => navigate(pathTo.fleets)}>All fleets</Button>
            <Button onClick={() => setChoosing(true)}>Open another file…</Button>
            <Button tone="primary" onClick={retry}>
              Look again
            </Button>
          </>
        }
      >
        {children}
      </Notice>
      <FileChooser isOpen={isChoosing} onOpenChange={setChoosing} purpose="open" onChoose={open} />
    </Page>
  );
}
