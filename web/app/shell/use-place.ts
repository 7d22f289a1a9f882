import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { formatPlace, parsePlace, type Place } from "./place.ts";

export type Go = (change: Partial<Place>, options?: { readonly replace?: boolean }) => void;

/** Where the app is, and how it goes elsewhere: what is not said stays. */
export function usePlace(): readonly [Place, Go] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const place = useMemo(() => parsePlace(search), [search]);
  const go = useCallback<Go>(
    (change, { replace = false } = {}) => {
      navigate(`${path}${formatPlace({ ...parsePlace(window.location.search), ...change })}`, { replace });
    },
    [navigate, path],
  );
  return [place, go];
}
