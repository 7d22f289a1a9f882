import { KeyRound } from "lucide-react";
import { useState } from "react";

interface Props {
  /** Why one is asked again; null at first. */
  readonly message: string | null;
  readonly onToken: (token: string) => void;
}

/** Asks for what says who somebody is. */
export function SignInForm({ message, onToken }: Props) {
  const [token, setToken] = useState("");
  return (
    <form
      className="sign-in-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== "") onToken(token.trim());
      }}
    >
      <p>Paste your token or API key. It is forgotten when this tab is closed.</p>
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
        value={token}
        onChange={({ target }) => setToken(target.value)}
      />
      <button type="submit" className="primary">
        Sign in
      </button>
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
