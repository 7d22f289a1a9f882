import { Button, useGraphiQL, type GraphiQLPlugin } from "@graphiql/react";
import { useRef, useState, useSyncExternalStore, type DragEvent } from "react";
import { attachments, type Attachment, type Progress } from "./attachments.ts";
import { PaperClipIcon } from "./icons.tsx";
import { isOfOperation, nextPath, uploadPaths } from "./upload-paths.ts";

const units = ["bytes", "KB", "MB", "GB", "TB"];

/** Decimal units, as disks are sold. */
export function sizeOf(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step] ?? ""}`;
}

function ProgressBar({ sent, total }: Progress) {
  return (
    <p className="files-progress" role="status">
      <progress value={sent} max={total || 1} aria-label="Upload" />
      {total > 0 && sent >= total ? "Sent; waiting for the answer" : `${sizeOf(sent)} of ${sizeOf(total)}`}
    </p>
  );
}

function AttachmentRow({ id, file, path, isUsed }: Attachment & { isUsed: boolean }) {
  return (
    <li className="files-item">
      <div className="files-name">
        <strong title={file.name}>{file.name}</strong>
        <span>{sizeOf(file.size)}</span>
        <button
          type="button"
          aria-label={`Remove ${file.name}`}
          onClick={() => {
            attachments.remove(id);
          }}
        >
          ×
        </button>
      </div>
      <label>
        Variable
        <input
          value={path}
          spellCheck={false}
          onChange={({ currentTarget }) => {
            attachments.move(id, currentTarget.value);
          }}
        />
      </label>
      {!isUsed && <small>Not sent: this tab's operation has no such variable.</small>}
    </li>
  );
}

/** The operation that would run, as far as the editor's text can be read. */
function useOperation() {
  return useGraphiQL(
    ({ operations, operationName }) =>
      operations?.find(({ name }) => name?.value === operationName) ?? operations?.[0],
  );
}

function FilePanel() {
  const { attached, progress } = useSyncExternalStore(attachments.subscribe, attachments.get);
  const schema = useGraphiQL((state) => state.schema);
  const operation = useOperation();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);

  const attach = (files: Iterable<File>) => {
    const places = schema == null || operation == null ? [] : uploadPaths(schema, operation);
    for (const file of files) {
      const taken = attachments.get().attached.map(({ path }) => path);
      attachments.add(nextPath(places, taken), file);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    attach(event.dataTransfer.files);
  };

  return (
    <section
      aria-label="Files"
      className={isOver ? "files files-over" : "files"}
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => {
        setIsOver(false);
      }}
    >
      <h2>Files</h2>
      <p>What is attached here goes along with operations that have the variable.</p>
      <div className="files-target">
        <Button type="button" onClick={() => input.current?.click()}>
          Choose files
        </Button>
        <span>or drop them here</span>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label="Choose files"
          onChange={({ currentTarget }) => {
            attach(currentTarget.files ?? []);
            // The same file can be chosen again after it was removed.
            currentTarget.value = "";
          }}
        />
      </div>
      <ul className="files-list">
        {attached.map((each) => (
          <AttachmentRow key={each.id} {...each} isUsed={isOfOperation(each.path, operation)} />
        ))}
      </ul>
      {progress != null && <ProgressBar {...progress} />}
    </section>
  );
}

export const filePlugin: GraphiQLPlugin = { title: "Files", icon: PaperClipIcon, content: FilePanel };
