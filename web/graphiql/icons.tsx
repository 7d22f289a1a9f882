/** In the style of GraphiQL's own: outlines of the text's colour. */
const outline = {
  viewBox: "0 0 24 24",
  fill: "none",
  stroke: "currentColor",
  strokeWidth: 1.5,
  strokeLinecap: "round",
  strokeLinejoin: "round",
  "aria-hidden": true,
} as const;

export const PaperClipIcon = () => (
  <svg {...outline} width="1em" height="1em">
    <path d="M20 11.5 12 19.4a5 5 0 0 1-7.1-7.1l8.3-8.2a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.2a1.7 1.7 0 0 1-2.4-2.4l7.6-7.5" />
  </svg>
);

export const LinkIcon = () => (
  <svg {...outline} className="graphiql-toolbar-icon">
    <path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.7 1.7" />
    <path d="M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.7-1.7" />
  </svg>
);

export const ExamplesIcon = () => (
  <svg {...outline} className="graphiql-toolbar-icon">
    <path d="M4 5.5A2.5 2.5 0 0 1 6.5 3H20v15H6.5A2.5 2.5 0 0 0 4 20.5z" />
    <path d="M4 20.5A2.5 2.5 0 0 0 6.5 21H20v-3M8.5 7.5h7M8.5 11h5" />
  </svg>
);
