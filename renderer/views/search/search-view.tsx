import { Link } from 'wouter';
import { pathTo } from '../../app/path-to.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { TextField } from '../../ui/fields/text-field.tsx';
import { toClockTime, toCount, toCounted, toDateTime } from '../../ui/format.ts';
import { LoadedView, Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { FoundText } from '../../../shared/contract/history.ts';
import { type FoundRun, groupByRun, toExcerpt, toPlaceText } from './search-model.ts';
import { valueOf } from '../../rpc/loaded.ts';
import { toEntryName } from '../runs/agent/entry-name.ts';
import { AgentsPanel } from './agents-panel.tsx';
import styles from './search-view.module.css';
import { useFoundAgents } from './use-found-agents.ts';
import { type Found, useSearch, useTypedSearch } from './use-search.ts';

/** The page "Search": agents by name, and every prompt, answer and tool output that is recorded. The address holds the text. */
export function SearchView({ text = '' }: { readonly text?: string }) {
  const { typed, type } = useTypedSearch(text);
  return (
    <Page title="Search" subtitle="Agents by name; prompts, answers and tool output of every recorded run">
      <TextField
        label="Search everything recorded"
        isLabelHidden
        type="search"
        size="large"
        placeholder="An agent's name, or words of a prompt, an answer or a tool's output"
        maxLength={500}
        value={typed}
        hasFirstFocus
        onChange={type}
      />
      {text === '' ? (
        <Notice title="Type what you look for">
          Every word must be found, in any order; of an agent's name any part will do. The newest finds come first; each
          leads to its agent.
        </Notice>
      ) : (
        <Results text={text} />
      )}
    </Page>
  );
}

function Results({ text }: { readonly text: string }) {
  const { found, more, isLoadingMore } = useSearch(text);
  const { found: agents, ...ofAgents } = useFoundAgents(text);
  const byName = valueOf(agents);
  const hasAgents = byName !== undefined && (byName.agents.length > 0 || byName.hasMore);
  return (
    <div className={styles['results']}>
      {agents.kind === 'failed' ? (
        <LoadedView of={agents} what="agents by name">
          {() => null}
        </LoadedView>
      ) : null}
      {hasAgents ? <AgentsPanel found={byName} {...ofAgents} /> : null}
      <LoadedView of={found} what="finds">
        {(value, isStale) => (
          <>
            <Summary found={value} isStale={isStale} />
            {value.hits.length > 0 ? (
              groupByRun(value.hits).map((run) => <RunFinds key={`${run.runId} ${run.hits[0]?.atMs}`} run={run} />)
            ) : agents.kind === 'loading' ? null : (
              <NoneFound text={text} hasAgents={hasAgents} />
            )}
            {value.hasMore ? (
              <Button isBusy={isLoadingMore} onClick={more}>
                {isLoadingMore ? 'Loading …' : 'Show more'}
              </Button>
            ) : null}
          </>
        )}
      </LoadedView>
    </div>
  );
}

function Summary({ found, isStale }: { readonly found: Found; readonly isStale: boolean }) {
  const { length } = found.hits;
  const count = found.hasMore ? `${toCount(length)} or more finds` : toCounted(length, 'find');
  return (
    <div className={styles['summary']} role="status">
      {length === 0 ? '' : count}
      {isStale ? <Chip>as last found</Chip> : null}
      {found.wordLag > 0 ? (
        <span className={styles['lag']}>
          The word index is behind: up to {toCount(found.wordLag)} of the newest rows are not searched yet. Search again
          in a moment.
        </span>
      ) : null}
    </div>
  );
}

function NoneFound({ text, hasAgents }: { readonly text: string; readonly hasAgents: boolean }) {
  return (
    <Notice title={hasAgents ? `No prompt, answer or output holds “${text}”` : `Nothing holds “${text}”`}>
      Every word has to stand in the same prompt, answer or output. Try fewer words, or only the beginning of the
      sentence.
    </Notice>
  );
}

function RunFinds({ run }: { readonly run: FoundRun }) {
  const [first] = run.hits;
  return (
    <Panel isFlush label={`Finds in ${run.fleet}`}>
      <div className={styles['run']}>
        <h2>
          <Link href={pathTo.run(run.runId)}>{run.fleet}</Link>
        </h2>
        <span className="mono">{run.runId}</span>
        <span className={styles['when']}>{first ? toDateTime(first.atMs) : null}</span>
      </div>
      <ol className={styles['hits']}>
        {run.hits.map((hit, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- finds only ever grow at the end
          <Hit key={`${hit.agent} ${hit.atMs} ${index}`} hit={hit} />
        ))}
      </ol>
    </Panel>
  );
}

function Hit({ hit }: { readonly hit: FoundText }) {
  return (
    <li>
      <Link href={pathTo.entry(hit.runId, hit.agent, toEntryName(hit))} className={styles['hit']}>
        <span className={styles['where']}>
          <b>{hit.name}</b> {toPlaceText(hit)}
          <time dateTime={new Date(hit.atMs).toISOString()}>{toClockTime(hit.atMs)}</time>
        </span>
        <span className={styles['text']}>
          {toExcerpt(hit.text, hit.marks).map(({ text, isMarked }, index) =>
            // oxlint-disable-next-line react/no-array-index-key -- a piece is its place
            isMarked ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
          )}
        </span>
      </Link>
    </li>
  );
}
