import { Download } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import { urlHere, urlHereOrNull } from "../shell/urls.ts";
import type { Details } from "./use-details.ts";

/** Containers of which browsers do not admit that they play them, and do. */
const unsaid = new Set(["video/quicktime", "video/x-matroska", "video/matroska"]);

/** Whether nobody needs to try. */
function isHopeless(mimeType: string | null | undefined): boolean {
  if (mimeType == null || unsaid.has(mimeType)) return false;
  return document.createElement("video").canPlayType(mimeType) === "";
}

interface ExcuseProps {
  readonly entity: Details;
  readonly children: ReactNode;
}

/** What to do with a file that cannot be shown. */
export const Excuse = ({ entity, children }: ExcuseProps) => (
  <div className="excuse" role="status">
    <p>{children}</p>
    {entity.download != null && (
      <a className="button" href={urlHere(entity.download)} download>
        <Download aria-hidden size={16} /> Download
      </a>
    )}
  </div>
);

interface Props {
  readonly entity: Details;
  readonly url: string;
  readonly name: string;
}

/** A video, or what to do where the browser cannot play it. */
export function Player({ entity, url, name }: Props) {
  const { mimeType, poster } = entity;
  const [cannot, setCannot] = useState(() => isHopeless(mimeType));
  const video = useRef<HTMLVideoElement>(null);
  const posterUrl = urlHereOrNull(poster?.url);
  if (cannot)
    return (
      <div className="unplayable">
        {posterUrl != null && <img src={posterUrl} alt={`First picture of ${name}`} />}
        <Excuse entity={entity}>
          This browser cannot play this kind of video. Download it to play it with another program.
        </Excuse>
      </div>
    );
  return (
    // The library has no captions to offer.
    <video
      ref={video}
      src={url}
      poster={posterUrl ?? undefined}
      controls
      autoPlay
      playsInline
      aria-label={name}
      onError={() => setCannot(true)}
      // Of a coding that the browser lacks it plays the sound alone.
      onLoadedMetadata={({ currentTarget }) => currentTarget.videoWidth === 0 && setCannot(true)}
    />
  );
}
