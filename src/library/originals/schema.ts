import { fieldColumns } from "../entities/schema/columns.ts";
import { EntityState } from "../entities/schema/entity-state.ts";
import { builder } from "../../graphql/builder.ts";
import { fileUrlOf } from "./url.ts";

builder.interfaceField(EntityState, "fileUrl", (t) =>
  t.string({
    nullable: true,
    description:
      "Where the file's bytes are, the same ones forever; absolute when PUBLIC_URL is set, else relative to the " +
      "API's own URL. Null for a collection.",
    args: {
      download: t.arg.boolean({
        defaultValue: false,
        description: "Whether browsers shall save the file under its name instead of showing it.",
      }),
    },
    extensions: fieldColumns("md5", "sha256", "filePath"),
    resolve: (state, { download }, context) => fileUrlOf(context, state, download === true),
  }),
);
