import { graphql } from "../../generated/index.ts";
import { s3Endpoint, type TestBucket } from "../../support/s3.ts";
import { startServer, type TestServer } from "../../support/server.ts";

export const UPLOAD = graphql(`
  mutation UploadToBucket($input: UploadEntityInput!) {
    uploadEntity(input: $input) {
      entity {
        id
        fileSize
        filePath
        fileUrl
        thumbnail {
          url
        }
      }
    }
  }
`);

export const envOf = ({ mediaUrl }: TestBucket, endpoint = s3Endpoint!): Record<string, string> => ({
  ...{ MEDIA_URL: mediaUrl, S3_ENDPOINT: endpoint, S3_LEASE_SECONDS: "1" },
  // The SDK's own.
  AWS_ACCESS_KEY_ID: process.env["AWS_ACCESS_KEY_ID"] ?? "",
  AWS_SECRET_ACCESS_KEY: process.env["AWS_SECRET_ACCESS_KEY"] ?? "",
});

export async function start(
  bucket: TestBucket,
  endpoint?: string,
  others: Readonly<Record<string, string>> = {},
) {
  const env = { ...envOf(bucket, endpoint), ...others };
  const server = await startServer({ env });
  return { server, env };
}

export const upload = async (server: Pick<TestServer, "run" | "url">, bytes: Buffer) => {
  const { uploadEntity } = await server.run(UPLOAD, { input: { file: null } }, [{ at: "input.file", bytes }]);
  const { entity } = uploadEntity;
  return { ...entity, fileUrl: server.url + entity.fileUrl!, pictureUrl: entity.thumbnail!.url };
};
