import assert from "node:assert/strict";
import { test } from "node:test";

import { Torrent } from "../page/torrent.js";
import { bytesOf, metainfo } from "./help.mjs";

test("parses files, padding and pieces", async () => {
  const { torrent, infohash, all } = metainfo([
    { path: "index.html", bytes: bytesOf(100) }, { path: ".pad/28", bytes: new Uint8Array(28), attr: "p" },
    { path: "dir/ü #?.txt", bytes: bytesOf(50, 2) }, { path: "../x", bytes: bytesOf(5) }, { path: "empty",
      bytes: bytesOf(0) },
  ], 64, { more: "8:url-list13:http://seed/x" });
  const t = await Torrent.parse(torrent, infohash);
  assert.deepEqual(t.files.map((f) => [f.path, f.offset, f.length, f.index]),
    [["index.html", 0, 100, 0], ["dir/ü #?.txt", 128, 50, 1], ["empty", 183, 0, 2]]);
  assert.deepEqual([t.name, t.size, t.pieces, t.lengthOf(0), t.lengthOf(2)], ["site", 183, 3, 64, 55]);
  assert.deepEqual(t.webSeeds, ["http://seed/x"]);
  assert.equal(await t.verify(1, all.subarray(64, 128)), true);
  assert.equal(await t.verify(1, all.subarray(0, 64)), false);
});

test("parses a torrent of one file", async () => {
  const { torrent, infohash } = metainfo([{ path: "film.mp4", bytes: bytesOf(100) }], 64, { name: "" });
  const t = await Torrent.parse(torrent, infohash);
  assert.equal(t.single, true);
  assert.deepEqual(t.files.map((f) => f.path), ["film.mp4"]);
});

test("invalid metainfo is rejected", async () => {
  const { torrent, infohash, info } = metainfo([{ path: "a", bytes: bytesOf(100) }], 64);
  await assert.rejects(Torrent.parse(torrent, "0".repeat(40)));
  await assert.rejects(Torrent.parse(torrent.subarray(0, 50), infohash));
  await assert.rejects(Torrent.parse(new Uint8Array(), infohash));
  assert.throws(() => new Torrent(info.subarray(0, info.length - 2), infohash));
  assert.throws(() => new Torrent(new TextEncoder().encode("d6:lengthi5e4:name1:a12:piece lengthi0e6:pieces0:e"),
    infohash));
});
