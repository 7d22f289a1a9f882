import "./about/schema.ts";
import "./collections/schema.ts";
import "./derivatives/schema.ts";
import "./destruction/schema.ts";
import "./editing/schema.ts";
import "./entities/schema/entity.ts";
import "./facets/schema.ts";
import "./facts/schema.ts";
import "./feed/schema.ts";
import "./originals/schema.ts";
import "./reverting/schema.ts";
import "./search/schema/connection.ts";
import "./search/schema/queries.ts";
import "./search/schema/search.ts";
import "./snapshots/schema.ts";
import "./stats/schema.ts";
import "./transactions/schema/transaction.ts";
import "./timeline/schema.ts";
import "./trash/schema.ts";
import "./uploads/schema.ts";
import "./versions/schema.ts";
import { builder } from "./graphql/builder.ts";
import { meterSchema } from "./graphql/metering.ts";
import { refuseNulls } from "./graphql/null-check.ts";
import { guardSchema } from "./graphql/permissions.ts";
import { hideFromWriters } from "./graphql/write-only.ts";

/** The whole API: every capability's `schema.ts` adds its types and fields to the builder when it is imported. */
export const schema = meterSchema(guardSchema(hideFromWriters(refuseNulls(builder.toSchema()))));
