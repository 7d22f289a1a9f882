import { Component, type ErrorInfo, type ReactNode } from "react";

interface State {
  readonly error: Error | null;
}

/** A fault of the page takes nothing with it: the library is on the server. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override componentDidCatch(error: Error, { componentStack }: ErrorInfo): void {
    console.error(error, componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error == null) return this.props.children;
    return (
      <main className="sign-in" role="alert">
        <div>
          <h1>Something went wrong on this page</h1>
          <p>Your library is not affected. Reloading usually helps.</p>
          <details>
            <summary>Details for a report</summary>
            <pre>{error.stack ?? error.message}</pre>
          </details>
          <p className="choices">
            <button type="button" className="primary" onClick={() => window.location.reload()}>
              Reload
            </button>{" "}
            {/* In case it is this very place that cannot be shown. */}
            <a className="button" href={window.location.pathname}>
              To the library
            </a>
          </p>
        </div>
      </main>
    );
  }
}
