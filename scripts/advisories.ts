import semver from "semver";

/** A published advisory against versions of a package. */
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
  /** It holds only while nothing needs the package at run time. */
  readonly isForDevelopment?: boolean;
}

export interface Advisories {
  readonly advisories: readonly Advisory[];
  readonly exceptions: readonly Exception[];
}

type Names = Readonly<Record<string, unknown>>;

/** The part of package-lock.json that is read. */
export interface LockedPackage {
  readonly version?: string;
  readonly name?: string;
  readonly dependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface Copy {
  readonly name: string;
  readonly version: string;
  /** Where it is installed; nested ones count as much as those at the top. */
  readonly path: string;
  /** Whether the server needs it, and not only who builds and tests it. */
  readonly isAtRunTime: boolean;
}

const folder = "node_modules/";

/** Names that a package asks for; an optional peer is used where it is there, but nothing brings it. */
function listNeeds({ dependencies, optionalDependencies, peerDependencies, ...rest }: LockedPackage) {
  const peers = Object.keys(peerDependencies ?? {}).filter(
    (name) => rest.peerDependenciesMeta?.[name]?.optional !== true,
  );
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers];
}

/** As Node.js looks it up: in the package's own folder, then in those around it. */
function resolve(packages: LockFile["packages"], from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf(folder) - 1))) {
    const path = `${at === "" ? "" : `${at}/`}${folder}${name}`;
    if (path in packages) return path;
    if (at === "") return undefined;
  }
}

/** Where the packages are installed that the project depends on, directly or through others. */
function listRunTimePaths(packages: LockFile["packages"]): ReadonlySet<string> {
  const found = new Set<string>([""]);
  for (const from of found) {
    for (const name of listNeeds(packages[from] ?? {})) {
      const path = resolve(packages, from, name);
      if (path != null) found.add(path);
    }
  }
  return found;
}

/** Every installed copy of every package. */
export function listCopies({ packages }: LockFile): Copy[] {
  const atRunTime = listRunTimePaths(packages);
  return Object.entries(packages).flatMap(([path, { version, name }]): Copy[] => {
    const at = path.lastIndexOf(folder);
    if (at < 0 || version == null) return [];
    // An alias is installed under another name than its own.
    return [
      { name: name ?? path.slice(at + folder.length), version, path, isAtRunTime: atRunTime.has(path) },
    ];
  });
}

const isExcused = (copy: Copy, { exceptions }: Advisories) =>
  exceptions.some(
    (known) =>
      known.package === copy.name &&
      known.version === copy.version &&
      !(known.isForDevelopment === true && copy.isAtRunTime),
  );

/** A line for each copy that an advisory names, and for each exception that is no longer needed. */
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

/**
 * A line for each copy that an advisory names in an installation without development packages, direct or not.
 * @param lock npm's own list of installed packages, node_modules/.package-lock.json.
 */
export function findHitsInImage(lock: LockFile, { advisories, exceptions }: Advisories): string[] {
  const copies = listCopies(lock).map((copy) => ({ ...copy, isAtRunTime: true }));
  const needed = exceptions.filter((known) =>
    copies.some(({ name, version }) => known.package === name && known.version === version),
  );
  return findHits(copies, { advisories, exceptions: needed });
}
