import { EditorPage } from './editor/editor-page.tsx';
import { useDocument } from './editor/use-document.ts';

/** One fleet file: its text, its form, its mistakes and what a launch would start; a new one without `path`. */
export function FleetEditorView({ path }: { readonly path?: string | undefined }) {
  const { id, openedAs, moveTo } = useDocument(path);
  // Another document is another editor: nothing of one may reach the other.
  return <EditorPage key={id} path={openedAs} onMoved={moveTo} />;
}
