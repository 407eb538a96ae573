import { register } from "node:module";

// The server makes types.js from its own table of media types; the Go test hands it over.
const types = "data:text/javascript," + encodeURIComponent(process.env.TYPES_MODULE);
register("data:text/javascript," + encodeURIComponent(`export const resolve = (name, context, next) =>
  name === "./types.js" ? { url: ${JSON.stringify(types)}, shortCircuit: true } : next(name, context);`));

const { Site } = await import("../page/answer.js");

/** site returns one with the given files by path, strings or bytes, and a client that has them all. */
export function site(contents, options = {}) {
  const files = Object.entries(contents).map(([path, content], index) => {
    const bytes = Buffer.from(content);
    return { path, bytes, index, length: bytes.length };
  });
  const client = {
    have: (file) => file.length,
    async *read(file, start, end) {
      for (let at = start; at < end; at += 100_000) yield new Uint8Array(file.bytes.subarray(at, Math.min(end,
        at + 100_000)));
    },
  };
  const torrent = { infohash: "aa".repeat(20), files };
  return new Site(client, torrent, { host: "example.org", base: "http://home/", csp: "", ...options });
}

/** get returns a plain form of the answer to "METHOD /path", with what comes as chunks as its body. */
export async function get(site, request, headers = {}, destination = "") {
  const [method, target] = request.split(" ");
  const url = new URL(site.options.base).origin + target;
  const answer = await site.answer({ url, method, destination, headers });
  const parts = answer.body ? [answer.body] : [];
  if (answer.chunks) for await (const chunk of answer.chunks) parts.push(chunk);
  const all = {};
  for (const [name, value] of answer.headers) all[name] = all[name] ? `${all[name]}, ${value}` : value;
  return { status: answer.status, headers: all, body: Buffer.concat(parts).toString() };
}
