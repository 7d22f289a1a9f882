import { Download, Music } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useLateImage } from "../library/late-image.ts";
import { urlHere, urlHereOrNull } from "../shell/urls.ts";
import type { Details } from "./use-details.ts";

/** Containers of which browsers do not admit that they play them, and do. */
const unsaid = new Set(["video/quicktime", "video/x-matroska", "video/matroska"]);

/** Whether trying to play it is useless. */
function isHopeless(mimeType: string | null | undefined): boolean {
  if (mimeType == null || unsaid.has(mimeType)) return false;
  return document.createElement("video").canPlayType(mimeType) === "";
}

interface ExcuseProps {
  readonly entity: Details;
  readonly children: ReactNode;
}

/** The way out for a file that cannot be shown. */
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

/** A picture beside the file itself: where none comes, nothing stands for it. */
function Still({ url, alt }: { readonly url: string; readonly alt: string }) {
  const { state, imageProps, attempt } = useLateImage(url);
  if (state === "failed" || imageProps == null) return null;
  return <img key={attempt} {...imageProps} alt={alt} className={state === "there" ? undefined : "late"} />;
}

/** A sound with its cover, or what to do where the browser cannot play it. */
export function Sound({ entity, url, name }: Props) {
  const [cannot, setCannot] = useState(false);
  const cover = urlHereOrNull(entity.display?.url);
  return (
    <div className="sound">
      {cover == null ? <Music aria-hidden size={96} /> : <Still url={cover} alt="" />}
      {cannot ? (
        <Excuse entity={entity}>
          This browser cannot play this kind of sound. Download it to play it with another program.
        </Excuse>
      ) : (
        <audio src={url} controls autoPlay aria-label={name} onError={() => setCannot(true)} />
      )}
    </div>
  );
}

/** A video, or what to do where the browser cannot play it. */
export function Player({ entity, url, name }: Props) {
  const { mimeType, poster } = entity;
  const [cannot, setCannot] = useState(() => isHopeless(mimeType));
  const posterUrl = urlHereOrNull(poster?.url);
  if (cannot)
    return (
      <div className="unplayable">
        {posterUrl != null && <Still url={posterUrl} alt={`First picture of ${name}`} />}
        <Excuse entity={entity}>
          This browser cannot play this kind of video. Download it to play it with another program.
        </Excuse>
      </div>
    );
  return (
    // The library has no captions to offer.
    <video
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
