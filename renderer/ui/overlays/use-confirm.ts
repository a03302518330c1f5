import { createStore } from 'zustand';

/** What is asked before something that cannot be taken back. */
export interface Question {
  readonly title: string;
  /** What will have happened afterwards, and what stays. */
  readonly consequence: string;
  readonly confirmLabel: string;
  readonly tone?: 'danger' | 'primary';
}

interface Asked extends Question {
  readonly answer: (isConfirmed: boolean) => void;
}

interface ConfirmStore {
  readonly asked: Asked | undefined;
  readonly isOpen: boolean;
  readonly ask: (question: Question) => Promise<boolean>;
  readonly settle: (isConfirmed: boolean) => void;
}

/** The one question that is open; a second one answers the first with no. `ConfirmHost` shows it. */
export const confirmStore = createStore<ConfirmStore>((set, get) => ({
  asked: undefined,
  isOpen: false,
  ask: (question) => {
    get().asked?.answer(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    set({ asked: { ...question, answer: resolve }, isOpen: true });
    return promise;
  },
  // The words stay while the dialog fades.
  settle: (isConfirmed) => {
    get().asked?.answer(isConfirmed);
    set({ isOpen: false });
  },
}));

/** Asks in a dialog: `if (await confirm({ … })) …`. Resolves with `false` when it is left. */
export function useConfirm(): (question: Question) => Promise<boolean> {
  return confirmStore.getState().ask;
}
