export { CHANGES } from "./changes-fragment.ts";
export { applyChanges } from "./changes.ts";
export { createCache, createColanClient, type ColanClientOptions } from "./client.ts";
export { connectionPolicy } from "./connection-policy.ts";
export { emptyTrash, hardDeleteEntities, restoreEntities, softDeleteEntities } from "./deleting.ts";
export { createCollection, moveEntities, updateEntities, updateEntity } from "./editing.ts";
export { followChanges, type EntityChange, type FollowOptions } from "./follow.ts";
export { createFreshLink } from "./fresh-link.ts";
export * from "./generated/graphql.ts";
export { possibleTypes } from "./generated/possible-types.ts";
export { revertEntity, undoTransaction } from "./going-back.ts";
export { pagePolicy } from "./page-policy.ts";
export { createRefillLink, type RefillContext } from "./refill-link.ts";
export {
  ConnectionClosedError,
  createSubscriptionLink,
  type SubscriptionLinkOptions,
} from "./subscription-link.ts";
export type { Token } from "./token.ts";
export { applyMutation } from "./transaction.ts";
export type { UploadProgress } from "./transport.ts";
export { typePolicies } from "./type-policies.ts";
export {
  codeOf,
  createUnauthenticatedLink,
  isUnauthenticated,
  type OnUnauthenticated,
} from "./unauthenticated.ts";
export type { UploadFile } from "./upload-form.ts";
export { createUploadLink, type UploadContext, type UploadLinkOptions } from "./upload-link.ts";
export { replaceFile, uploadEntities, uploadEntity, type UploadOptions } from "./uploading.ts";
