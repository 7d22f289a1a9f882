import { ToolbarButton, ToolbarMenu, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import type { ReactNode } from "react";
import { examplesAt, type Example } from "./examples.ts";
import { ExamplesIcon, LinkIcon } from "./icons.tsx";
import { linkOf } from "./shared-link.ts";

/** Opens an example in a new tab, after the first ones were closed or changed. */
function ExamplesMenu() {
  const actions = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const open = ({ query, variables }: Example) => {
    actions.addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
  };
  return (
    <ToolbarMenu
      button={
        <button
          type="button"
          className="graphiql-un-styled graphiql-toolbar-button"
          aria-label="Examples"
          title="Examples"
        >
          <ExamplesIcon />
        </button>
      }
    >
      {examplesAt(new Date()).map((example) => (
        <ToolbarMenu.Item
          key={example.title}
          onSelect={() => {
            open(example);
          }}
        >
          {example.title}
        </ToolbarMenu.Item>
      ))}
    </ToolbarMenu>
  );
}

function ShareButton() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const share = () => {
    const query = queryEditor?.getValue() ?? "";
    const link = linkOf({ query, variables: variableEditor?.getValue() ?? "" }, location.href);
    history.replaceState(null, "", link);
    // Not there over plain HTTP but on this machine; the address bar has it anyway.
    if (window.isSecureContext) void navigator.clipboard.writeText(link).catch(() => undefined);
  };
  return (
    <ToolbarButton onClick={share} label="Copy a link to this query and its variables">
      <LinkIcon />
    </ToolbarButton>
  );
}

export const Tools = ({ own }: { own: ReactNode }) => (
  <>
    {own}
    <ShareButton />
    <ExamplesMenu />
  </>
);
