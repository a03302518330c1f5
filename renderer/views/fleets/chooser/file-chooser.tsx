import { type FormEvent, useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Dialog } from '../../../ui/overlays/dialog.tsx';
import { joinPath, splitPath, toCrumbs, toRows, withYamlEnding } from './file-chooser-model.ts';
import styles from './file-chooser.module.css';
import { FolderRows } from './folder-rows.tsx';
import { type Folder, rememberFolder, useFolder } from './use-folder.ts';

interface FileChooserProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly purpose: 'open' | 'save';
  /** For saving: what the file is called unless its user says otherwise. */
  readonly suggestedName?: string;
  readonly firstFolder?: string;
  readonly onChoose: (path: string) => void;
}

/** Chooses a fleet file of this machine, or where a new one goes. The browser's own dialog cannot: it hides where files are. */
export function FileChooser(props: FileChooserProps) {
  const { isOpen, onOpenChange, purpose } = props;
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={purpose === 'open' ? 'Open a fleet file' : 'Save as'}
      size="large"
    >
      {isOpen ? <Chooser {...props} /> : null}
    </Dialog>
  );
}

function Chooser({ purpose, suggestedName = '', firstFolder, onOpenChange, onChoose }: FileChooserProps) {
  const folder = useFolder(true, firstFolder);
  const [name, setName] = useState(suggestedName);
  const choose = (path: string): void => {
    rememberFolder(splitPath(path).folder);
    onOpenChange(false);
    onChoose(path);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === '') return;
    // An absolute path says everything; a name alone means the folder on show.
    const isAbsolute = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(name);
    const path = isAbsolute ? name.trim() : joinPath(folder.path, name.trim());
    choose(purpose === 'save' ? withYamlEnding(path) : path);
  };
  return (
    <form className={styles['chooser']} onSubmit={submit}>
      <Crumbs folder={folder} />
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
                    onFolder={folder.go}
                    onParent={listing.parent === undefined ? undefined : () => folder.go(listing.parent ?? '')}
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
          hasFirstFocus={purpose === 'save'}
          placeholder={purpose === 'open' ? '/home/me/fleets/survey.yaml' : 'survey.yaml'}
        />
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" tone="primary" disabled={name.trim() === ''}>
          {purpose === 'open' ? 'Open' : 'Save'}
        </Button>
      </div>
    </form>
  );
}

function Crumbs({ folder }: { readonly folder: Folder }) {
  return (
    <nav aria-label="Folder" className={styles['crumbs']}>
      <ol>
        {toCrumbs(folder.path).map(({ label, path }, index, all) => (
          <li key={path}>
            {index === all.length - 1 ? (
              <span aria-current="location">{label}</span>
            ) : (
              <button type="button" onClick={() => folder.go(path)}>
                {label}
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
