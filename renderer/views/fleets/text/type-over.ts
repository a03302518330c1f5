import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/**
 * Makes what is typed over a selection a change of the text itself.
 *
 * Left to itself, Chromium takes the selected elements out of the page and, so that the new letters look as the old ones did, puts
 * them into an element with a `style` attribute. The page's policy refuses it with an error in the console, at each such letter;
 * `contenteditable="plaintext-only"` changes nothing. Input methods write without styles and cannot be held back; they are let be.
 */
export const typeOver: Extension = EditorView.domEventHandlers({
  beforeinput({ inputType, data, isComposing }, view) {
    const { state } = view;
    const isSelected = state.selection.ranges.some(({ empty }) => !empty);
    if (inputType !== 'insertText' || data === null || isComposing || !isSelected || state.readOnly) return false;
    view.dispatch(state.replaceSelection(state.toText(data)), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});
