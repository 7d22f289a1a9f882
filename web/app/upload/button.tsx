import { Upload } from "lucide-react";
import { useRef } from "react";

interface Props {
  readonly isOff: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** Lets people pick files. */
export function UploadButton({ isOff, onFiles }: Props) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          // Or the same files, chosen again, would be no change.
          target.value = "";
        }}
      />
      <button
        type="button"
        className="primary upload-button"
        aria-label="Upload"
        disabled={isOff}
        onClick={() => picker.current?.click()}
      >
        <Upload aria-hidden size={18} /> <span>Upload</span>
      </button>
    </>
  );
}
