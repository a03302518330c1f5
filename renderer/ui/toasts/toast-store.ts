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
}

interface ToastStore {
  /** Oldest first. */
  readonly toasts: readonly ShownToast[];
  readonly show: (toast: Toast) => void;
  readonly dismiss: (id: number) => void;
}

/** More than this do not fit beside the pages; the oldest leaves. */
const MAX_TOASTS = 4;

let lastId = 0;

/** The toasts that are shown. */
export const toastStore = createStore<ToastStore>((set) => ({
  toasts: [],
  show: (toast) =>
    set(({ toasts }) => {
      // The same word again is not a second toast: it would push others out.
      const others = toasts.filter(({ title, text }) => title !== toast.title || text !== toast.text);
      return { toasts: [...others, { ...toast, id: ++lastId }].slice(-MAX_TOASTS) };
    }),
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

/** How a failed command is told. */
export function toToast(error: AppError, title = 'That did not work'): Toast {
  return { tone: 'bad', title, text: error.message };
}
