import { ArrowDownWideNarrow } from "lucide-react";
import { orders, type Order, type Place } from "./place.ts";
import type { Go } from "./use-place.ts";

const orderNames: Readonly<Record<Order, string>> = {
  captured: "Newest taken",
  added: "Newest added",
  name: "Name",
  size: "Largest",
};

/** Which comes first; on phones it is an icon over the same list. */
export function OrderSelect({ place, go }: { readonly place: Place; readonly go: Go }) {
  return (
    <label className="order" title="Order">
      <ArrowDownWideNarrow aria-hidden size={18} />
      <select
        aria-label="Order"
        value={place.order}
        // `orders` is all that the options can be.
        onChange={({ target }) => go({ order: target.value as Order })}
      >
        {orders.map((order) => (
          <option key={order} value={order}>
            {place.search !== "" && order === "captured" ? "Best match" : orderNames[order]}
          </option>
        ))}
      </select>
    </label>
  );
}
