import { useQuery } from "@apollo/client/react";
import { X } from "lucide-react";
import { countFilters, partsOf, toggledPart, unfiltered, type Place } from "../shell/place.ts";
import { questionOf } from "../shell/question.ts";
import type { Go } from "../shell/use-place.ts";
import { Group } from "./group.tsx";
import { SURROUNDINGS } from "./operations.ts";
import { Years } from "./years.tsx";

const capitalised = (value: string) => value.charAt(0) + value.slice(1).toLowerCase();

interface Props {
  readonly place: Place;
  readonly go: Go;
}

const filterOf = (place: Place, change: Partial<Place>) => questionOf({ ...place, ...change }).filter;

/** How the list shares out, and a way to see some shares only. */
export function Facets({ place, go }: Props) {
  const { search, trash } = questionOf(place);
  const { data, previousData } = useQuery(SURROUNDINGS, {
    variables: {
      byType: filterOf(place, { type: null }),
      byYear: filterOf(place, { year: null }),
      byCamera: filterOf(place, { camera: null }),
      byProblems: filterOf(place, { problems: "only" }),
      ...{ search, trash },
    },
  });
  const shown = data ?? previousData;
  if (shown == null) return <div className="facets" aria-busy />;
  const bucketsOf = (page: typeof shown.types) => page.facets[0]?.buckets ?? [];
  const [types, years, cameras] = [shown.types, shown.years, shown.cameras].map(bucketsOf);
  const problems = shown.problems.pagination.totalItems;
  const filters = countFilters(place);
  const isEmpty = [types, years, cameras].every((buckets) => buckets?.length === 0) && filters === 0;
  return (
    <div className="facets" role="group" aria-label="Filters">
      {filters > 0 && (
        <button type="button" onClick={() => go(unfiltered)}>
          <X aria-hidden size={14} /> Clear filters
        </button>
      )}
      {isEmpty && <p>There is nothing here to filter yet.</p>}
      <Group
        title="Type"
        buckets={types ?? []}
        chosen={partsOf(place.type)}
        nameOf={capitalised}
        onToggle={(value) => go({ type: toggledPart(place.type, value) })}
      />
      <Years year={place.year} buckets={years ?? []} onYear={(year) => go({ year })} />
      <Group
        title="Camera"
        buckets={cameras ?? []}
        chosen={place.camera == null ? [] : [place.camera]}
        onToggle={(value) => go({ camera: place.camera === value ? null : value })}
      />
      {(problems > 0 || place.problems != null) && (
        <Group
          title="State"
          buckets={[{ value: "With problems", count: problems }]}
          chosen={place.problems == null ? [] : ["With problems"]}
          onToggle={() => go({ problems: place.problems == null ? "only" : null })}
        />
      )}
    </div>
  );
}
