import { useEffect } from "react";

const appName = "CoLAN Media Store";

/** The name of the place in tabs, bookmarks and the browser's history. @param name null while something else names it. */
export function useTitle(name: string | null): void {
  useEffect(() => {
    if (name == null) return;
    const was = document.title;
    document.title = name === "" ? appName : `${name} – ${appName}`;
    return () => {
      document.title = was;
    };
  }, [name]);
}
