import { WifiOff } from "lucide-react";
import { useIsLost } from "./connection.ts";

/** Says that the server is gone, for as long as it is. */
export function OfflineBar() {
  const isLost = useIsLost();
  return (
    <div role="status" className={isLost ? "offline" : "hidden"}>
      {isLost && (
        <>
          <WifiOff aria-hidden size={16} /> The server cannot be reached. Reconnecting … What you see may be
          out of date.
        </>
      )}
    </div>
  );
}
