import { Redirect, Route, Switch } from 'wouter';
import { fromAddress } from './from-address.ts';
import { FleetEditorView } from '../views/fleets/fleet-editor-view.tsx';
import { FleetsView } from '../views/fleets/fleets-view.tsx';
import { RunView } from '../views/runs/run-view.tsx';
import { RunsView } from '../views/runs/runs-view.tsx';
import { SearchView } from '../views/search/search-view.tsx';
import { SettingsView } from '../views/settings/settings-view.tsx';

/** Which page an address shows. */
export function Routes() {
  return (
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
  );
}
