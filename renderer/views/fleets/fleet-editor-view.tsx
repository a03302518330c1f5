import { Page } from '../../ui/page.tsx';

/** One fleet file: its text, its form, its mistakes and what a launch would start; a new one without `path`. */
export function FleetEditorView({ path }: { readonly path?: string }) {
  return <Page title={path ?? 'New fleet'} />;
}
