import { lazy, Suspense } from 'react';
import { Loading } from '../../ui/notice.tsx';

/** The editor and what reads YAML are a file of their own: the first page does without them. */
const EditorPage = lazy(async () => ({ default: (await import('./editor/editor-page.tsx')).EditorPage }));

/** One fleet file: its text, its form, its mistakes and what a launch would start; a new one without `path`. */
export function FleetEditorView({ path }: { readonly path?: string }) {
  return (
    <Suspense fallback={<Loading what="the editor" />}>
      {/* Another file is another editor: nothing of one may reach the other. */}
      <EditorPage key={path ?? ''} path={path} />
    </Suspense>
  );
}
