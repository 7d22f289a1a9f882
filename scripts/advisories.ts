import semver from "semver";

/** What is known against versions of a package. */
export interface Advisory {
  /** npm's name; `node` is Node.js itself. */
  readonly package: string;
  /** A range of versions, as npm writes it. */
  readonly affected: string;
  readonly ids: readonly string[];
  readonly about: string;
}

/** An affected version that is used all the same. */
export interface Exception {
  readonly package: string;
  readonly version: string;
  readonly reason: string;
  /** Where it is tested that the fault cannot be reached. */
  readonly tests: string;
}

export interface Advisories {
  readonly advisories: readonly Advisory[];
  readonly exceptions: readonly Exception[];
}

/** The part of package-lock.json that is read. */
export interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly name?: string }>>;
}

export interface Copy {
  readonly name: string;
  readonly version: string;
  /** Where it is installed; nested ones count as much as those at the top. */
  readonly path: string;
}

const folder = "node_modules/";

/** Every installed copy of every package. */
export function listCopies({ packages }: LockFile): Copy[] {
  return Object.entries(packages).flatMap(([path, { version, name }]): Copy[] => {
    const at = path.lastIndexOf(folder);
    if (at < 0 || version == null) return [];
    // An alias is installed under another name than its own.
    return [{ name: name ?? path.slice(at + folder.length), version, path }];
  });
}

const isExcused = (copy: Copy, { exceptions }: Advisories) =>
  exceptions.some((known) => known.package === copy.name && known.version === copy.version);

/** A line for each copy that an advisory names, and for each exception that nothing needs any more. */
export function findHits(copies: readonly Copy[], known: Advisories): string[] {
  const wrong = known.advisories.filter(({ affected }) => semver.validRange(affected) == null);
  const unread = wrong.map(({ package: name, affected }) => `${name}: ${affected} is no range`);
  const hits = copies.flatMap((copy) =>
    known.advisories
      .filter(
        (advisory) =>
          advisory.package === copy.name &&
          semver.satisfies(copy.version, advisory.affected, { includePrerelease: true }) &&
          !isExcused(copy, known),
      )
      .map(({ ids, about }) => `${copy.name} ${copy.version} (${copy.path}): ${ids.join(", ")}: ${about}`),
  );
  const idle = known.exceptions.filter(
    (exception) =>
      !copies.some(({ name, version }) => name === exception.package && version === exception.version),
  );
  return [
    ...unread,
    ...hits,
    ...idle.map((one) => `${one.package} ${one.version} is not installed: its exception can go`),
  ];
}
