import assert from "node:assert/strict";
import { test } from "node:test";

import { BLOCK, Wire } from "../page/wire.js";
import { bytesOf, channels, site, until } from "./help.mjs";

const INFOHASH = "h".repeat(20);

/** owner is a client of one wire. It notes what it hears. */
function owner(id, torrent = null, all = null) {
  const available = new Uint8Array(torrent?.pieces ?? 0).fill(all ? 1 : 0), heard = [];
  const length = torrent?.pieceLength;
  const store = torrent && {
    available, availableBytes: all?.length ?? 0, missing: all ? 0 : torrent.pieces,
    get: async (piece) => (available[piece] ? all.subarray(piece * length, (piece + 1) * length) : null),
  };
  const note = (what) => (wire, ...more) => { heard.push([what, ...more]); };
  return {
    infohash: INFOHASH, peerID: id.padEnd(20, "-"), torrent, store, heard,
    ...Object.fromEntries(["Handshake", "Have", "Choke", "Interest", "Reject", "Metadata", "Close"]
      .map((event) => [`handle${event}`, note(event.toLowerCase())])),
    handleBlock: (wire, piece, begin, bytes) => heard.push(["block", piece, begin, bytes.slice()]),
    count: (what) => heard.filter(([w]) => w === what).length,
    last: (what) => heard.findLast(([w]) => w === what),
  };
}

for (const cut of [0, 1, 100, 5000]) {
  test(`a piece goes over the wire, in messages of ${cut || "any number of"} bytes`, async () => {
    const { torrent, all } = await site(3 * BLOCK + 100, 2 * BLOCK);
    const a = owner("a", torrent, all), b = owner("b", torrent), [x, y] = channels(cut);
    const wa = new Wire(x, a), wb = new Wire(y, b);
    await until(() => b.count("handshake") && a.count("handshake") && b.count("have"));
    assert.equal(wb.peerID, a.peerID);
    assert.deepEqual([wb.hasAll, wa.hasAll, wb.hasPiece(1), wa.hasPiece(1)], [true, false, true, false]);
    wb.setInterested(true);
    await until(() => wa.peerInterested);
    wa.setChoking(false);
    await until(() => !wb.choked);
    wb.request(1, BLOCK, 100);
    await until(() => b.count("block"));
    assert.deepEqual(b.last("block"), ["block", 1, BLOCK, all.slice(3 * BLOCK)]);
    assert.equal(wa.uploaded, 100);
    wb.have(0);
    await until(() => wa.hasPiece(0));
    wb.have(1);
    await until(() => wa.hasAll);
  });
}

test("requests for missing or invalid blocks are rejected", async () => {
  const { torrent, all } = await site(2 * BLOCK, BLOCK);
  const a = owner("a", torrent, all), b = owner("b", torrent), [x, y] = channels();
  const wa = new Wire(x, a), wb = new Wire(y, b);
  await until(() => b.count("metadata"));
  wb.request(0, 0, BLOCK); // It is choked.
  await until(() => b.count("reject") === 1);
  wa.setChoking(false);
  a.store.available[1] = 0;
  for (const [piece, begin, length] of [[1, 0, BLOCK], [0, 1, BLOCK], [7, 0, 5], [0, 0,
    BLOCK + 1]]) wb.request(piece, begin, length);
  await until(() => b.count("reject") === 5);
  assert.equal(b.count("block"), 0);
});

test("a peer that does not read is not sent more than the channel takes, and a cancel or choke empties the queue",
  async () => {
  const { torrent, all } = await site(20 * BLOCK, BLOCK);
  const a = owner("a", torrent, all), b = owner("b", torrent), [x, y] = channels();
  const wa = new Wire(x, a), wb = new Wire(y, b);
  await until(() => b.count("metadata"));
  wa.setChoking(false);
  x.bufferedAmount = 1 << 20;
  for (let i = 0; i < 20; i++) wb.request(i, 0, BLOCK);
  wb.cancel(3, 0, BLOCK);
  await until(() => b.count("reject") === 1);
  assert.deepEqual([b.last("reject")[1], b.count("block")], [3, 0]);
  x.bufferedAmount = 0;
  x.onbufferedamountlow();
  await until(() => b.count("block") === 19);
  x.bufferedAmount = 1 << 20;
  for (let i = 0; i < 600; i++) wb.request(i % 20, 0, BLOCK);
  await until(() => b.count("reject") === 1 + 600 - 512);
  wa.setChoking(true);
  await until(() => b.count("reject") === 601);
});

