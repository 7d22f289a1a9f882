import { batched } from "../library/entities/loaders.ts";
import type { Problem } from "../library/entities/facts.ts";
import { perRevision } from "../graphql/context.ts";
import { listFailures } from "./failures.ts";
import { listShown, type Shown } from "./pictures.ts";

/** By the id of the original; null for what cannot be seen. */
export const shownLoader = perRevision(({ db }) =>
  batched<number, Shown | null>((ids) => listShown(db, ids), null),
);

/** By the id of the original. */
export const failureLoader = perRevision(({ db }) =>
  batched<number, Problem[]>((ids) => listFailures(db, ids), []),
);
