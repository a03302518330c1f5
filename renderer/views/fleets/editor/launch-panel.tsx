import { Play } from 'lucide-react';
import { Link } from 'wouter';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { pathTo } from '../../../app/path-to.ts';
import { Chip } from '../../../ui/chip.tsx';
import { Button } from '../../../ui/button.tsx';
import { Kbd } from '../../../ui/kbd.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { PreviewPanel } from '../preview/preview-panel.tsx';
import styles from './editor-page.module.css';
import type { FleetCheck } from './use-fleet-check.ts';

interface LaunchPanelProps {
  readonly check: FleetCheck;
  /** Why it cannot be launched now. */
  readonly obstacle: string | undefined;
  readonly isLaunching: boolean;
  readonly error: AppError | undefined;
  readonly onLaunch: () => void;
}

/** What will start, and the button that starts it. */
export function LaunchPanel({ check, obstacle, isLaunching, error, onLaunch }: LaunchPanelProps) {
  return (
    <Panel
      title="What will start"
      aside={check.lastPreview && !check.preview ? <Chip tone="warn">before the mistakes</Chip> : undefined}
      className={styles['launch'] ?? ''}
    >
      <div className={styles['launchBody']}>
        <Expected check={check} />
      </div>
      <div className={styles['launchFoot']}>
        {error ? <LaunchError error={error} /> : null}
        <Button
          tone="primary"
          aria-describedby="launch-obstacle"
          disabled={obstacle !== undefined}
          isBusy={isLaunching}
          onClick={onLaunch}
        >
          <Play aria-hidden="true" />
          Launch
        </Button>
        <span id="launch-obstacle" className={styles['obstacle']}>
          {obstacle ?? <Kbd keys="mod+enter" />}
        </span>
      </div>
    </Panel>
  );
}

function Expected({ check }: { readonly check: FleetCheck }) {
  if (check.failure) {
    return (
      <Notice
        role="alert"
        title="The text could not be checked"
        actions={<Button onClick={check.failure.retry}>Try again</Button>}
      >
        {check.failure.error.message}
      </Notice>
    );
  }
  if (check.lastPreview) return <PreviewPanel preview={check.lastPreview} isOld={!check.preview || !check.isNewest} />;
  if (check.problems.length > 0)
    return <p className={styles['waiting']}>What will start is shown here as soon as the text has no mistakes.</p>;
  return <Skeleton what="what will start" lines={6} />;
}

const NEEDS_SETTINGS: readonly string[] = ['PROVIDER_KEY_MISSING', 'PROVIDER_AUTH_REFUSED', 'PROVIDER_UNREACHABLE'];

function LaunchError({ error }: { readonly error: AppError }) {
  return (
    <p role="alert" className={styles['launchError']}>
      {error.message} {NEEDS_SETTINGS.includes(error.code) ? <Link href={pathTo.settings}>Open Settings</Link> : null}
    </p>
  );
}