test("metadata is sent and received", async () => {
  const { torrent, all, info } = await site(3000 * 16, 16); // Its hashes take several parts.
  const a = owner("a", torrent, all), b = owner("b"), [x, y] = channels();
  const wa = new Wire(x, a), wb = new Wire(y, b);
  await until(() => b.count("metadata"));
  assert.deepEqual([wb.metadataSize, wa.metadataSize], [info.length, 0]);
  for (let part = 0; part < 4; part++) wb.askMetadata(part);
  await until(() => b.count("metadata") === 5);
  const parts = b.heard.filter(([what]) => what === "metadata").slice(1);
  assert.deepEqual(new Uint8Array(Buffer.concat(parts.slice(0, 3).map(([, , bytes]) => bytes)).subarray(0,
    info.length)), info.slice(0, 3 * BLOCK));
  wb.askMetadata(500);
  await until(() => b.count("metadata") === 6);
  assert.deepEqual(b.last("metadata"), ["metadata", 500, false]);
  Object.assign(b, { torrent, store: owner("", torrent).store });
  wb.torrentKnown();
  assert.equal(wb.hasAll, true);
  assert.ok(wa);
});

test("a peer that violates the protocol is disconnected", async () => {
  const { torrent } = await site(20 * BLOCK, BLOCK);
  const greeting = (infohash = INFOHASH, id = "x".repeat(20)) =>
    Buffer.from(`\x13BitTorrent protocol\0\0\0\0\0\x10\0\x04${infohash}${id}`, "latin1");
  const message = (id, ...bytes) => Buffer.from([0, 0, 0, bytes.length + 1, id, ...bytes]);
  const extended = (text) => message(20, 0, ...Buffer.from(text));
  const bad = {
    "another protocol": [Buffer.from(bytesOf(100))], "another torrent": [greeting("i".repeat(20))],
    itself: [greeting(INFOHASH, "a".padEnd(20, "-"))],
    "a long message": [greeting(), Buffer.from([0, 1, 0, 0, 7])], "a huge message": [greeting(), Buffer.from([255,
      255, 255, 255])],
    "a short request": [greeting(), message(6, 0, 0)], "a bitfield of another length": [greeting(), message(5, 1)],
    "two bitfields": [greeting(), message(5, 0, 0, 0), message(5, 0, 0, 0)],
    "an odd extension": [greeting(), extended("d1:")], "deep metadata": [greeting(), extended("l".repeat(100))],
  };
  for (const [what, sent] of Object.entries(bad)) {
    const a = owner("a", torrent), [x, y] = channels();
    const wire = new Wire(x, a);
    sent.forEach((bytes) => y.send(new Uint8Array(bytes)));
    await until(() => a.count("close"), what);
    assert.deepEqual(a.last("close"), ["close", true], what);
    assert.equal(y.readyState, "closed");
    assert.ok(wire);
  }
  for (const [what, bytes] of Object.entries({ "an unknown message": message(99, 1),
    "a have beyond the end": message(4, 0, 0, 9, 9), "a keep-alive": Buffer.alloc(4) })) {
    const a = owner("a", torrent), [x, y] = channels(), wire = new Wire(x, a);
    [greeting(), bytes, message(14)].forEach((b) => y.send(new Uint8Array(b)));
    await until(() => wire.hasAll, what);
    assert.equal(a.count("close"), 0, what);
  }
});

test("a silent peer receives keep-alives, and is disconnected in the end", () => {
  const a = owner("a"), [x] = channels(), wire = new Wire(x, a), now = performance.now();
  wire.tick(now + 100_000);
  assert.equal(a.count("close"), 0);
  wire.tick(now + 200_000);
  assert.deepEqual(a.last("close"), ["close", false]);
});

test("repeated have messages are ignored", async () => {
  const { torrent, all } = await site(4 * BLOCK, BLOCK);
  const a = owner("a", torrent, all), b = owner("b", torrent), [x, y] = channels();
  const wa = new Wire(x, a), wb = new Wire(y, b);
  await until(() => b.count("have") && a.count("handshake"));
  wb.have(3);
  for (let i = 0; i < 10; i++) wb.have(3);
  wb.have(99);
  wb.have(1);
  await until(() => wa.hasPiece(1));
  assert.deepEqual(a.heard.filter(([what]) => what === "have"), [["have", 3], ["have", 1]]);
});
