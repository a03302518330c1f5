import { useEffect } from 'react';
import { type Action } from '../../ui/actions/action.ts';
import { actionStore, listActions } from '../../ui/actions/action-store.ts';
import { HotkeyReader, toStroke } from '../../ui/actions/hotkey.ts';

const TYPING =
  'input:not([type=radio], [type=checkbox], [type=button]), textarea, select, [contenteditable]:not([contenteditable=false])';

/** Where keys belong to what is open: a dialog, a menu, a list. */
const APART = '[role=dialog], [role=alertdialog], [role=menu], [role=listbox]';

/** Carries out the hotkeys of all registered actions. Once, in the frame. */
export function useHotkeys(): void {
  useEffect(() => {
    const reader = new HotkeyReader();
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || isModifier(event.key)) return;
      const usable = listActions(actionStore.getState().sets).filter((action) => isUsable(action, event.target));
      const hotkeys = usable.flatMap(({ keys }) => (keys === undefined ? [] : [keys]));
      const found = reader.read(toStroke(event), hotkeys, event.timeStamp);
      if (found?.kind !== 'hotkey') return;
      // Also where it does nothing: the browser's own meaning of the key, saving the page, would be stranger still.
      event.preventDefault();
      if (!isHeldBack()) usable.find(({ keys }) => keys === found.keys)?.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

function isUsable(action: Action, target: EventTarget | null): boolean {
  if (action.keys === undefined) return false;
  if (action.worksWhileTyping === true || !(target instanceof Element)) return true;
  return target.closest(APART) === null && target.closest(TYPING) === null;
}

/** Whether a dialog that holds everything else back waits for an answer, wherever the focus is. */
function isHeldBack(): boolean {
  return document.querySelector('[aria-modal=true]') !== null;
}

function isModifier(key: string): boolean {
  return key === 'Shift' || key === 'Control' || key === 'Meta' || key === 'Alt';
}
