import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ErrorBoundary } from "./shell/error-boundary.tsx";
import { Session } from "./shell/session.tsx";
import "./shell/base.css";
import "./shell/shell.css";
import "./search/search.css";
import "./library/library.css";
import "./collections/collections.css";
import "./selection/selection.css";
import "./history/history.css";
import "./upload/upload.css";
import "./viewer/viewer.css";
import "./shell/narrow.css";

const element = document.getElementById("root");
if (element == null) throw new Error("the page has no element #root");
createRoot(element).render(
  <StrictMode>
    <ErrorBoundary>
      <Session />
    </ErrorBoundary>
  </StrictMode>,
);
