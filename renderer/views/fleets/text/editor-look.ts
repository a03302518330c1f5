import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Colours of the text, from the window's tokens: they reach into the shadow tree and change with the theme. */
export const syntaxColours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--series-1)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--series-2)' },
  { tag: tags.content, color: 'var(--text-0)' },
  { tag: [tags.lineComment, tags.comment], color: 'var(--text-1)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--text-1)' },
  { tag: [tags.labelName, tags.typeName, tags.keyword, tags.meta], color: 'var(--series-3)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const boxed = {
  border: '1px solid var(--line)',
  borderRadius: 'var(--radius-s)',
  background: 'var(--bg-1)',
  color: 'var(--text-0)',
};

/** Everything else of the editor's look. */
export const editorLook = EditorView.theme({
  '&': { height: '100%', color: 'var(--text-0)', backgroundColor: 'transparent', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--mono)',
    lineHeight: '1.6',
    scrollbarColor: 'var(--line) transparent',
    scrollbarWidth: 'thin',
  },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 14px 0 6px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--text-2)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 6px 0 14px', minWidth: '36px' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--bg-2) 55%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text-0)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-bg)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--warn-bg)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-bg)', outline: '1px solid var(--warn)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--accent-bg)',
    outline: '1px solid var(--accent)',
  },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
    textDecorationSkipInk: 'none',
  },
  '.cm-lint-marker-error': {
    content: 'none',
    width: '8px',
    height: '8px',
    margin: '6px 0 0 4px',
    borderRadius: '50%',
    background: 'var(--bad)',
  },
  '.cm-gutter-lint': { width: '16px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-tooltip': {
    ...boxed,
    boxShadow: 'var(--shadow, 0 8px 28px rgb(0 0 0 / 35%))',
    fontFamily: 'var(--font)',
    fontSize: 'var(--fs-s)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    maxHeight: '15em',
    padding: '4px',
    minWidth: '240px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    padding: '3px 8px',
    borderRadius: '4px',
    display: 'flex',
    gap: '12px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--accent-bg)',
    color: 'var(--text-0)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '600' },
  '.cm-completionDetail': {
    marginLeft: 'auto',
    fontStyle: 'normal',
    color: 'var(--text-1)',
    fontFamily: 'var(--font)',
  },
  '.cm-tooltip.cm-completionInfo': {
    padding: '8px 10px',
    maxWidth: '300px',
    lineHeight: '1.45',
    color: 'var(--text-1)',
  },
  '.cm-tooltip-hover': { maxWidth: '420px' },
  '.flotilla-hover': { padding: '8px 10px', lineHeight: '1.45', color: 'var(--text-1)' },
  '.flotilla-hover strong': { display: 'block', color: 'var(--text-0)', fontFamily: 'var(--mono)', fontWeight: '600' },
  '.cm-diagnostic': { padding: '8px 10px', marginLeft: '0', borderLeft: 'none', lineHeight: '1.45' },
  '.cm-diagnosticText > div > div + div': { color: 'var(--text-1)' },
  '.cm-diagnosticText code': { fontFamily: 'var(--mono)', color: 'var(--accent)' },
  '.cm-diagnosticAction': {
    margin: '6px 0 0',
    padding: '2px 8px',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-s)',
    background: 'var(--bg-2)',
    color: 'var(--accent)',
    font: 'inherit',
    cursor: 'pointer',
    display: 'block',
  },
  '.cm-panels': {
    background: 'var(--bg-2)',
    color: 'var(--text-0)',
    borderColor: 'var(--line)',
    fontFamily: 'var(--font)',
  },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '8px 28px 8px 12px', fontSize: 'var(--fs-s)' },
  '.cm-panel.cm-search label': { fontSize: 'var(--fs-s)' },
  '.cm-textfield': { ...boxed, fontSize: 'var(--fs-s)', padding: '3px 8px' },
  '.cm-button': { ...boxed, backgroundImage: 'none', fontSize: 'var(--fs-s)', padding: '3px 10px', cursor: 'pointer' },
});
