import { FileText, Folder } from "lucide-react";
import { useMemo } from "react";
import { placeholderUrl } from "../library/placeholder.ts";
import { urlHereOrNull } from "../shell/urls.ts";
import { levelsOf, sizeOf } from "./levels.ts";
import { Picture } from "./picture.tsx";
import { Excuse, Player, Sound } from "./player.tsx";
import type { Details } from "./use-details.ts";

/** The best view of a file: the browser's own player, or a picture. */
export function Stage({ entity }: { readonly entity: Details }) {
  const { type, display, placeholder } = entity;
  const fileUrl = urlHereOrNull(entity.fileUrl);
  const name = entity.label ?? entity.originalName ?? "Untitled";
  const levels = useMemo(() => levelsOf(entity), [entity]);
  const size = useMemo(() => sizeOf(entity), [entity]);
  if (type === "VIDEO" && fileUrl != null)
    return <Player key={fileUrl} entity={entity} url={fileUrl} name={name} />;
  if (type === "AUDIO" && fileUrl != null)
    return <Sound key={fileUrl} entity={entity} url={fileUrl} name={name} />;
  const faceless = <Faceless entity={entity} />;
  if (levels.length === 0) return faceless;
  return (
    <>
      <Picture
        key={levels[0]?.url}
        levels={levels}
        size={type === "IMAGE" ? size : (display ?? size)}
        alt={name}
        placeholder={placeholder == null ? undefined : placeholderUrl(placeholder)}
        fallback={faceless}
      />
      {type === "DOCUMENT" && <Excuse entity={entity}>This is the first page.</Excuse>}
    </>
  );
}

/** For what cannot be seen. */
function Faceless({ entity }: { readonly entity: Details }) {
  const { isCollection, type, display, problems } = entity;
  const Icon = isCollection ? Folder : FileText;
  const [problem] = problems;
  const reason = isCollection
    ? "This is a collection."
    : type === "IMAGE" || display != null
      ? `No picture could be made of this file${problem == null ? "" : `: ${problem.message}`}.`
      : "There is no picture of this kind of file.";
  return (
    <div className="sound">
      <Icon aria-hidden size={96} />
      <Excuse entity={entity}>{reason.replace(/\.\.$/, ".")}</Excuse>
    </div>
  );
}
