import { ChevronRight } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { Chip, StateChip, type Tone } from '../../../ui/chip.tsx';
import { toClockTime, toCount, toDuration, toTokenWords } from '../../../ui/format.ts';
import styles from './agent-panel.module.css';
import { type LogEntry, toCutWords, toPrettyArguments, toShortArguments } from './log-model.ts';

const TONE_OF_CALL: Readonly<Record<Extract<LogEntry, { kind: 'toolCall' }>['state'], Tone>> = {
  running: 'accent',
  done: 'ok',
  failed: 'bad',
  denied: 'warn',
  cancelled: 'idle',
  unknown: 'warn',
};
const PLUGINS = [remarkGfm];

interface LogLineProps {
  readonly entry: LogEntry;
  /** A turn whose text is the answer, which stands below it as an entry of its own. */
  readonly isAnswer: boolean;
  /** Was asked for: it is marked, and unfolded. */
  readonly isFound: boolean;
}

/** One entry of a log; an entry that came again is another object. */
export const LogLine = memo(function LogLine({ entry, isAnswer, isFound }: LogLineProps) {
  return (
    <li className={styles['entry']} data-kind={entry.kind} aria-current={isFound ? 'location' : undefined}>
      <time dateTime={new Date(entry.atMs).toISOString()}>{toClockTime(entry.atMs)}</time>
      <div className={styles['entryBody']}>{toBody(entry, isAnswer, isFound)}</div>
    </li>
  );
});

function toBody(entry: LogEntry, isAnswer: boolean, isFound: boolean): ReactNode {
  switch (entry.kind) {
    case 'prompt':
      return <Prompt entry={entry} isFound={isFound} />;
    case 'turn':
      return <Turn entry={entry} isAnswer={isAnswer} />;
    case 'toolCall':
      return <ToolCall entry={entry} isFound={isFound} />;
    case 'answer':
      return (
        <>
          <b>answer</b>
          <Written text={entry.text} />
        </>
      );
    case 'output':
      return <LiveOutput text={entry.text} />;
    case 'state':
      return (
        <>
          <StateChip state={entry.state} /> <span className={styles['quiet']}>{entry.reason}</span>
        </>
      );
    default:
      return <span data-level={entry.level}>{entry.text}</span>;
  }
}

type EntryOf<Kind extends LogEntry['kind']> = Extract<LogEntry, { kind: Kind }>;

interface FoldProps<Kind extends LogEntry['kind']> {
  readonly entry: EntryOf<Kind>;
  readonly isFound: boolean;
}

function Prompt({ entry: { system, prompt }, isFound }: FoldProps<'prompt'>) {
  return (
    <details className={styles['fold']} open={isFound}>
      <summary>
        <ChevronRight aria-hidden="true" />
        <b>prompt</b> <code>{toShortArguments(prompt.text)}</code>
      </summary>
      {system.chars > 0 ? <Output title="System" of={system} /> : null}
      <Output title="Prompt" of={prompt} />
    </details>
  );
}

/** Said of a turn or a call that was answered from memory: nobody was asked, and it cost nothing. */
const FROM_CACHE = 'from the cache';

function Turn({ entry, isAnswer }: { readonly entry: EntryOf<'turn'>; readonly isAnswer: boolean }) {
  const { text, state, model, turn, attempt, outputTokens, firstTokenMs, ms, waitMs, error, cached } = entry;
  const facts = [
    model,
    outputTokens === undefined ? undefined : toTokenWords(outputTokens),
    firstTokenMs === undefined ? undefined : `first token ${toDuration(firstTokenMs)}`,
    ms === undefined ? undefined : toDuration(ms),
    waitMs !== undefined && waitMs >= 1 ? `waited ${toDuration(waitMs)}` : undefined,
    cached ? FROM_CACHE : undefined,
  ];
  return (
    <>
      <div className={styles['turnHead']}>
        <b>turn {toCount(turn)}</b>
        {attempt > 1 ? <Chip tone="warn">attempt {attempt}</Chip> : null}
        {state === 'done' ? null : <Chip tone={state === 'asking' ? 'accent' : 'warn'}>{state}</Chip>}
        <Facts of={facts} />
      </div>
      {text.text === '' || isAnswer ? null : <Written text={text} />}
      {error ? <Problem error={error} /> : null}
    </>
  );
}

function ToolCall({ entry, isFound }: FoldProps<'toolCall'>) {
  const { tool, state, arguments: args, output, ms, waitMs, error, cached } = entry;
  const times = [
    ms === undefined ? undefined : toDuration(ms),
    waitMs === undefined || waitMs < 1 ? undefined : `waited ${toDuration(waitMs)}`,
    cached ? FROM_CACHE : undefined,
  ];
  return (
    <details className={styles['fold']} open={isFound}>
      <summary>
        <ChevronRight aria-hidden="true" />
        <b>{tool}</b> <code>{toShortArguments(args.text)}</code>
        <Chip tone={TONE_OF_CALL[state]}>{state}</Chip>
        <Facts of={times} />
      </summary>
      <Output title="Arguments" of={{ ...args, text: args.text === '' ? '–' : args.text }} isJson />
      {output ? <Output title="Output" of={output} /> : null}
      {error ? <Problem error={error} /> : null}
    </details>
  );
}

/** Facts side by side; a line breaks between them, not between a number and its unit. */
function Facts({ of }: { readonly of: readonly (string | undefined)[] }) {
  const known = of.filter((fact) => fact !== undefined).map((fact) => fact.replaceAll(' ', '\u00A0'));
  return <span className={styles['quiet']}>{known.join(' · ')}</span>;
}

interface Cut {
  readonly text: string;
  readonly chars: number;
}

function Output({
  title,
  of,
  isJson = false,
}: {
  readonly title: string;
  readonly of: Cut;
  readonly isJson?: boolean;
}) {
  const cut = toCutWords(of);
  return (
    <figure className={styles['output']}>
      <figcaption>
        {title} {cut === undefined ? null : <span>{cut}</span>}
      </figcaption>
      <pre>{isJson ? toPrettyArguments(of.text) : of.text}</pre>
    </figure>
  );
}

/** What a program prints, as it comes: its end, at which the log stands. */
function LiveOutput({ text }: { readonly text: Cut }) {
  const isCut = text.chars > text.text.length;
  return (
    <figure className={styles['output']} data-live="true">
      <figcaption>
        <b>output so far</b>
        {isCut ? (
          <span>
            The last {toCount(text.text.length)} of {toCount(text.chars)} characters
          </span>
        ) : null}
      </figcaption>
      <pre>{text.text}</pre>
    </figure>
  );
}

/** What a model wrote: Markdown, never HTML; links leave the window. */
function Written({ text }: { readonly text: Cut }) {
  const cut = toCutWords(text);
  return (
    <div className={styles['written']}>
      <Markdown remarkPlugins={PLUGINS} components={{ a: OutLink, img: NoPicture }}>
        {text.text}
      </Markdown>
      {cut === undefined ? null : <span className={styles['quiet']}>{cut}</span>}
    </div>
  );
}

function OutLink({ href, children }: { readonly href?: string; readonly children?: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** A picture would be asked for at an address the model chose. */
function NoPicture({ alt }: { readonly alt?: string }) {
  return <span>[picture{alt ? `: ${alt}` : ''}]</span>;
}

function Problem({ error }: { readonly error: { readonly code: string; readonly message: string } }) {
  return (
    <div className={styles['problem']}>
      {error.message} <span className="mono">{error.code}</span>
    </div>
  );
}
