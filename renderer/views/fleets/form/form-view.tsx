import { Plus } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { Button } from '../../../ui/button.tsx';
import { toCounted } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice.tsx';
import { AgentCard } from './agent-card.tsx';
import { toNewAgent } from './agent-source-model.ts';
import { AllowChoice, ProviderChoice, ToolChoice } from './choice-lists.tsx';
import { FormContext, type FormDesk } from './form-context.ts';
import { FormSection, NumberValue, TextValue } from './form-fields.tsx';
import { MAX_FORM_AGENTS } from './form-model.ts';
import styles from './form-view.module.css';
import { useShownForm } from './use-shown-form.ts';
import { applyEdit } from './yaml-edit-model.ts';
import { findNode } from './yaml-source.ts';
import { isSeq } from 'yaml';

interface FleetFormViewProps {
  readonly text: string;
  readonly onText: (text: string | undefined) => void;
  readonly onShowLine: (line: number) => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
}

/**
 * The common fields of a fleet file. Every change is a change of the text, so comments stay and one history covers both. While the
 * text cannot be read, as in the middle of a word, the fields of before stay in sight and take nothing.
 */
export function FleetFormView({ text, onText, onShowLine, onUndo, onRedo }: FleetFormViewProps) {
  const { form, shown } = useShownForm(text);
  if (form.kind === 'large') {
    return (
      <Notice title="This file is too large for the form" role="status">
        Its text is checked and launched as any other; change it there.
      </Notice>
    );
  }
  if (!shown) {
    const { line } = form;
    return (
      <Notice
        title="The form waits for the text"
        role="status"
        actions={<Button onClick={() => onShowLine(line)}>Show line {line}</Button>}
      >
        Line {line} cannot be read as YAML. What is wrong there stands in the list of mistakes.
      </Notice>
    );
  }
  const desk: FormDesk = {
    source: shown.source,
    edit: (edit) => onText(applyEdit(shown.source.text, edit)),
    replace: onText,
    showLine: onShowLine,
    ownProviders: shown.ownProviders,
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || (key !== 'z' && key !== 'y')) return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) onRedo();
    else onUndo();
  };
  return (
    <FormContext value={desk}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- hears undo for the fields in it */}
      <form
        className={styles['form']}
        aria-label="Form of the fleet"
        inert={form.kind === 'broken'}
        onKeyDown={onKeyDown}
        onSubmit={(event) => event.preventDefault()}
      >
        <GeneralSections />
        <FormSection title="Agents" note={toAgentNote(shown.source)}>
          {shown.agents.map((agent) => (
            <AgentCard key={agent.path.join(' ')} agent={agent} isOnly={shown.agents.length === 1} />
          ))}
          <div>
            <Button
              onClick={() =>
                desk.edit({ kind: 'append', path: ['agents'], value: toNewAgent(shown.agents.map(({ name }) => name)) })
              }
            >
              <Plus aria-hidden="true" />
              Add an agent
            </Button>
          </div>
        </FormSection>
        <LimitSections />
      </form>
      <WaitNote line={form.kind === 'broken' ? form.line : undefined} onShowLine={onShowLine} />
    </FormContext>
  );
}

interface WaitNoteProps {
  /** The one that cannot be read; absent while the form takes changes. */
  readonly line: number | undefined;
  readonly onShowLine: (line: number) => void;
}

/** Why the form takes no changes, below it, so that nothing in it moves. */
function WaitNote({ line, onShowLine }: WaitNoteProps) {
  return (
    <div className={styles['waits']} role="status">
      {line === undefined ? null : (
        <>
          <span>The form waits for line {line}.</span>
          <Button size="small" tone="quiet" onClick={() => onShowLine(line)}>
            Show line {line}
          </Button>
        </>
      )}
    </div>
  );
}

function toAgentNote(source: FormDesk['source']): string {
  const list = findNode(source, ['agents']);
  const count = isSeq(list) ? list.items.length : 0;
  if (count > MAX_FORM_AGENTS)
    return `the first ${MAX_FORM_AGENTS} of ${toCounted(count, 'entry', 'entries')}; the text has them all`;
  return toCounted(count, 'entry', 'entries');
}

function GeneralSections() {
  return (
    <>
      <FormSection title="Fleet">
        <div className={styles['row']}>
          <TextValue path={['name']} label="Name" isRequired isMono />
          <TextValue
            path={['workspace']}
            label="Workspace"
            placeholder="."
            hint="The folder agents work in, relative to this file."
            isMono
          />
        </div>
        <TextValue path={['description']} label="Description" placeholder="What it is for, in a sentence." />
      </FormSection>
      <FormSection title="Model">
        <div className={styles['row']}>
          <ProviderChoice path={['provider']} noneLabel="none: the model says it" />
          <TextValue
            path={['model']}
            label="Model"
            placeholder="sim/default"
            hint="sim/… is the simulator: no key, no network."
            isMono
          />
        </div>
      </FormSection>
      <FormSection title="Tools" note="what model agents are offered">
        <ToolChoice path={['tools']} />
      </FormSection>
      <FormSection title="Allowed" note="denied unless ticked">
        <AllowChoice />
      </FormSection>
    </>
  );
}

function LimitSections() {
  return (
    <>
      <FormSection title="Limits">
        <div className={styles['numbers']}>
          <NumberValue path={['limits', 'concurrentAgents']} label="At the same time" unit="agents" />
          <NumberValue path={['limits', 'turns']} label="Turns of each" />
          <NumberValue path={['limits', 'toolCalls']} label="Tool calls of each" />
          <NumberValue path={['limits', 'minutes']} label="Time of each" unit="min" min={0} />
        </div>
      </FormSection>
      <FormSection title="Budget" note="used up, the run pauses and asks">
        <div className={styles['numbers']}>
          <NumberValue path={['budget', 'usd']} label="Cost" unit="US$" min={0} />
          <NumberValue path={['budget', 'tokens']} label="Tokens" />
        </div>
      </FormSection>
      <FormSection title="Results">
        <TextValue
          path={['output', 'results']}
          label="File"
          placeholder="none"
          hint="One JSON line per agent, relative to this file."
          isMono
        />
      </FormSection>
    </>
  );
}
