import assert from "node:assert/strict";
import { test } from "node:test";

import { Client } from "../page/client.js";
import { bytesOf, metainfo, until } from "./help.mjs";

const FILES = [{ path: "index.html", bytes: bytesOf(100_000) }, { path: "film", bytes: bytesOf(3_000_000, 2) }];
const made = metainfo(FILES, 1 << 14);

/** home answers as a web seed does, until the test ends. It returns what it was asked for. */
function home(t, answer = (bytes, status) => new Response(bytes, { status })) {
  const asked = [], fetched = globalThis.fetch;
  t.after(() => { globalThis.fetch = fetched; });
  globalThis.fetch = async (url, { headers, signal }) => {
    signal.throwIfAborted();
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.Range ?? "")?.slice(1).map(Number);
    asked.push(`${url} ${range?.join("-") ?? "all"}`);
    const { bytes } = FILES.find(({ path }) => url.endsWith(`/${path}`));
    return answer(range ? bytes.slice(range[0], range[1] + 1) : bytes, range ? 206 : 200);
  };
  return asked;
}

function start(t, options = {}) {
  const client = new Client({
    infohash: made.infohash, metainfo: made.torrent, trackers: [], webSeeds: ["seed/"], stun: [],
    baseURL: "http://home/x/", help: true, ...options,
  });
  t.after(() => client.close());
  client.start();
  return client;
}

async function read(client, ...args) {
  const parts = [];
  for await (const bytes of client.read(...args)) parts.push(bytes);
  return Buffer.concat(parts);
}

test("a file, and a part of one, from a web seed alone", async (t) => {
  const asked = home(t), client = start(t), { files: [page, film] } = await client.ready;
  assert.deepEqual(await read(client, page, 0, page.length), Buffer.from(FILES[0].bytes));
  assert.equal(client.have(page), page.length);
  assert.deepEqual(await read(client, film, 2_000_000, 2_000_010), Buffer.from(FILES[1].bytes.subarray(2_000_000,
    2_000_010)));
  assert.ok(asked[0].startsWith("http://home/x/seed/site/"), asked[0]);
  const { fromHome, fromSwarm, have, size, fault } = client.stats();
  assert.ok(fromHome >= have && have < 200_000 && fromSwarm === 0 && size === 3_100_000 && fault !== "",
    JSON.stringify(client.stats()));
});

test("a caller may change the bytes it received", async (t) => {
  home(t);
  const client = start(t), { files: [page] } = await client.ready;
  for await (const bytes of client.read(page, 0, 100)) structuredClone(bytes, { transfer: [bytes.buffer] });
  assert.deepEqual(await read(client, page, 0, 100), Buffer.from(FILES[0].bytes.subarray(0, 100)));
});

test("reads end when their signal is aborted or the client is closed", async (t) => {
  home(t, () => new Promise(() => {}));
  const client = start(t), { files: [page] } = await client.ready, stop = new AbortController();
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(read(client, page, 0, 10, stop.signal), { name: "AbortError" });
  const reading = read(client, page, 0, 10);
  setTimeout(() => client.close(), 20);
  await assert.rejects(reading, { message: "closed" });
  await assert.rejects(read(client, page, 0, 10), { message: "closed" });
});

test("data with a wrong hash is rejected", async (t) => {
  const asked = home(t, (bytes, status) => new Response(new Uint8Array(bytes.length), { status }));
  const client = start(t), { files: [page] } = await client.ready, stop = new AbortController();
  const reading = read(client, page, 0, 10, stop.signal);
  await until(() => asked.length > 0);
  setTimeout(() => stop.abort(), 100);
  await assert.rejects(reading);
  assert.equal(client.stats().have, 0);
});

test("wrong or missing metainfo is an error", async (t) => {
  await assert.rejects(start(t, { infohash: "0".repeat(40) }).ready);
  const client = start(t, { metainfo: null });
  client.close();
  await assert.rejects(client.ready, { message: "closed" });
});

test("with a slow home, background downloads yield to a page load", async (t) => {
  const asked = [], fetched = globalThis.fetch;
  t.after(() => { globalThis.fetch = fetched; });
  globalThis.fetch = (url, { headers, signal }) => new Promise((resolve, reject) => {
    const one = { url, headers, signal, resolve };
    asked.push(one);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  const now = performance.now.bind(performance);
  const client = start(t), { files: [page] } = await client.ready;
  t.mock.method(performance, "now", () => now() + 6000); // Nobody has delivered anything for long.
  client.background(true);
  await until(() => asked.length > 0);
  const rest = asked.splice(0);
  const reading = read(client, page, 0, 10);
  await until(() => asked.some(({ url }) => url.endsWith("/index.html")));
  assert.ok(rest.every(({ signal }) => signal.aborted));
  client.close();
  await assert.rejects(reading);
});

test("the first announce has offers", async (t) => {
  const sent = [], { WebSocket, RTCPeerConnection } = globalThis;
  t.after(() => { Object.assign(globalThis, { WebSocket, RTCPeerConnection }); });
  globalThis.WebSocket = class {
    readyState = 1;
    constructor() { setTimeout(() => this.onopen()); }
    send(text) { sent.push(JSON.parse(text)); }
    close() {}
  };
  globalThis.RTCPeerConnection = class {
    iceGatheringState = "complete";
    localDescription = { sdp: "v=0" };
    createDataChannel() { return { readyState: "connecting", close() {} }; }
    async setLocalDescription() {}
    close() {}
  };
  start(t, { trackers: ["wss://tracker/"] });
  await until(() => sent.length > 0);
  assert.deepEqual([sent[0].event, sent[0].offers.length], ["started", 4]);
});
