import { SetContextLink } from "@apollo/client/link/context";

/** A JSON Web Token or an API key, or how to get one; nothing for none. Asked for with every request. */
export type Token = Given | Promise<Given> | (() => Given | Promise<Given>);
type Given = string | null | undefined;

export async function authorizationOf(token: Token): Promise<{ authorization?: string }> {
  const given = await (typeof token === "function" ? token() : token);
  return given == null || given === "" ? {} : { authorization: `Bearer ${given}` };
}

const own = Symbol("authorization");

interface Context {
  readonly headers?: Readonly<Record<string, string>>;
  /** The header that this link has set, if the operation is tried again. */
  readonly [own]?: string | undefined;
}

/** Adds the token to operations that have no `authorization` of their own. */
export const createTokenLink = (token: Token): SetContextLink =>
  new SetContextLink(async (context) => {
    // As links have it by custom.
    const { headers, [own]: former } = context as Context;
    const { authorization: given, ...others } = headers ?? {};
    if (given != null && given !== former) return {};
    const { authorization } = await authorizationOf(token);
    return { headers: authorization == null ? others : { ...others, authorization }, [own]: authorization };
  });
