import { Download, FileText, Music } from "lucide-react";
import { placeholderUrl } from "../library/placeholder.ts";
import { Picture } from "./picture.tsx";
import type { Details } from "./viewer.tsx";

/** What shows a file best: the browser's own player, or a picture. */
export function Stage({ entity }: { readonly entity: Details }) {
  const { type, fileUrl, preview, poster, placeholder } = entity;
  const name = entity.label ?? entity.originalName ?? "Untitled";
  if (type === "VIDEO" && fileUrl != null)
    // Films of one's own have no captions to offer.
    return (
      <video
        key={fileUrl}
        src={fileUrl}
        poster={poster?.url}
        controls
        autoPlay
        playsInline
        aria-label={name}
      />
    );
  if (type === "AUDIO" && fileUrl != null)
    return (
      <div className="sound">
        {preview == null ? <Music aria-hidden size={96} /> : <img src={preview.url} alt="" />}
        <audio key={fileUrl} src={fileUrl} controls autoPlay aria-label={name} />
      </div>
    );
  if (preview != null)
    return (
      <Picture
        key={preview.url}
        url={preview.url}
        alt={name}
        placeholder={placeholder == null ? undefined : placeholderUrl(placeholder)}
      />
    );
  return (
    <div className="sound">
      <FileText aria-hidden size={96} />
      <p>There is no picture of this file.</p>
      {entity.download != null && (
        <a className="button" href={entity.download} download>
          <Download aria-hidden size={16} /> Download
        </a>
      )}
    </div>
  );
}
