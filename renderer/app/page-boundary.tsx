import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Notice } from '../ui/notice.tsx';

interface PageBoundaryProps {
  /** Another place is a fresh start. */
  readonly place: string;
  readonly children: ReactNode;
}

interface PageBoundaryState {
  readonly place: string;
  /** What broke, for whoever mends it. */
  readonly details: string | undefined;
}

/** Keeps an error of one page from taking the window with it: says so and offers a way on. The rest goes on working. */
export class PageBoundary extends Component<PageBoundaryProps, PageBoundaryState> {
  override state: PageBoundaryState = { place: this.props.place, details: undefined };

  static getDerivedStateFromProps({ place }: PageBoundaryProps, state: PageBoundaryState): PageBoundaryState | null {
    return place === state.place ? null : { place, details: undefined };
  }

  static getDerivedStateFromError(error: unknown): Pick<PageBoundaryState, 'details'> {
    return { details: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }

  override componentDidCatch(_error: unknown, { componentStack }: ErrorInfo): void {
    this.setState(({ place, details }) => ({ details: `Flotilla: ${place}\n${details}\n${componentStack ?? ''}` }));
  }

  override render(): ReactNode {
    const { details } = this.state;
    if (details === undefined) return this.props.children;
    return (
      <Notice
        role="alert"
        title="This page has a mistake in it"
        actions={
          <>
            <Button tone="primary" onClick={() => this.setState({ details: undefined })}>
              Show the page again
            </Button>
            <CopyButton text={details} label="Copy details" />
            <Button onClick={() => location.reload()}>Reload the window</Button>
          </>
        }
      >
        Runs are not touched, and the other pages work. The details help whoever mends it.
      </Notice>
    );
  }
}
