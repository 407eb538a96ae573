import assert from "node:assert/strict";
import http from "node:http";
import { after, test } from "node:test";

import { Torrent } from "../page/torrent.js";
import { WebSeed } from "../page/webseed.js";
import { bytesOf, metainfo } from "./help.mjs";

const FILES = [
  { path: "index.html", bytes: bytesOf(100) }, { path: ".pad/28", bytes: new Uint8Array(28),
    attr: "p" }, { path: "empty", bytes: bytesOf(0) },
  { path: "ü/#1?%20 x.txt", bytes: bytesOf(333, 2) }, { path: "a'(b)", bytes: bytesOf(64, 3) }, { path: "last",
    bytes: bytesOf(1000, 4) },
];

const asked = [];
let misbehave = null; // (response, bytes, range) does it instead
const server = http.createServer((request, response) => {
  const path = decodeURIComponent(request.url).replace("/base/the site/", ""), file = FILES.find((f) =>
    f.path === path);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")?.slice(1).map(Number);
  asked.push(`${path} ${range?.join("-") ?? "all"}`);
  if (!file && path !== "/film") return response.writeHead(404).end();
  const bytes = file?.bytes ?? bytesOf(100);
  if (misbehave) return misbehave(response, bytes, range);
  if (!range) return response.end(bytes);
  response.writeHead(206, { "Content-Range": `bytes ${range.join("-")}/${bytes.length}` });
  return response.end(bytes.subarray(range[0], range[1] + 1));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
after(() => {
  server.close();
  server.closeAllConnections();
});

const made = metainfo(FILES, 64, { name: "the site" });
const torrent = await Torrent.parse(made.torrent, made.infohash);

async function fetched(first, last, { seed = new WebSeed(`${base}/base`, torrent),
  signal = new AbortController().signal } = {}) {
  const pieces = new Map();
  let bytes = 0;
  await seed.fetch(first, last, { signal, onPiece: (i, b) => pieces.set(i, b), onBytes: (n) => { bytes += n; } });
  for (const [i, b] of pieces) assert.ok(await torrent.verify(i, b), `piece ${i}`);
  return { pieces: [...pieces.keys()].sort((a, b) => a - b), bytes };
}

test("requests runs of pieces across file boundaries", async () => {
  assert.deepEqual((await fetched(0, torrent.pieces - 1)).pieces, [...Array(torrent.pieces).keys()]);
  assert.deepEqual(asked.splice(0).sort(), ["a'(b) all", "index.html all", "last all", "ü/#1?%20 x.txt all"]);
  const { pieces, bytes } = await fetched(6, 8);
  assert.deepEqual([pieces, bytes], [[6, 7, 8], 192]);
  assert.deepEqual(asked.splice(0).sort(), ["a'(b) all", "last 0-50", "ü/#1?%20 x.txt 256-332"]);
});

test("reads from a server without range support", async () => {
  misbehave = (response, bytes) => response.end(bytes);
  assert.deepEqual((await fetched(9, 10)).pieces, [9, 10]);
});

test("invalid responses are rejected", async () => {
  const all = {
    "another status": (r) => r.writeHead(403).end("no"), "another range": (r, b, range) => r.writeHead(206,
      { "Content-Range": `bytes 0-5/${b.length}` }).end(b.subarray(...range)),
    "another file": (r, b, [x, y]) => r.writeHead(206, { "Content-Range": `bytes ${x}-${y}/5` }).end(b.subarray(x,
      y + 1)), "too short": (r, b) => r.end(b.subarray(0, 3)),
    "too long": (r, b) => r.end(Buffer.concat([b, b])), "an end midway": (r, b) => { r.writeHead(200,
      { "Content-Length": b.length }); r.write(b.subarray(0, 5)); setTimeout(() => r.destroy(), 10); },
  };
  for (const [what, does] of Object.entries(all)) {
    misbehave = does;
    await assert.rejects(fetched(9, 10), undefined, what);
  }
  misbehave = null;
});

test("a request can be aborted", async () => {
  misbehave = (r, b) => { r.writeHead(200, { "Content-Length": b.length }); r.write(b.subarray(0, 5)); };
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(fetched(0, 10, { signal: stop.signal }), { name: "AbortError" });
  misbehave = null;
});

test("a failing seed is paused for a while, one that sends wrong data for good", () => {
  const seed = new WebSeed(base, torrent), now = performance.now();
  assert.equal(seed.isUsable(now), true);
  seed.reportFailure(false);
  assert.deepEqual([seed.isUsable(now), seed.isUsable(now + 1000)], [false, true]);
  for (let i = 0; i < 20; i++) seed.reportFailure(false);
  assert.equal(seed.isUsable(now + 61_000), true);
  for (let i = 0; i < 3; i++) seed.reportFailure(true);
  assert.equal(seed.isUsable(now + 1e9), false);
});

test("a torrent of one file is requested from the seed's own address", async () => {
  const one = metainfo([{ path: "film", bytes: bytesOf(100) }], 64, { name: "" });
  const film = await Torrent.parse(one.torrent, one.infohash);
  for (const url of [`${base}/film`, `${base}/`]) {
    const pieces = [];
    await new WebSeed(url, film).fetch(0, 1, { signal: new AbortController().signal, onPiece: (i) => pieces.push(i),
      onBytes() {} });
    assert.deepEqual(pieces, [0, 1]);
  }
});
