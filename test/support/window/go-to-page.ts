import type { Page } from 'playwright-core';

/** Pages of the window, by what their links are called. */
export type PageName = 'Fleets' | 'Runs' | 'Search' | 'Settings';

/**
 * Goes to a page by its link and waits until it is there: until then the one before stays, with links of its own, and one
 * of them may be called like one of the next.
 */
export async function goToPage(page: Page, name: PageName): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
  // Without a fleet yet, that page welcomes.
  const title = name === 'Fleets' ? /^(Fleets|Welcome to Flotilla)$/ : new RegExp(`^${name}$`);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}
