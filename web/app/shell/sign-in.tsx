import { KeyRound } from "lucide-react";
import { useState } from "react";

interface Props {
  /** Why one is asked again; null at first. */
  readonly message: string | null;
  readonly onToken: (token: string, isKept: boolean) => void;
  /** Goes on as an anonymous viewer; null for one who is anonymous already. */
  readonly onWithout: (() => void) | null;
}

/** Asks for a key or token. */
export function SignInForm({ message, onToken, onWithout }: Props) {
  const [token, setToken] = useState("");
  const [isKept, setKept] = useState(false);
  return (
    <form
      className="sign-in-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== "") onToken(token.trim(), isKept);
      }}
    >
      <p>Paste your API key or token.</p>
      {message != null && (
        <p role="alert" className="problem">
          {message}
        </p>
      )}
      <input
        type="password"
        autoFocus
        autoComplete="current-password"
        aria-label="Token"
        placeholder="colan_…"
        value={token}
        onChange={({ target }) => setToken(target.value)}
      />
      <label className="check">
        <input type="checkbox" checked={isKept} onChange={({ target }) => setKept(target.checked)} />
        Stay signed in on this device
      </label>
      <button type="submit" className="primary">
        Sign in
      </button>
      {!isKept && <small>Otherwise the key is forgotten when this tab is closed.</small>}
      {onWithout != null && (
        <button type="button" className="link" onClick={onWithout}>
          Go on without signing in
        </button>
      )}
    </form>
  );
}

/** For servers that show nothing to those whom they do not know. */
export function SignInPage(props: Props) {
  return (
    <main className="sign-in">
      <div>
        <KeyRound aria-hidden size={32} />
        <h1>CoLAN Media Store</h1>
        <SignInForm {...props} />
      </div>
    </main>
  );
}
