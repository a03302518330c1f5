import { useRef, useState } from 'react';
import { Chip } from '../../../ui/chip.tsx';
import { Button } from '../../../ui/button.tsx';
import { SegmentedControl } from '../../../ui/fields/segmented-control.tsx';
import { toCounted } from '../../../ui/format.ts';
import { Page } from '../../../ui/page.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { FileChooser } from '../chooser/file-chooser.tsx';
import { splitPath } from '../chooser/file-chooser-model.ts';
import { FleetFormView } from '../form/form-view.tsx';
import { CodeEditor } from '../text/code-editor.tsx';
import { isOf, placeProblem } from '../text/problem-model.ts';
import { ProblemList } from '../text/problem-list.tsx';
import type { TextEditor } from '../text/text-editor.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import styles from './editor-page.module.css';
import { LaunchPanel } from './launch-panel.tsx';
import { type DeskOptions, useEditorDesk } from './use-editor-desk.ts';

type Mode = 'text' | 'both' | 'form';

/** A fleet under edit: its text and its form on one document, its mistakes, and what a launch would start. */
export function EditorDesk(options: DeskOptions) {
  const editor = useRef<TextEditor>(null);
  const desk = useEditorDesk(options, editor);
  const [mode, setMode] = useState<Mode>(() => (window.innerWidth >= 1_600 ? 'both' : 'text'));
  const showLine = (line: number, column = 1): void => {
    if (mode === 'form') setMode('text');
    // The text must be on the page before it can take the cursor.
    requestAnimationFrame(() => editor.current?.goTo(line, column));
  };
  return (
    <Page
      isFixed
      title={<Title desk={desk} />}
      subtitle={<Subtitle desk={desk} />}
      actions={<Actions desk={desk} mode={mode} onMode={setMode} />}
    >
      {desk.draft ? <DraftBar desk={desk} /> : null}
      <div className={styles['room']}>
        <div className={styles['desk']} data-mode={mode}>
          <div className={styles['document']}>
            {mode === 'text' ? null : (
              <Panel isFlush label="Form" className={styles['formPane'] ?? ''}>
                <FleetFormView
                  text={desk.text}
                  onText={desk.replaceFromForm}
                  onShowLine={showLine}
                  onUndo={() => editor.current?.undo()}
                  onRedo={() => editor.current?.redo()}
                />
              </Panel>
            )}
            <Panel isFlush label="Text" className={styles['textPane'] ?? ''}>
              <CodeEditor
                text={desk.text}
                editor={editor}
                onChange={desk.setText}
                onSave={desk.saving.save}
                onLaunch={desk.launch}
              />
            </Panel>
            <Mistakes desk={desk} hasText={mode !== 'form'} onShowLine={showLine} />
          </div>
          <LaunchPanel
            check={desk.check}
            obstacle={desk.obstacle}
            isLaunching={desk.isLaunching}
            error={desk.launchError}
            onLaunch={desk.launch}
          />
        </div>
      </div>
      <ConflictDialog desk={desk.file} onOverwrite={() => void desk.saving.overwrite()} />
      <FileChooser
        isOpen={desk.saving.isNaming}
        onOpenChange={desk.saving.setNaming}
        purpose="save"
        suggestedName={desk.saving.suggestedName}
        {...(desk.file.file.isReadOnly ? {} : { firstFolder: splitPath(desk.file.file.path).folder })}
        onChoose={desk.saving.saveAs}
      />
    </Page>
  );
}

type Desk = ReturnType<typeof useEditorDesk>;

function Title({ desk }: { readonly desk: Desk }) {
  return (
    <span className={styles['title']}>
      {desk.isNew ? 'New fleet' : splitPath(desk.file.file.path).name}
      {desk.hasWork ? <Chip tone="warn">not saved</Chip> : null}
      {desk.file.file.isReadOnly ? (
        <Chip title="It came with the program; save it under another name to change it.">read only</Chip>
      ) : null}
    </span>
  );
}

function Subtitle({ desk }: { readonly desk: Desk }) {
  const { path } = desk.file.file;
  return (
    <span className={styles['path']}>
      {desk.isNew ? `not on disk yet · paths in it start at ${splitPath(path).folder}` : path}
    </span>
  );
}

function Actions({
  desk,
  mode,
  onMode,
}: {
  readonly desk: Desk;
  readonly mode: Mode;
  readonly onMode: (mode: Mode) => void;
}) {
  return (
    <>
      <SegmentedControl
        label="Show"
        value={mode}
        onChange={onMode}
        options={[
          { value: 'text', label: 'Text' },
          { value: 'form', label: 'Form' },
          { value: 'both', label: 'Both' },
        ]}
      />
      <Button onClick={() => desk.saving.setNaming(true)}>Save as…</Button>
      <Button disabled={!desk.saving.canSave} isBusy={desk.file.isSaving} onClick={desk.saving.save}>
        Save
      </Button>
    </>
  );
}

function DraftBar({ desk }: { readonly desk: Desk }) {
  return (
    <div role="status" className={styles['draft']}>
      <span>
        Your changes from before are here again; they were not saved.
        {desk.draft === 'older' ? ' The file has changed on disk since.' : ''}
      </span>
      <Button size="small" onClick={desk.keepDraft}>
        Keep them
      </Button>
      <Button size="small" onClick={desk.discardDraft}>
        {desk.isNew ? 'Let them go' : 'Back to the file'}
      </Button>
    </div>
  );
}

function Mistakes({
  desk,
  hasText,
  onShowLine,
}: {
  readonly desk: Desk;
  /** The text is on show, and with it what its keys do. */
  readonly hasText: boolean;
  readonly onShowLine: (line: number, column: number) => void;
}) {
  const { problems, checkedText } = desk.check;
  const { path } = desk.file.file;
  const count = problems.length;
  return (
    <Panel isFlush label="Mistakes" className={styles['mistakes'] ?? ''}>
      <div className={styles['mistakesHead']} role="status" data-bad={count > 0}>
        {checkedText === undefined ? 'Checking …' : count === 0 ? 'No mistakes' : toCounted(count, 'mistake')}
        {hasText ? <span>Esc, then Tab leaves the text · Ctrl Space completes</span> : null}
      </div>
      {count === 0 ? null : (
        <ProblemList
          problems={problems}
          isOwn={(problem) => placeProblem(desk.text, problem, isOf(problem, path)) !== undefined}
          onGo={({ line, column }) => onShowLine(line, column)}
        />
      )}
    </Panel>
  );
}
