import { connect, type Socket } from "node:net";

/** Clients that hold on to a server with as little as they can; run as a process of its own by slow-connections.ts. */
const ways = {
  header: { start: "POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", drip: "y", reads: true },
  body: {
    start:
      "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n",
    drip: " ",
    reads: true,
  },
  upload: { start: uploadStart(), drip: "x", reads: true },
  // Answers of which nothing is read; of more for each, a thousand readers would use up all that Linux has for TCP.
  reading: { start: pageRequest().repeat(20), drip: "\r\n", reads: false },
} as const;

type Way = keyof typeof ways;
const dripMs = 1_000;

function uploadStart(): string {
  const query = "mutation($file: Upload!) { uploadEntity(input: {file: $file}) { status } }";
  const part = (name: string, content: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;
  const form =
    part("operations", JSON.stringify({ query, variables: { file: null } })) +
    part("map", '{"0":["variables.file"]}') +
    '--b\r\nContent-Disposition: form-data; name="0"; filename="a.jpg"\r\n\r\n';
  const headers =
    "Content-Type: multipart/form-data; boundary=b\r\nx-graphql-yoga-csrf: 1\r\nContent-Length: 1000000\r\n";
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${form}`;
}

function pageRequest(): string {
  const query =
    "{ entities(limit: 100) { items { id label type mimeType originalName fileSize md5 sha256 filePath } } }";
  const body = JSON.stringify({ query });
  return `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** One client that connects again whenever it is cut. */
function cling(port: number, way: Way, onConnected: () => void): void {
  const { start, drip, reads } = ways[way];
  const socket: Socket = connect(port, "127.0.0.1", () => {
    socket.write(start);
    onConnected();
  });
  if (reads) socket.resume();
  else socket.pause();
  const timer = setInterval(() => socket.write(drip), dripMs);
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearInterval(timer);
    process.stdout.write(`cut ${way}\n`);
    setTimeout(cling, 100, port, way, () => undefined);
  });
}

const [port = "", count = "", only = ""] = process.argv.slice(2);
// Object.keys forgets that these are the keys.
const chosen = (Object.keys(ways) as Way[]).filter((way) => only === "" || way === only);
let connected = 0;
for (let at = 0; at < Number(count); at++)
  setTimeout(
    () => {
      cling(Number(port), chosen[at % chosen.length]!, () => {
        if (++connected === Number(count)) process.stdout.write("ready\n");
      });
    },
    // As a client machine's ports would allow, and not all drips at once.
    (dripMs * 2 * at) / Number(count),
  );
