import type { AppError } from '../../../shared/errors/app-error.ts';
import { type Toast, toToast, toastStore } from './toast-store.ts';

interface Toasts {
  readonly show: (toast: Toast) => void;
  /** For `onError` of a command; `title` names what did not work: `The run was not paused`. */
  readonly report: (error: AppError, title?: string) => void;
}

const toasts: Toasts = {
  show: (toast) => toastStore.getState().show(toast),
  report: (error, title) => toastStore.getState().show(toToast(error, title)),
};

/** Says things in passing; stable over renders. What a person must decide belongs in a dialog, what stays wrong in the page. */
export function useToasts(): Toasts {
  return toasts;
}
