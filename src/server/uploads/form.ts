import type { Readable } from "node:stream";
import type { GraphQLParams } from "graphql-yoga";
import { badRequest, contentTooLarge } from "../errors.ts";
import { parseMap, quoted, type FilePlace } from "./multipart-map.ts";
import { paramsFromJson } from "../graphql/params.ts";
import type { Uploads } from "./received-files.ts";
import type { Config } from "../../config/config.ts";

export interface FieldPart {
  readonly name: string | undefined;
  readonly value: string;
  readonly isTruncated: boolean;
}

export interface FilePart {
  readonly name: string | undefined;
  readonly filename: string | undefined;
  readonly bytes: Readable;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest('The multipart field "map" is not valid JSON', { cause: error });
  }
}

/**
 * The order and the content of a GraphQL multipart request: `operations`, `map`, then the files it names.
 * Every method throws {RequestRefusedError} for anything else.
 */
export class Form {
  #operations: GraphQLParams | undefined;
  #places: readonly FilePlace[] | undefined;
  #openFile: Readable | undefined;
  #bytes = 0;
  #strayBytes = 0;
  readonly #uploads: Uploads;
  readonly #config: Config;

  constructor(uploads: Uploads, config: Config) {
    this.#uploads = uploads;
    this.#config = config;
  }

  get places(): readonly FilePlace[] {
    return this.#places ?? [];
  }

  takeField({ name, value, isTruncated }: FieldPart) {
    const { requestBytesMax, uploadFilesMax } = this.#config;
    if (isTruncated) throw contentTooLarge("A multipart field", requestBytesMax);
    if (name === "operations" && this.#operations === undefined) {
      this.#operations = paramsFromJson(value, this.#config, 'The multipart field "operations"');
    } else if (name === "map" && this.#operations !== undefined && this.#places === undefined) {
      this.#places = parseMap(parseJson(value), this.#operations, uploadFilesMax);
      this.#uploads.expect(this.#places);
    } else {
      throw badRequest(
        'A multipart request has the fields "operations" and "map", once each and in this order, then files',
      );
    }
  }

  takeFile({ name, filename, bytes }: FilePart) {
    if (this.#places === undefined) {
      throw badRequest('Files must come after the multipart fields "operations" and "map"');
    }
    if (!this.#uploads.arrive(name ?? "", filename ?? "", bytes)) {
      throw badRequest(
        `The file part ${quoted(name ?? "")} came twice, or the multipart field "map" does not name it`,
      );
    }
    this.#openFile = bytes;
  }

  /** Counts all bytes, and those outside of files: fields, parts without a name, the preamble and the epilogue. */
  takeChunk(bytes: number) {
    const { requestBytesMax, uploadRequestBytesMax } = this.#config;
    this.#bytes += bytes;
    if (this.#bytes > uploadRequestBytesMax)
      throw contentTooLarge("The request with its files", uploadRequestBytesMax);
    if (this.#openFile?.readableEnded === false) return;
    this.#strayBytes += bytes;
    // Both fields may be as large as a body without files may be.
    if (this.#strayBytes > 3 * requestBytesMax) {
      throw contentTooLarge("The multipart body without its files", requestBytesMax);
    }
  }

  end() {
    if (this.#operations === undefined) throw badRequest('The multipart field "operations" is missing');
    if (this.#places === undefined) throw badRequest('The multipart field "map" is missing');
    this.#uploads.end();
  }
}
