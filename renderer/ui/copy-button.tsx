import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';
import { useToasts } from './toasts/use-toasts.ts';

interface CopyButtonProps {
  readonly text: string;
  /** `Copy details`; without words the button shows its sign only and `what` names it. */
  readonly label?: string;
  readonly what?: string;
}

/** Puts a text into the clipboard and says so on itself. */
export function CopyButton({ text, label, what = 'text' }: CopyButtonProps) {
  const [copied, setCopied] = useState<string>();
  const { show } = useToasts();
  const isCopied = copied === text;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(text);
    } catch {
      show({
        tone: 'warn',
        title: 'Not copied',
        text: 'This window may not use the clipboard; select the text instead.',
      });
    }
  };
  const name = label ?? `Copy ${what}`;
  return (
    <Button
      size={label === undefined ? 'small' : 'medium'}
      tone={label === undefined ? 'quiet' : 'plain'}
      aria-label={isCopied ? 'Copied' : name}
      title={name}
      onClick={() => void copy()}
    >
      {isCopied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
      {label === undefined ? null : isCopied ? 'Copied' : label}
    </Button>
  );
}
