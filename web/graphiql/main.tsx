import "./workers.ts";
import "graphiql/style.css";
import "./files.css";
import { HISTORY_PLUGIN, GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { attachments } from "./attachments.ts";
import { examplesAt } from "./examples.ts";
import { createFetcher } from "./fetcher.ts";
import { filePlugin } from "./file-panel.tsx";
import { sharedBy } from "./shared-link.ts";
import { keepsHeaders, storageWithoutTokens } from "./storage.ts";
import { Tools } from "./toolbar.tsx";

// The page is at the API's own path, also behind a proxy.
const fetcher = createFetcher(location.pathname, attachments);
const plugins = [filePlugin, HISTORY_PLUGIN];
const examples = examplesAt(new Date());
const shared = sharedBy(location.href);
const defaultTabs = shared == null ? examples : [shared, ...examples];

/** GraphiQL fills the variables of its first tab from nowhere else, as long as nothing was ever edited. */
const first = localStorage.getItem("graphiql:query") == null ? defaultTabs[0] : undefined;
const initial = shared ?? first;

/** The placeholder of a file in the variables; without it the editor marks it as an error. */
const customScalarSchemas = { Upload: { type: "null", description: "A file of the panel." } } as const;

const storage = storageWithoutTokens(localStorage);

function App() {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={defaultTabs.map(({ query, variables }) => ({ query, variables }))}
      {...(initial == null ? {} : { initialQuery: initial.query, initialVariables: initial.variables })}
      customScalarSchemas={customScalarSchemas}
      storage={storage}
      // GraphiQL forgets the choices of its settings unless this is set.
      shouldPersistHeaders={keepsHeaders(localStorage)}
      showPersistHeadersSettings
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <span className="page-title" title="CoLAN Media Store">
          CoLAN
        </span>
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, merge, copy }) => (
          <Tools
            own={
              <>
                {prettify}
                {merge}
                {copy}
              </>
            }
          />
        )}
      </GraphiQL.Toolbar>
    </GraphiQL>
  );
}

const place = document.getElementById("graphiql");
if (place == null) throw new Error("the page has no place for GraphiQL");
createRoot(place).render(<App />);
