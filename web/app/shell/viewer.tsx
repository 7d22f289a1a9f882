import { useQuery } from "@apollo/client/react";
import { createContext, useContext, useMemo, type ReactNode } from "react";
import { graphql } from "../generated/index.ts";

const VIEWER = graphql(`
  query AppViewer {
    viewer {
      name
      permissions
    }
    service {
      uploadBytesMax
      uploadTypes
    }
  }
`);

/** The viewer's permissions, and the server's limits. */
export interface Rights {
  /** Null for an anonymous viewer. */
  readonly name: string | null;
  readonly canWrite: boolean;
  readonly canDestroy: boolean;
  /** Bytes; null until it is known. */
  readonly uploadBytesMax: number | null;
  /** MIME types or patterns, such as `image/*`; null until they are known. */
  readonly uploadTypes: readonly string[] | null;
}

/** Until it is known, controls stand where they will most likely stay. */
const unknown: Rights = {
  ...{ name: null, canWrite: true, canDestroy: true, uploadBytesMax: null, uploadTypes: null },
};

const Context = createContext<Rights>(unknown);

export const useRights = (): Rights => useContext(Context);

export function RightsProvider({ children }: { readonly children: ReactNode }) {
  const { data } = useQuery(VIEWER);
  const rights = useMemo<Rights>(() => {
    if (data == null) return unknown;
    const { viewer, service } = data;
    return {
      name: viewer.name ?? null,
      canWrite: viewer.permissions.includes("WRITE"),
      canDestroy: viewer.permissions.includes("ADMIN"),
      uploadBytesMax: service.uploadBytesMax,
      uploadTypes: service.uploadTypes,
    };
  }, [data]);
  return <Context value={rights}>{children}</Context>;
}
