import { useLocation } from 'wouter';
import { pathTo } from '../../app/path-to.ts';
import { Button } from '../../ui/button.tsx';
import { LoadedView, Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { RunPage } from './page/run-page.tsx';
import { useRun } from './page/use-run.ts';

interface RunViewProps {
  readonly runId: string;
  readonly agent?: number | undefined;
  /** Of the agent's log, named as `toEntryName` does. */
  readonly entry?: string | undefined;
}

/** One run, live or from history, with one of its agents, and an entry of its log, where the address names them. */
export function RunView(props: RunViewProps) {
  return <KnownRun key={props.runId} {...props} />;
}

function KnownRun({ runId, agent, entry }: RunViewProps) {
  const [, navigate] = useLocation();
  const watched = useRun(runId);
  const { view } = watched;
  if (view.kind === 'failed' && (view.error.code === 'RUN_NOT_FOUND' || view.error.code === 'INPUT_INVALID')) {
    const all = <Button onClick={() => navigate(pathTo.runs)}>Show all runs</Button>;
    return (
      <Page title="Run">
        <Notice title="There is no such run" actions={all}>
          It may have been cleaned up, or belong to another data directory.
        </Notice>
      </Page>
    );
  }
  if (view.kind === 'loading' || view.kind === 'failed') {
    return (
      <Page title="Run">
        <LoadedView of={view} what="the run">
          {() => null}
        </LoadedView>
      </Page>
    );
  }
  return <RunPage {...watched} value={view.value} {...{ agent, entry }} />;
}
