import { useEffect } from "react";
import type { Notices } from "./notices.tsx";

/** Reports failures that no code awaits; the browser's console has the rest. */
export function useFaults(say: Notices["say"]): void {
  useEffect(() => {
    const onFault = (event: ErrorEvent | PromiseRejectionEvent) => {
      const fault: unknown = "reason" in event ? event.reason : event.error;
      // An interruption, such as of a video that is left, is no fault.
      if (fault == null || fault instanceof DOMException) return;
      say("Something went wrong on this page. Your library is not affected; reloading usually helps.", true);
    };
    window.addEventListener("error", onFault);
    window.addEventListener("unhandledrejection", onFault);
    return () => {
      window.removeEventListener("error", onFault);
      window.removeEventListener("unhandledrejection", onFault);
    };
  }, [say]);
}
