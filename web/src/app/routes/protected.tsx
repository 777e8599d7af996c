import { Viewer } from "@/ui/viewer";
import { LiveProvider } from "@/app/live";
import { Shell } from "@/app/shell/Shell";

/** Everything that only somebody who is logged in sees: the live feed, the frame, the pages. */
export function Protected() {
  return (
    <LiveProvider>
      <Shell />
      <Viewer />
    </LiveProvider>
  );
}
