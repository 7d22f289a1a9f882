import { useQuery } from "@apollo/client/react";
import { X } from "lucide-react";
import type { FacetField } from "../generated/graphql.ts";
import { formatCount } from "../shell/format.ts";
import type { Place } from "../shell/place.ts";
import type { Question } from "../shell/question.ts";
import type { Go } from "../shell/use-place.ts";
import { SURROUNDINGS } from "./operations.ts";

type Key = "type" | "year" | "camera";

const facets: Partial<Record<FacetField, { readonly key: Key; readonly title: string }>> = {
  TYPE: { key: "type", title: "Type" },
  YEAR: { key: "year", title: "Year" },
  CAMERA_MODEL: { key: "camera", title: "Camera" },
};

const nameOf = (key: Key, value: string) =>
  key === "type" ? value.charAt(0) + value.slice(1).toLowerCase() : value;

interface Props {
  readonly place: Place;
  readonly question: Question;
  readonly go: Go;
}

/** How the list shares out, and a way to see one share only. */
export function Facets({ place, question, go }: Props) {
  const { filter, search, trash } = question;
  const { data } = useQuery(SURROUNDINGS, { variables: { filter, search, trash } });
  return (
    <div className="facets">
      {data?.entities.facets.map(({ field, buckets }) => {
        const facet = facets[field];
        if (facet == null || buckets.length === 0) return null;
        const { key, title } = facet;
        return (
          <fieldset key={field}>
            <legend>{title}</legend>
            {buckets.map(({ value, count }) => (
              <button
                key={value}
                type="button"
                aria-pressed={place[key] === value}
                onClick={() => go({ [key]: place[key] === value ? null : value })}
              >
                {nameOf(key, value)} <small>{formatCount(count)}</small>
              </button>
            ))}
          </fieldset>
        );
      })}
      {(place.type ?? place.year ?? place.camera) != null && (
        <button type="button" onClick={() => go({ type: null, year: null, camera: null })}>
          <X aria-hidden size={14} /> Clear filters
        </button>
      )}
    </div>
  );
}
