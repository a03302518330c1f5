import { createStore } from 'zustand';
import type { AppError } from '../../../shared/errors/app-error.ts';

/** A short word about something that happened. */
export interface Toast {
  readonly tone?: 'ok' | 'warn' | 'bad' | 'idle';
  readonly title: string;
  readonly text?: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** A toast in its place; `id` counts up. */
export interface ShownToast extends Toast {
  readonly id: number;
  /** The page on which it was shown, and of which it speaks. */
  readonly page: string;
}

interface ToastStore {
  /** Oldest first. */
  readonly toasts: readonly ShownToast[];
  /** Where the window is now. */
  readonly page: string;
  readonly show: (toast: Toast) => void;
  readonly dismiss: (id: number) => void;
  readonly dismissAll: () => void;
  /** The window shows another page, named by `page`: an error of the one before leaves, it says nothing here. */
  readonly enter: (page: string) => void;
}

/** More than this do not fit beside the pages; the oldest leaves. */
const MAX_TOASTS = 4;

let lastId = 0;

/** The toasts that are shown. */
export const toastStore = createStore<ToastStore>((set) => ({
  toasts: [],
  page: '',
  show: (toast) =>
    set(({ toasts, page }) => {
      // The same word again is not a second toast: it would push others out.
      const others = toasts.filter(({ title, text }) => title !== toast.title || text !== toast.text);
      return { toasts: [...others, { ...toast, page, id: ++lastId }].slice(-MAX_TOASTS) };
    }),
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
  dismissAll: () => set({ toasts: [] }),
  enter: (page) =>
    set((store) => {
      if (page === store.page) return store;
      return { page, toasts: store.toasts.filter((toast) => toast.tone !== 'bad' || toast.page === page) };
    }),
}));

/** How a failed command is told. */
export function toToast(error: AppError, title = 'That did not work'): Toast {
  return { tone: 'bad', title, text: error.message };
}
