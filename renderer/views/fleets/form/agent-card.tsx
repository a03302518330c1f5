import { Trash2 } from 'lucide-react';
import { Button } from '../../../ui/button.tsx';
import { SegmentedControl } from '../../../ui/fields/segmented-control.tsx';
import { Select } from '../../../ui/fields/select.tsx';
import { AGENT_SOURCES, changeKind, changeSource } from './agent-source-model.ts';
import { ProviderChoice } from './choice-lists.tsx';
import { useFormDesk } from './form-context.ts';
import { FixedValue, NumberValue, ProseValue, TextValue } from './form-fields.tsx';
import { type AgentForm, textsField } from './form-model.ts';
import styles from './form-view.module.css';
import { applyTexts } from './yaml-edit-model.ts';

/** One entry of `agents`. */
export function AgentCard({ agent, isOnly }: { readonly agent: AgentForm; readonly isOnly: boolean }) {
  const { source, edit, replace } = useFormDesk();
  const { path, kind, name } = agent;
  const label = name === '' ? 'this agent' : name;
  return (
    <section className={styles['agent']} aria-label={`Agent ${label}`}>
      <div className={styles['agentHead']}>
        <TextValue path={[...path, 'name']} label="Name" isRequired isMono />
        <SegmentedControl
          label={`Kind of ${label}`}
          value={kind}
          options={[
            { value: 'model', label: 'Model' },
            { value: 'command', label: 'Program' },
          ]}
          onChange={(next) => replace(changeKind(source.text, path, next))}
        />
        <Button
          tone="quiet"
          aria-label={`Remove ${label}`}
          disabled={isOnly}
          onClick={() => edit({ kind: 'remove', path })}
        >
          <Trash2 aria-hidden="true" />
        </Button>
      </div>
      <SourceFields agent={agent} />
      <ProseValue
        path={[...path, 'prompt']}
        label="Prompt"
        hint="{{file}}, {{line}}, {{number}} or a table’s columns are filled in for each agent; {{index}} counts from 1."
      />
      {kind === 'command' ? <CommandField agent={agent} /> : <ModelFields agent={agent} />}
    </section>
  );
}

const SOURCE_HINTS = {
  files: 'A glob, relative to the workspace; what git ignores is left out.',
  lines: 'A text file, relative to the fleet file.',
  rows: 'A CSV, TSV or JSONL file, relative to the fleet file.',
} as const;

function SourceFields({ agent: { path, source: from } }: { readonly agent: AgentForm }) {
  const { source, replace } = useFormDesk();
  const each = [...path, 'each'];
  const options =
    from === 'unclear' ? [...AGENT_SOURCES, { value: 'unclear', label: 'As the text says' } as const] : AGENT_SOURCES;
  return (
    <div className={styles['row']}>
      <Select
        label="How many"
        value={from}
        options={options}
        onChange={(next) => replace(changeSource(source.text, path, next))}
      />
      {from === 'count' ? <NumberValue path={[...path, 'count']} label="Count" /> : null}
      {from === 'files' || from === 'lines' || from === 'rows' ? (
        <TextValue
          path={[...each, from]}
          label={from === 'files' ? 'Files' : 'File'}
          hint={SOURCE_HINTS[from]}
          isMono
          isRequired
        />
      ) : null}
      {from === 'range' ? (
        <>
          <NumberValue path={[...each, 'range', 'from']} label="From" min={-1_000_000_000} />
          <NumberValue path={[...each, 'range', 'to']} label="To" min={-1_000_000_000} />
        </>
      ) : null}
      {from === 'files' || from === 'lines' || from === 'rows' || from === 'range' ? (
        <NumberValue path={[...each, 'limit']} label="At most" />
      ) : null}
    </div>
  );
}

function ModelFields({ agent: { path } }: { readonly agent: AgentForm }) {
  return (
    <div className={styles['row']}>
      <ProviderChoice path={[...path, 'provider']} noneLabel="the fleet’s" />
      <TextValue path={[...path, 'model']} label="Model" placeholder="the fleet’s" isMono />
    </div>
  );
}

function CommandField({ agent: { path } }: { readonly agent: AgentForm }) {
  const { source, replace } = useFormDesk();
  const at = [...path, 'command'];
  const field = textsField(source, at);
  if (field.kind === 'fixed') return <FixedValue label="Command" field={field} />;
  const words = field.kind === 'value' ? field.value : [];
  return (
    <div className={styles['prose']}>
      <label htmlFor={at.join('-')}>Command</label>
      <textarea
        id={at.join('-')}
        rows={Math.min(10, words.length + 1)}
        value={words.join('\n')}
        spellCheck={false}
        onChange={({ target }) => replace(applyTexts(source.text, at, target.value.split('\n')))}
      />
      <span className={styles['hint']}>
        The program on the first line, one argument on each other; {'{{prompt}}'} stands for the prompt.
      </span>
    </div>
  );
}
