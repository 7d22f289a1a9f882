import { useQuery } from "@apollo/client/react";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { formatCount } from "../shell/format.ts";
import { countFilters, partsOf, toggledPart, unfiltered, type Place } from "../shell/place.ts";
import { questionOf } from "../shell/question.ts";
import type { Go } from "../shell/use-place.ts";
import { SURROUNDINGS } from "./operations.ts";

interface Bucket {
  readonly value: string;
  readonly count: number;
}

const capitalised = (value: string) => value.charAt(0) + value.slice(1).toLowerCase();

/** What is chosen stays to be seen, also where it leaves nothing. */
function withChosen(buckets: readonly Bucket[], chosen: readonly string[]): readonly Bucket[] {
  const missing = chosen.filter((value) => !buckets.some((bucket) => bucket.value === value));
  return [...buckets, ...missing.map((value) => ({ value, count: 0 }))];
}

interface GroupProps {
  readonly title: string;
  readonly buckets: readonly Bucket[];
  readonly chosen: readonly string[];
  readonly nameOf?: (value: string) => string;
  readonly onToggle: (value: string) => void;
}

function Group({ title, buckets, chosen, nameOf = (value) => value, onToggle }: GroupProps): ReactNode {
  const shown = withChosen(buckets, chosen);
  if (shown.length === 0) return null;
  return (
    <fieldset>
      <legend>{title}</legend>
      {shown.map(({ value, count }) => (
        <button
          key={value}
          type="button"
          aria-pressed={chosen.includes(value)}
          onClick={() => onToggle(value)}
        >
          {nameOf(value)} <small>{formatCount(count)}</small>
        </button>
      ))}
    </fieldset>
  );
}

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
      <Group
        title="Year"
        buckets={(years ?? []).toSorted((one, other) => other.value.localeCompare(one.value))}
        chosen={partsOf(place.year)}
        onToggle={(value) => go({ year: toggledPart(place.year, value) })}
      />
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
