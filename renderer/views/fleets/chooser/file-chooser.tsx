import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { Button } from '../../../ui/button.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Dialog } from '../../../ui/overlays/dialog.tsx';
import { splitPath, toCrumbs, toRows, toTypedPlace, withYamlEnding } from './file-chooser-model.ts';
import styles from './file-chooser.module.css';
import { FolderRows } from './folder-rows.tsx';
import { rememberFolder, useFolder } from './use-folder.ts';

interface FileChooserProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly purpose: 'open' | 'save';
  /** For saving: what the file is called unless its user says otherwise. */
  readonly suggestedName?: string;
  readonly firstFolder?: string;
  /** Opens or saves; what it answers is why that could not be done, and the chooser stays open with it. */
  readonly onChoose: (path: string) => Promise<AppError | undefined>;
}

/** Chooses a fleet file of this machine, or where a new one goes. The browser's own dialog cannot: it hides where files are. */
export function FileChooser(props: FileChooserProps) {
  const { isOpen, onOpenChange, purpose } = props;
  const nameInput = useRef<HTMLInputElement>(null);
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={purpose === 'open' ? 'Open a fleet file' : 'Save as'}
      size="large"
      {...(purpose === 'save' ? { initialFocus: nameInput } : {})}
    >
      {isOpen ? <Chooser {...props} nameInput={nameInput} /> : null}
    </Dialog>
  );
}

type ChooserProps = FileChooserProps & { readonly nameInput: RefObject<HTMLInputElement | null> };

function Chooser(props: ChooserProps) {
  const { purpose, nameInput, onOpenChange } = props;
  const { folder, name, setName, choose, submit, error, isBusy } = useChooser(props);
  /** The folder was last gone to in the list: there one goes on. */
  const [isWalking, setWalking] = useState(purpose === 'open');
  const walk = (path: string): void => {
    setWalking(true);
    folder.go(path);
  };
  useEffect(() => {
    // What is typed takes the place of the name and leaves its ending.
    nameInput.current?.setSelectionRange(0, nameInput.current.value.replace(/\.ya?ml$/i, '').length);
  }, [nameInput]);
  return (
    <form
      className={styles['chooser']}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        setWalking(false);
        submit();
      }}
    >
      <Crumbs path={folder.path} onFolder={walk} />
      <div className={styles['list']}>
        <LoadedView of={folder.listing} what="the folder">
          {(listing) => {
            const rows = toRows(listing);
            return (
              <>
                {rows.length === 0 ? null : (
                  <FolderRows
                    key={listing.folder}
                    rows={rows}
                    hasFirstFocus={isWalking}
                    onFolder={walk}
                    onParent={listing.parent === undefined ? undefined : () => walk(listing.parent ?? '')}
                    onMark={(row) => {
                      if (row.kind === 'file') setName(row.name);
                    }}
                    onFile={purpose === 'open' ? choose : (path) => setName(splitPath(path).name)}
                  />
                )}
                {listing.folders.length + listing.files.length === 0 ? (
                  <Notice title="Nothing here">This folder has no folders and no YAML files.</Notice>
                ) : null}
                {listing.isCut ? (
                  <p className={styles['cut']}>There is more here than is listed: type the path below.</p>
                ) : null}
              </>
            );
          }}
        </LoadedView>
      </div>
      <div className={styles['foot']}>
        <TextField
          label={purpose === 'open' ? 'Name or path' : 'Name of the new file'}
          value={name}
          onChange={setName}
          isMono
          inputRef={nameInput}
          {...(error === undefined ? {} : { error: error.message })}
          placeholder={purpose === 'open' ? '/home/me/fleets/survey.yaml' : 'survey.yaml'}
        />
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" tone="primary" disabled={name.trim() === ''} isBusy={isBusy}>
          {purpose === 'open' ? 'Open' : 'Save'}
        </Button>
      </div>
    </form>
  );
}

/** Where the chooser is, what was typed, and the choice. */
function useChooser({ purpose, suggestedName = '', firstFolder, onOpenChange, onChoose }: FileChooserProps) {
  const folder = useFolder(true, firstFolder);
  const [typed, setTyped] = useState({ name: suggestedName, error: undefined as AppError | undefined });
  const [isBusy, setBusy] = useState(false);
  const setName = (name: string): void => setTyped({ name, error: undefined });
  const choose = async (path: string): Promise<void> => {
    const error = await onChoose(path);
    if (error) return setTyped({ name: typed.name, error });
    rememberFolder(splitPath(path).folder);
    onOpenChange(false);
  };
  const takeTyped = async (): Promise<void> => {
    const { path, mayBeFolder } = toTypedPlace(folder.path, typed.name);
    if (mayBeFolder && (await folder.enter(path))) return setName(suggestedName);
    // A name with an ending of another kind is refused for that, not looked for under one more ending.
    const hasEnding = purpose === 'open' && /\.\w+$/.test(path);
    await choose(hasEnding ? path : withYamlEnding(path));
  };
  const carryOut = (work: Promise<void>): void => {
    setBusy(true);
    void work.finally(() => setBusy(false));
  };
  return {
    folder,
    name: typed.name,
    error: typed.error,
    isBusy,
    setName,
    choose: (path: string): void => carryOut(choose(path)),
    submit: (): void => {
      if (typed.name.trim() !== '' && !isBusy) carryOut(takeTyped());
    },
  };
}

interface CrumbsProps {
  readonly path: string;
  readonly onFolder: (path: string) => void;
}

function Crumbs({ path: shown, onFolder }: CrumbsProps) {
  return (
    <nav aria-label="Folder" className={styles['crumbs']}>
      <ol>
        {toCrumbs(shown).map(({ label, path }, index, all) => (
          <li key={path}>
            {index === all.length - 1 ? (
              <span aria-current="location">{label}</span>
            ) : (
              <button type="button" onClick={() => onFolder(path)}>
                {label}
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
