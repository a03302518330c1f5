import { Page } from '../../ui/page.tsx';

/** One run, live or from history, with one of its agents where the address names one. */
export function RunView({ runId, agent }: { readonly runId: string; readonly agent?: number }) {
  return <Page title={runId} subtitle={agent} />;
}
