import { type Action, type ActionGroup, groupActions, scoreAction } from '../../ui/actions/action.ts';

/** More than these are not shown for one text: the rest is found by typing on. */
const MAX_SHOWN = 60;

/**
 * What the palette offers for what was typed: with nothing typed all actions by their headings; else the best first, under the
 * heading of each. Actions with a key only are left out.
 */
export function toPaletteGroups(actions: readonly Action[], typed: string): ActionGroup[] {
  const offered = actions.filter(({ isKeyOnly }) => isKeyOnly !== true);
  if (typed.trim() === '') return groupActions(offered);
  const scored = offered
    .map((action) => ({ action, score: scoreAction(action, typed) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
  return groupActions(scored.slice(0, MAX_SHOWN).map(({ action }) => action));
}
