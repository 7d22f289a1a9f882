import { useEffect } from "react";

const appName = "CoLAN Media Store";

/** What tabs, bookmarks and the browser's history call the place. @param name null while something else names it. */
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
