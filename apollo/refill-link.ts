import { ApolloLink, type Observable } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { EMPTY, expand, last, map, of, switchMap } from "rxjs";
import { connectionKey, sizeOf, type HeldConnection } from "./connection-policy.ts";
import { findListField, withPage, type ListField } from "./list-field.ts";
import { listKeyArgs } from "./type-policies.ts";

/** The options for this link in the `context` of an operation. */
export interface RefillContext {
  /** False: as many edges as the operation asks for, however many are held. */
  readonly refill?: boolean;
}

/** The API's own. */
const pageDefault = 20;
const pageMax = 100;
/** The pieces of one list have to be of one moment; where others never stop writing, it is tried this often. */
const attemptsMax = 3;

interface Piece {
  readonly edges?: readonly { readonly cursor?: string }[];
  readonly pageInfo?: Readonly<Record<string, unknown>>;
}

interface Progress {
  readonly result: ApolloLink.Result;
  /** How many edges the result has. */
  readonly count: number;
  /** The cursor where the next piece begins, null to begin from the start; undefined when nothing more is asked for. */
  readonly next: string | null | undefined;
  readonly attempt: number;
}

/**
 * Fetches a list by cursors with as many edges as the cache holds of it, 100 at a time: a user who has scrolled far is
 * not thrown back to the first page because the list had to be fetched again.
 */
export const createRefillLink = (): ApolloLink =>
  new ApolloLink((operation, forward) => {
    const field = findField(operation);
    const wanted = field == null ? 0 : heldOf(operation, field);
    if (field == null || wanted <= askedOf(field)) return forward(operation);
    return refill({ operation, forward, field, wanted });
  });

function findField(operation: ApolloLink.Operation): ListField | undefined {
  // Apps give this link's options in the context.
  const { refill } = operation.getContext() as RefillContext;
  if (operation.operationType !== OperationTypeNode.QUERY || refill === false) return undefined;
  const field = findListField(operation);
  return field?.args["after"] == null && field?.args["before"] == null ? field : undefined;
}

function askedOf({ args: { first, last } }: ListField): number {
  const asked = first ?? last ?? pageDefault;
  return typeof asked === "number" ? asked : pageDefault;
}

function heldOf({ client }: ApolloLink.Operation, { name, args }: ListField): number {
  const key = connectionKey(name, args, listKeyArgs);
  let size = 0;
  client.cache.modify({
    id: "ROOT_QUERY",
    broadcast: false,
    fields: {
      // Only looked at.
      [name]: (value: unknown, { storeFieldName }) => {
        // Written by the field's policy.
        if (storeFieldName === key) size = sizeOf(value as HeldConnection);
        return value;
      },
    },
  });
  return size;
}

interface Refill {
  readonly operation: ApolloLink.Operation;
  readonly forward: ApolloLink.ForwardFunction;
  readonly field: ListField;
  readonly wanted: number;
}

function refill(asked: Refill): Observable<ApolloLink.Result> {
  const { operation, forward } = asked;
  return readPiece(asked, undefined).pipe(
    expand((progress) => (progress.next === undefined ? EMPTY : readPiece(asked, progress))),
    last(),
    switchMap(({ result, count }) =>
      // A hundred may cost too much where the app's own page does not.
      count === 0 && result.errors != null ? forward(operation) : of(result),
    ),
  );
}

const isFromEnd = ({ args }: ListField) => args["last"] != null;

function readPiece(asked: Refill, before: Progress | undefined): Observable<Progress> {
  const { operation, forward, field, wanted } = asked;
  const joined = before?.next == null ? undefined : before;
  const count = Math.min(wanted - (joined?.count ?? 0), pageMax);
  const page = { isFromEnd: isFromEnd(field), count, cursor: joined?.next ?? null };
  return forward(withPage(operation, page)).pipe(
    map((result) => progressOf(asked, result, { joined, count, attempt: before?.attempt ?? 1 })),
  );
}

interface Before {
  readonly joined: Progress | undefined;
  /** How many edges were asked for. */
  readonly count: number;
  readonly attempt: number;
}

function progressOf(
  { field, wanted }: Refill,
  result: ApolloLink.Result,
  { joined, count, attempt }: Before,
): Progress {
  const piece = pieceOf(result, field);
  const over = (whole: ApolloLink.Result, held: number) => ({
    result: whole,
    count: held,
    next: undefined,
    attempt,
  });
  if (piece?.edges == null) {
    // The part before the failure is a list that is true, but shorter.
    const { errors } = result;
    if (joined == null) return over(result, 0);
    return over(errors == null ? joined.result : { ...joined.result, errors }, joined.count);
  }
  if (joined != null && momentOf(joined.result) !== momentOf(result) && attempt < attemptsMax)
    return { result: joined.result, count: 0, next: null, attempt: attempt + 1 };
  const whole = joined == null ? result : join(field, joined.result, result);
  const held = (joined?.count ?? 0) + piece.edges.length;
  const next = isFromEnd(field)
    ? (piece.edges[0]?.cursor ?? piece.pageInfo?.["startCursor"])
    : (piece.edges.at(-1)?.cursor ?? piece.pageInfo?.["endCursor"]);
  if (held >= wanted || piece.edges.length < count || typeof next !== "string") return over(whole, held);
  return { result: whole, count: held, next, attempt };
}

const momentOf = ({ extensions }: ApolloLink.Result): unknown => extensions?.["transactionId"];

const pieceOf = ({ data }: ApolloLink.Result, { alias }: ListField): Piece | undefined =>
  // The field's answer, as far as it was selected.
  (data as Readonly<Record<string, Piece | null | undefined>> | null | undefined)?.[alias] ?? undefined;

function join(field: ListField, one: ApolloLink.Result, other: ApolloLink.Result): ApolloLink.Result {
  const [a, b] = [pieceOf(one, field), pieceOf(other, field)];
  const [front, back] = isFromEnd(field) ? [b, a] : [a, b];
  const { hasPreviousPage, startCursor } = front?.pageInfo ?? {};
  const list = {
    ...b,
    edges: [...(front?.edges ?? []), ...(back?.edges ?? [])],
    ...(back?.pageInfo == null ? {} : { pageInfo: { ...back.pageInfo, hasPreviousPage, startCursor } }),
  };
  // The whole is as old as its first piece.
  const { extensions } = one;
  return { ...other, ...(extensions && { extensions }), data: { ...other.data, [field.alias]: list } };
}
