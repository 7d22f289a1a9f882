/** How far an upload is, in bytes. */
export interface UploadProgress {
  readonly sent: number;
  readonly total: number;
}

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: FormData;
  /** Of all files. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: ((progress: UploadProgress) => void) | undefined;
  /** Fetch's. */
  readonly credentials: RequestCredentials | undefined;
}

/** In browsers by XMLHttpRequest, since their fetch does not report how much was sent. */
export const post = (request: Post, fetcher?: typeof fetch): Promise<Response> =>
  fetcher == null && typeof XMLHttpRequest !== "undefined"
    ? postByRequest(request)
    : postByFetch(request, fetcher ?? fetch);

export function postByRequest({
  url,
  headers,
  form,
  signal,
  onProgress,
  credentials,
}: Post): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.withCredentials = credentials === "include";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.({ sent: loaded, total });
    const stop = () => {
      request.abort();
    };
    request.onload = () => {
      const type = request.getResponseHeader("content-type");
      const init = { status: request.status, headers: type == null ? {} : { "content-type": type } };
      resolve(new Response(request.responseText, init));
    };
    request.onerror = () => {
      reject(new TypeError("The connection was lost, or the server refused the upload before it was whole"));
    };
    request.onabort = () => {
      reject(reasonOf(signal));
    };
    request.onloadend = () => {
      signal.removeEventListener("abort", stop);
    };
    if (signal.aborted) {
      reject(reasonOf(signal));
      return;
    }
    signal.addEventListener("abort", stop);
    request.send(form);
  });
}

// An abort may have any reason; a promise is rejected with an error.
const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new DOMException("The upload was stopped", "AbortError");

async function postByFetch(
  { url, headers, form, bytes, signal, onProgress, credentials }: Post,
  fetcher: typeof fetch,
) {
  const init = { method: "POST", signal, ...(credentials == null ? {} : { credentials }) };
  if (onProgress == null) return fetcher(url, { ...init, headers, body: form });
  const { body, headers: own } = new Response(form);
  if (body == null) throw new TypeError("a form has a body");
  const streaming = {
    ...init,
    headers: { ...headers, "content-type": own.get("content-type") ?? "" },
    body: body.pipeThrough(counting(bytes, onProgress)),
    // The standard asks for it with a stream; TypeScript's types do not know it.
    duplex: "half",
  };
  return fetcher(url, streaming);
}

/** Requested bytes are sent at once, so this lags behind by the network's buffers only. */
function counting(total: number, onProgress: NonNullable<Post["onProgress"]>) {
  let sent = 0;
  return new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, controller) => {
      controller.enqueue(chunk);
      // The form around the files counts little, and never above the whole.
      sent = Math.min(sent + chunk.byteLength, total);
      onProgress({ sent, total });
    },
  });
}
