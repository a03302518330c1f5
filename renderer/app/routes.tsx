import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { fromAddress } from './from-address.ts';
import { FleetEditorView } from '../views/fleets/fleet-editor-view.tsx';
import { FleetsView } from '../views/fleets/fleets-view.tsx';
import { RunsView } from '../views/runs/runs-view.tsx';

// A page that is not the first is loaded when it is gone to: the first one stands sooner.
const RunView = lazy(async () => ({ default: (await import('../views/runs/run-view.tsx')).RunView }));
const SearchView = lazy(async () => ({ default: (await import('../views/search/search-view.tsx')).SearchView }));
const SettingsView = lazy(async () => ({
  default: (await import('../views/settings/settings-view.tsx')).SettingsView,
}));

/** Which page an address shows. */
export function Routes() {
  return (
    <Suspense fallback={null}>
      <Switch>
        <Route path="/fleets" component={FleetsView} />
        <Route path="/fleets/new">
          <FleetEditorView />
        </Route>
        <Route path="/fleets/edit/:path">{({ path }) => <FleetEditorView path={fromAddress(path)} />}</Route>
        <Route path="/runs" component={RunsView} />
        <Route path="/runs/:runId">{({ runId }) => <RunView runId={runId} />}</Route>
        <Route path="/runs/:runId/agents/:agent">
          {({ runId, agent }) => <RunView runId={runId} agent={Number(agent)} />}
        </Route>
        <Route path="/search/:text?">{({ text }) => <SearchView text={text && fromAddress(text)} />}</Route>
        <Route path="/settings/:section?">{({ section }) => <SettingsView section={section} />}</Route>
        <Route>
          <Redirect to="/fleets" replace />
        </Route>
      </Switch>
    </Suspense>
  );
}
