import { basename } from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** The parts of a run's page by role and name: how a person, or a reader of the screen, finds them. */
export interface RunOnScreen {
  /** Stands at the run's name. */
  readonly heading: Locator;
  readonly progress: Locator;
  readonly grid: Locator;
  row(agent: string): Locator;
  /** The open agent. */
  agent(name: string): Locator;
  /** From the address. */
  runId(): string;
}

/** The run's page as it stands in `page`, now or later. */
export function runOnScreen(page: Page): RunOnScreen {
  const grid = page.getByRole('grid', { name: 'Agents of the run' });
  return {
    heading: page.getByRole('heading', { level: 1 }),
    progress: page.getByRole('region', { name: 'Progress' }),
    grid,
    row: (agent) => grid.getByRole('row').filter({ has: page.getByRole('gridcell', { name: agent, exact: true }) }),
    agent: (name) => page.getByRole('region', { name: `Agent ${name}`, exact: true }),
    runId() {
      const found = /#\/runs\/(\w{26})/.exec(page.url())?.[1];
      if (found === undefined) throw new Error(`${page.url()} is no run.`);
      return found;
    },
  };
}

/** Waits until the run on the page has come to `state`. */
export async function reachState(page: Page, state: string): Promise<void> {
  await runOnScreen(page).heading.getByText(state, { exact: true }).waitFor();
}

/** Opens the editor of a fleet file and launches it; stands when the run's page does. */
export async function launchFleet(page: Page, path: string): Promise<RunOnScreen> {
  await page.goto(new URL(`#/fleets/edit/${encodeURIComponent(path)}`, page.url()).href);
  // Until the editor has come, the page before stays, with buttons to launch of its own.
  await page.getByRole('heading', { level: 1, name: basename(path) }).waitFor();
  await page.getByRole('button', { name: /^Launch/ }).click();
  const run = runOnScreen(page);
  await run.grid.waitFor();
  return run;
}
