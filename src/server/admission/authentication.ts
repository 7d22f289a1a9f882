import type { IncomingMessage } from "node:http";
import type { Admission } from "./admission.ts";
import { RequestRefusedError } from "../errors.ts";
import type { Authenticate } from "../../auth/authenticator.ts";
import { parseBearer } from "../../auth/bearer.ts";
import type { UrlSignature } from "../../auth/url-signature.ts";
import { anonymous, checkPermission, scopeOf, type Viewer } from "../../auth/viewer.ts";
import type { Config } from "../../config/config.ts";
import { UnauthenticatedError } from "../../errors.ts";

export interface ViewersNeeds {
  readonly config: Pick<Config, "authMode">;
  readonly admission: Pick<Admission, "addressOf" | "failedLogins">;
  readonly authenticate: Authenticate;
  /** Null where files need no permission. */
  readonly urlSignature: UrlSignature | null;
}

/** URLs carry the checksum of what they name, so that an answer is right forever: a year is as long as caches believe. */
const forEver = "public, max-age=31536000, immutable";

/** Only the asker's own cache may keep it, and asks each time (RFC 9111 section 5.2.2.4). */
const forNobodyElse = "private, no-cache";

/** Says who is asking. */
export class Viewers {
  readonly #needs: ViewersNeeds;
  readonly #isOff: boolean;

  constructor(needs: ViewersNeeds) {
    this.#needs = needs;
    this.#isOff = needs.config.authMode === "off";
  }

  /** @throws {UnauthenticatedError} for a token that is not accepted, @throws {TooOftenError} for too many of them */
  of(req: IncomingMessage): Viewer | Promise<Viewer> {
    return this.#isOff ? anonymous : this.#known(req, () => req.headersDistinct["authorization"] ?? []);
  }

  /**
   * Of a WebSocket: browsers send no header with it, so that the first message may contain its value.
   * @param params of `connection_init`, unchecked.
   * @throws as above
   */
  ofConnection(
    req: IncomingMessage,
    params: Readonly<Record<string, unknown>> | undefined,
  ): Viewer | Promise<Viewer> {
    if (this.#isOff) return anonymous;
    return this.#known(req, () => {
      const given = params?.["authorization"] ?? params?.["Authorization"];
      if (given == null) return req.headersDistinct["authorization"] ?? [];
      if (typeof given !== "string") throw new UnauthenticatedError('"authorization" must be a string');
      return [given];
    });
  }

  /**
   * Equal for viewers who get the same response, as long as URLs are the same.
   * @param query its source: a query for the viewer's own name is answered with that name.
   */
  scopeOf(viewer: Viewer, query = ""): string {
    const name = query.includes("viewer") ? JSON.stringify(viewer.actor) : "";
    return `${scopeOf(viewer)} ${this.#needs.urlSignature?.period ?? ""} ${name}`;
  }

  /**
   * Whether the file of a URL may be read: by those who were given the URL, until it is over, or by those who say who
   * they are.
   * @returns Cache-Control for the answer.
   * @throws {RequestRefusedError} FORBIDDEN, and as above
   */
  async admitToFile(req: IncomingMessage, path: string, query: URLSearchParams): Promise<string> {
    const { urlSignature } = this.#needs;
    if (urlSignature == null) return forEver;
    if (query.has("signature")) {
      const left = urlSignature.check(path, query);
      if (left != null) return `private, max-age=${left}, immutable`;
      throw new RequestRefusedError(
        "FORBIDDEN",
        "This URL has expired or was changed; ask the API for a new one",
        {
          headers: { "cache-control": "no-store" },
        },
      );
    }
    checkPermission(await this.of(req), "read");
    return forNobodyElse;
  }

  async #known(req: IncomingMessage, headers: () => readonly string[]): Promise<Viewer> {
    const { authenticate, admission } = this.#needs;
    const address = admission.addressOf(req);
    try {
      const token = parseBearer(headers());
      if (token != null) await admission.failedLogins.check(address);
      return await authenticate(token);
    } catch (error) {
      if (error instanceof UnauthenticatedError && error.isGuess)
        admission.failedLogins.failedAuthentication(address);
      throw error;
    }
  }
}
