import { EditorPage } from './editor/editor-page.tsx';
import { FleetOfRun } from './editor/fleet-of-run.tsx';
import { useDocument } from './editor/use-document.ts';

interface FleetEditorViewProps {
  readonly path?: string | undefined;
  /** Instead of a path: the run whose fleet is meant. */
  readonly runId?: string | undefined;
}

/** One fleet file: its text, its form, its mistakes and what a launch would start; a new one without `path` and `runId`. */
export function FleetEditorView({ path, runId }: FleetEditorViewProps) {
  const { id, openedAs, openedOf, moveTo } = useDocument(path, runId);
  // Another document is another editor: nothing of one may reach the other.
  if (openedOf !== undefined) return <FleetOfRun key={id} runId={openedOf} onMoved={moveTo} />;
  return <EditorPage key={id} path={openedAs} onMoved={moveTo} />;
}
