import { useState } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../../app/path-to.ts';
import { Button } from '../../../ui/button.tsx';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Page } from '../../../ui/page.tsx';
import { splitPath } from '../chooser/file-chooser-model.ts';
import { FileChooser } from '../chooser/file-chooser.tsx';
import { EditorDesk } from './editor-desk.tsx';
import { isGone, useOpenedFile } from './use-editor-page.ts';

/** One fleet file in every state it can be in: on its way, gone, unreadable, or under edit. */
export function EditorPage({ path }: { readonly path: string | undefined }) {
  const opened = useOpenedFile(path);
  if (opened.kind === 'failed' && isGone(opened.error)) return <Gone path={path ?? ''} retry={opened.retry} />;
  return (
    <LoadedView of={opened} what="the fleet">
      {(file) => <EditorDesk opened={file} isNew={path === undefined} />}
    </LoadedView>
  );
}

function Gone({ path, retry }: { readonly path: string; readonly retry: () => void }) {
  const [, navigate] = useLocation();
  const [isChoosing, setChoosing] = useState(false);
  return (
    <Page title={splitPath(path).name}>
      <Notice
        role="alert"
        title="This fleet file is not there any more"
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
        It was moved, renamed or deleted: <span className="mono">{path}</span>
      </Notice>
      <FileChooser
        isOpen={isChoosing}
        onOpenChange={setChoosing}
        purpose="open"
        onChoose={(chosen) => navigate(pathTo.fleet(chosen))}
      />
    </Page>
  );
}
