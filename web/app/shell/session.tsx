import { ApolloProvider } from "@apollo/client/react";
import { useMemo, useState } from "react";
import { createClient } from "../client.ts";
import { App } from "./app.tsx";
import { ConfirmProvider } from "./confirm.tsx";
import { Dialog } from "./dialog.tsx";
import { NoticeBoard } from "./notices.tsx";
import { SignInForm, SignInPage } from "./sign-in.tsx";
import { undoAll } from "./undo-all.ts";
import { RightsProvider } from "./viewer.tsx";

/** Forgotten with the tab unless the viewer wants it kept: the next user of the machine must not be this viewer. */
const tokenKey = "colan token";

const keptToken = () => sessionStorage.getItem(tokenKey) ?? localStorage.getItem(tokenKey);

function keepToken(token: string, isKept: boolean): void {
  const [mine, other] = isKept ? [localStorage, sessionStorage] : [sessionStorage, localStorage];
  mine.setItem(tokenKey, token);
  other.removeItem(tokenKey);
}

function forgetToken(): void {
  sessionStorage.removeItem(tokenKey);
  localStorage.removeItem(tokenKey);
}

interface Refusal {
  readonly message: string;
  /** Whether it was a change: those who may look go on looking. */
  readonly isChange: boolean;
}

function signOut(): void {
  forgetToken();
  // Everything that was shown to this viewer goes too.
  window.location.assign(window.location.pathname);
}

/** Signs the viewer in, and shows the app. */
export function Session() {
  const [token, setToken] = useState(keptToken);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const client = useMemo(
    () =>
      createClient({
        token,
        onRefused: (message, isChange) => {
          // Or the next tab would begin with it.
          if (token != null) forgetToken();
          setRefusal((was) => (was?.isChange === false ? was : { message, isChange }));
        },
      }),
    [token],
  );
  const signIn = {
    // Before the first token there is nothing to refuse.
    message: token == null ? null : (refusal?.message ?? null),
    onWithout:
      token == null
        ? null
        : () => {
            forgetToken();
            setToken(null);
            setRefusal(null);
          },
    onToken: (given: string, isKept: boolean) => {
      client.stop();
      keepToken(given, isKept);
      setToken(given);
      setRefusal(null);
    },
  };
  if (refusal?.isChange === false) return <SignInPage {...signIn} />;
  return (
    <ApolloProvider client={client}>
      <NoticeBoard
        onUndo={async (transactions) => {
          await undoAll(client, transactions);
          await client.refetchQueries({ include: "active" });
        }}
      >
        <ConfirmProvider>
          <RightsProvider>
            <App
              onSignOut={token == null ? null : signOut}
              onSignIn={() => setRefusal({ message: "", isChange: true })}
            />
          </RightsProvider>
        </ConfirmProvider>
        {refusal != null && (
          <Dialog title="Sign in to change the library" onClose={() => setRefusal(null)}>
            <SignInForm {...signIn} />
          </Dialog>
        )}
      </NoticeBoard>
    </ApolloProvider>
  );
}
