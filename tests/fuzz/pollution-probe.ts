/**
 * Loaded into the server before all else: says so on stderr when a prototype that all objects share has another
 * property than at the start, or another value in one. `({}).x` of the server cannot be seen from outside.
 */
const shared: Readonly<Record<string, object>> = {
  Object: Object.prototype,
  Function: Function.prototype,
  Array: Array.prototype,
  String: String.prototype,
  Promise: Promise.prototype,
  // Typed `any`.
  Buffer: Buffer.prototype as object,
};

type Properties = ReadonlyMap<PropertyKey, PropertyDescriptor | undefined>;

const propertiesOf = (thing: object): Properties =>
  new Map(Reflect.ownKeys(thing).map((key) => [key, Object.getOwnPropertyDescriptor(thing, key)]));

/** Functions too: what `hasOwnProperty.call` once led to was a property of a function. */
const withFunctions = (name: string, thing: object): [string, object][] => [
  [name, thing],
  ...[...propertiesOf(thing)].flatMap(([key, descriptor]): [string, object][] =>
    typeof descriptor?.value === "function" ? [[`${name}.${String(key)}`, descriptor.value as object]] : [],
  ),
];

const watched = Object.entries(shared).flatMap(([name, thing]) => withFunctions(name, thing));
let before: Map<string, Properties> | undefined;

function look() {
  const now = new Map(watched.map(([name, thing]) => [name, propertiesOf(thing)]));
  // What the program's own modules add they add while they are loaded.
  before ??= now;
  for (const [name, properties] of now) {
    const known = before.get(name);
    for (const [key, { value } = {}] of properties) {
      const was = known?.get(key);
      if (known?.has(key) === true && Object.is(was?.value, value)) continue;
      process.stderr.write(`POLLUTED ${name} has another ${String(key)}\n`);
      before = now;
    }
  }
}

const firstLookMs = 1_000;
setTimeout(() => {
  look();
  setInterval(look, 250).unref();
}, firstLookMs).unref();
