import { ApolloProvider } from "@apollo/client/react";
import { useMemo, useState } from "react";
import { createClient } from "../client.ts";
import { App } from "./app.tsx";
import { ConfirmProvider } from "./confirm.tsx";
import { Dialog } from "./dialog.tsx";
import { NoticeBoard } from "./notices.tsx";
import { UNDO } from "./operations.ts";
import { SignInForm, SignInPage } from "./sign-in.tsx";

/** Forgotten with the tab: whoever uses the machine next shall not be this viewer. */
const tokenKey = "colan token";

interface Refusal {
  readonly message: string;
  /** Whether it was a change: those who may look go on looking. */
  readonly isChange: boolean;
}

function signOut(): void {
  sessionStorage.removeItem(tokenKey);
  // Everything that was shown to this viewer goes too.
  window.location.assign(window.location.pathname);
}

/** Who is asking, and the app for them. */
export function Session() {
  const [token, setToken] = useState(() => sessionStorage.getItem(tokenKey));
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const client = useMemo(
    () =>
      createClient({
        token,
        onRefused: (message, isChange) =>
          setRefusal((was) => (was?.isChange === false ? was : { message, isChange })),
      }),
    [token],
  );
  const signIn = {
    // At first nobody has said anything that could have been refused.
    message: token == null ? null : (refusal?.message ?? null),
    onToken: (given: string) => {
      client.stop();
      sessionStorage.setItem(tokenKey, given);
      setToken(given);
      setRefusal(null);
    },
  };
  if (refusal?.isChange === false) return <SignInPage {...signIn} />;
  return (
    <ApolloProvider client={client}>
      <NoticeBoard
        onUndo={async (id) => {
          await client.mutate({ mutation: UNDO, variables: { id } });
          await client.refetchQueries({ include: "active" });
        }}
      >
        <ConfirmProvider>
          <App onSignOut={token == null ? null : signOut} />
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
