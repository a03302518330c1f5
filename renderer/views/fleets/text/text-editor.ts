import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  startCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  type Command,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { toChange } from '../editor/text-change.ts';
import { describeKey, listProposals } from './completion-model.ts';
import { editorLook, syntaxColours } from './editor-look.ts';
import { toQuotedParts } from './quoted-parts.ts';
import { findLine, type PlacedProblem } from './problem-model.ts';
import { typeOver } from './type-over.ts';

/** A text under edit. Disposing of it takes it off the page. */
export interface TextEditor extends Disposable {
  /** Replaces what differs; one step of the same history as what is typed. */
  replace(text: string, origin: 'form' | 'file'): void;
  undo(): void;
  redo(): void;
  /** Underlines mistakes; those of before go. */
  showProblems(problems: readonly PlacedProblem[]): void;
  /** Puts the cursor there, in sight, and takes the focus. */
  goTo(line: number, column: number): void;
  focus(): void;
}

/** Where an editor stands and who hears of it. */
export interface TextEditorOptions {
  /** Of a shadow tree: there the look is adopted style sheets, which a page's strict policy allows. */
  readonly root: ShadowRoot;
  readonly text: string;
  /** Read out, with how to get out by keyboard. */
  readonly label: string;
  readonly onChange: (text: string) => void;
  /** Hear the text as it stands with the key: what `onChange` led to may still be under way. */
  readonly onSave: (text: string) => void;
  readonly onLaunch: (text: string) => void;
}

/** Opens an editor of a fleet file. */
export function openTextEditor(options: TextEditorOptions): TextEditor {
  const parent = document.createElement('div');
  parent.style.height = '100%';
  options.root.replaceChildren(parent);
  const view = new EditorView({
    parent,
    root: options.root,
    state: EditorState.create({ doc: options.text, extensions: toExtensions(options) }),
  });
  return {
    replace(text, origin) {
      const changes = toChange(view.state.doc.toString(), text);
      if (changes) view.dispatch({ changes, userEvent: origin === 'form' ? 'input.type' : 'input.paste' });
    },
    undo: () => void undo(view),
    redo: () => void redo(view),
    showProblems(problems) {
      const { length } = view.state.doc;
      view.dispatch(setDiagnostics(view.state, problems.filter(({ to }) => to <= length).map(toDiagnostic)));
    },
    goTo(line, column) {
      const { start, end } = findLine(view.state.doc.toString(), line);
      const anchor = Math.min(start + Math.max(0, column - 1), end);
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      view.focus();
    },
    focus: () => view.focus(),
    [Symbol.dispose]: () => view.destroy(),
  };
}

/** A command of the editor that keeps its key from doing anything else. */
function call(run: (text: string) => void): Command {
  return ({ state }) => {
    run(state.doc.toString());
    return true;
  };
}

function toExtensions({ label, onChange, onSave, onLaunch }: TextEditorOptions): Extension[] {
  return [
    lineNumbers(),
    lintGutter(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    typeOver,
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    EditorState.tabSize.of(2),
    indentUnit.of('  '),
    yaml(),
    syntaxHighlighting(syntaxColours),
    editorLook,
    autocompletion({ override: [complete], icons: false, activateOnCompletion: ({ label: key }) => key !== '' }),
    hoverTooltip(describe),
    keymap.of([
      { key: 'Mod-s', run: call(onSave), preventDefault: true, stopPropagation: true },
      { key: 'Mod-Enter', run: call(onLaunch), preventDefault: true, stopPropagation: true },
      { key: 'Tab', run: acceptCompletion },
      ...searchKeymap,
      ...historyKeymap,
      ...lintKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) onChange(state.doc.toString());
    }),
  ];
}

function complete(context: CompletionContext): CompletionResult | null {
  const found = listProposals(context.state.doc.toString(), context.pos);
  if (!found) return null;
  // Unasked, only once something was typed or a key has its colon: an empty line is often just an empty line.
  const isBegun = context.pos > found.from || context.matchBefore(/[:[,-]\s?$/) !== null;
  if (!context.explicit && !isBegun) return null;
  return {
    from: found.from,
    // Asked anew at the last letter of one of them: then nothing more is proposed.
    validFor: (typed) => /^[\w./-]*$/.test(typed) && found.items.every(({ insert }) => insert !== typed),
    options: found.items.map(({ label, kind, insert, detail, info, isRequired }) => ({
      label,
      detail,
      info,
      type: kind === 'key' ? 'property' : 'constant',
      boost: isRequired ? 10 : 0,
      apply(view, _completion, from, to) {
        view.dispatch({
          changes: { from, to, insert },
          selection: { anchor: from + insert.length },
          userEvent: 'input.complete',
        });
        if (kind === 'key') startCompletion(view);
      },
    })),
  };
}

function describe(view: EditorView, offset: number) {
  const found = describeKey(view.state.doc.toString(), offset);
  if (!found) return null;
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create() {
      const dom = document.createElement('div');
      dom.className = 'flotilla-hover';
      const title = document.createElement('strong');
      title.textContent = found.title;
      dom.append(title, found.text);
      return { dom };
    },
  };
}

function toMessage(sentences: readonly string[]): Node {
  const message = document.createElement('div');
  for (const sentence of sentences) {
    const line = document.createElement('div');
    for (const { text, isCode } of toQuotedParts(sentence)) {
      const part = document.createElement(isCode ? 'code' : 'span');
      part.textContent = text;
      line.append(part);
    }
    message.append(line);
  }
  return message;
}

function toDiagnostic({ from, to, message, hint, fix }: PlacedProblem): Diagnostic {
  const apply = (view: EditorView, start: number, end: number): void =>
    view.dispatch({ changes: { from: start, to: end, insert: fix?.insert ?? '' }, userEvent: 'input.complete' });
  return {
    from,
    to,
    severity: 'error',
    message: hint === undefined ? message : `${message}\n${hint}`,
    renderMessage: () => toMessage([message, hint ?? '']),
    ...(fix ? { actions: [{ name: fix.label, apply }] } : {}),
  };
}
