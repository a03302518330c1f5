import { Dialog } from '@base-ui/react/dialog';
import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useLocation } from 'wouter';
import type { Action } from '../../ui/actions/action.ts';
import { actionStore, listActions } from '../../ui/actions/action-store.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { pathTo } from '../path-to.ts';
import { toPaletteGroups } from './palette-model.ts';
import styles from './palette.module.css';
import { useAgentActions } from './use-agent-actions.ts';
import { useRecentActions } from './use-recent-actions.ts';

/** The item that searches for what was typed. */
const EVERYTHING = 'search everything';

/** Keys that go from item to item. */
const MOVES: ReadonlySet<string> = new Set(['ArrowUp', 'ArrowDown', 'Home', 'End']);

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** Every action of the program, and every run and agent, by typing a few letters of it; anything else can be searched for. */
export function Palette({ isOpen, onOpenChange }: PaletteProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => onOpenChange(open)}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles['backdrop']} />
        <Dialog.Popup className={styles['popup']} aria-modal="true" aria-label="Palette">
          <PaletteBody onDone={() => onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteBody({ onDone }: { readonly onDone: () => void }) {
  const [typed, setTyped] = useState('');
  /** The item somebody went to; until then the first is the one that Enter takes, whatever else still comes in. */
  const [chosen, setChosen] = useState<string>();
  const hasMoved = useRef(false);
  const [, navigate] = useLocation();
  useRecentActions();
  useAgentActions(typed);
  const sets = useStore(actionStore, (store) => store.sets);
  const groups = toPaletteGroups(listActions(sets), typed);
  const carryOut = (action: Action): void => {
    onDone();
    action.run();
  };
  const text = typed.trim();
  return (
    <Command
      label="Actions"
      shouldFilter={false}
      loop
      className={styles['command']}
      value={chosen ?? groups[0]?.actions[0]?.id ?? EVERYTHING}
      onValueChange={(value) => (hasMoved.current ? setChosen(value) : undefined)}
      onKeyDownCapture={({ key, ctrlKey }) =>
        (hasMoved.current ||= MOVES.has(key) || (ctrlKey && 'njpk'.includes(key)))
      }
      onPointerMoveCapture={() => (hasMoved.current = true)}
    >
      <div className={styles['line']}>
        <Search aria-hidden="true" />
        <Command.Input
          className={styles['input']}
          value={typed}
          onValueChange={(text) => {
            hasMoved.current = false;
            setChosen(undefined);
            setTyped(text);
          }}
          placeholder="Search runs, agents, tool output, or type what to do"
        />
        <Kbd keys="escape" />
      </div>
      <Command.List className={styles['list']}>
        {groups.map(({ group, actions }) => (
          <Command.Group key={group} heading={group} className={styles['group']}>
            {actions.map((action) => (
              <PaletteItem key={action.id} action={action} onSelect={() => carryOut(action)} />
            ))}
          </Command.Group>
        ))}
        {text === '' ? null : (
          <Command.Group heading="Search" className={styles['group']}>
            <Command.Item
              value={EVERYTHING}
              className={styles['item']}
              onSelect={() => {
                onDone();
                navigate(pathTo.search(text));
              }}
            >
              <span className={styles['title']}>Search agents, prompts, answers and tool output for “{text}”</span>
            </Command.Item>
          </Command.Group>
        )}
      </Command.List>
    </Command>
  );
}

function PaletteItem({ action, onSelect }: { readonly action: Action; readonly onSelect: () => void }) {
  return (
    <Command.Item value={action.id} className={styles['item']} data-tone={action.tone} onSelect={onSelect}>
      <span className={styles['title']}>{action.title}</span>
      {action.hint === undefined ? null : <span className={styles['hint']}>{action.hint}</span>}
      {action.keys === undefined ? null : <Kbd keys={action.keys} />}
    </Command.Item>
  );
}
