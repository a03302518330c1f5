import { EditorPage } from './editor/editor-page.tsx';

/** One fleet file: its text, its form, its mistakes and what a launch would start; a new one without `path`. */
export function FleetEditorView({ path }: { readonly path?: string }) {
  // Another file is another editor: nothing of one may reach the other.
  return <EditorPage key={path ?? ''} path={path} />;
}
