import { FileText, FolderOpen, PenLine, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { KnownFleet } from '../../../../shared/contract/fleets.ts';
import { pathTo } from '../../../app/path-to.ts';
import { CommandButton } from '../../../ui/command-button.tsx';
import { findExample, toExampleWords } from '../fleets-model.ts';
import { type FleetsPage, useFleetSize } from '../use-fleets.ts';
import styles from './welcome.module.css';

interface WelcomeProps {
  readonly fleets: readonly KnownFleet[];
  readonly page: FleetsPage;
  readonly onOpen: () => void;
  readonly onNew: () => void;
}

/** What someone sees who has never run anything: what this is, and one click that shows it. */
export function Welcome({ fleets, page, onOpen, onNew }: WelcomeProps) {
  const example = findExample(fleets);
  const others = fleets.filter((fleet) => fleet !== example && fleet.exists);
  return (
    <div className={styles['welcome']}>
      <div className={styles['hero']}>
        <i className={styles['mark']} aria-hidden="true" />
        <h1>Welcome to Flotilla</h1>
        <p className={styles['lead']}>
          Flotilla runs fleets of AI agents on your own machine, shows what each of them does, and keeps every run to
          read again.
        </p>
        {example ? (
          <div className={styles['start']}>
            <CommandButton
              tone="primary"
              className={styles['run']}
              isBusy={page.launching === example.path}
              onClick={() => void page.launch(example)}
            >
              <Play aria-hidden="true" />
              Run the example
            </CommandButton>
            <p>
              <ExampleWords fleet={example} />
            </p>
            <Link href={pathTo.fleet(example.path)}>Look at its file first</Link>
          </div>
        ) : null}
      </div>
      <div className={styles['ways']}>
        <Way icon={<PenLine aria-hidden="true" />} title="Write a fleet" onClick={onNew}>
          Start from a small file that runs as it is, with a form beside the text.
        </Way>
        <Way icon={<FolderOpen aria-hidden="true" />} title="Open a file" onClick={onOpen}>
          Choose a fleet file that is on this machine already.
        </Way>
      </div>
      {others.length > 0 ? <Others fleets={others} /> : null}
    </div>
  );
}

/** What one click will do. */
function ExampleWords({ fleet }: { readonly fleet: KnownFleet }) {
  const agents = useFleetSize(fleet.path);
  return toExampleWords(fleet.name, agents);
}

interface WayProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Way({ icon, title, onClick, children }: WayProps) {
  return (
    <button type="button" className={styles['way']} onClick={onClick}>
      {icon}
      <span>
        <strong>{title}</strong>
        <span>{children}</span>
      </span>
    </button>
  );
}

function Others({ fleets }: { readonly fleets: readonly KnownFleet[] }) {
  return (
    <section className={styles['others']} aria-labelledby="other-fleets">
      <h2 id="other-fleets">Or begin with one of these</h2>
      <ul>
        {fleets.map(({ path, name, description }) => (
          <li key={path}>
            <FileText aria-hidden="true" />
            <Link href={pathTo.fleet(path)}>{name}</Link>
            <span>{description}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
