import assert from "node:assert/strict";
import { test } from "node:test";

import { Finder, RemovedError } from "../page/find.js";
import { bytesOf, metainfo } from "./help.mjs";

const made = metainfo([{ path: "index.html", bytes: bytesOf(1000) }], 1 << 14);
const SITE = { infohash: made.infohash, home: true, domain: "" };

/** host has a server answer by the end of the address, and returns a Finder and what its caches have. */
function host(t, answers) {
  const kept = new Map(), { fetch, caches } = globalThis;
  t.after(() => { Object.assign(globalThis, { fetch, caches }); });
  globalThis.fetch = async (url) => answers[Object.keys(answers).find((end) => url.endsWith(end))]();
  const cache = {
    match: async (url) => kept.get(url)?.clone(), put: async (url, answer) => kept.set(url, answer),
    delete: async (url) => kept.delete(url),
  };
  globalThis.caches = { open: async () => cache, delete: async () => true };
  return { finder: new Finder(new URL("http://host/x/")), kept };
}

test("an HTML page in place of the metainfo is not stored", async (t) => {
  let answer = new Response("<!doctype html>");
  const { finder, kept } = host(t, { ".torrent": () => answer });
  assert.equal(await finder.metainfo(SITE), null);
  assert.equal(kept.size, 0);
  answer = new Response(made.torrent);
  assert.deepEqual(await finder.metainfo(SITE), made.torrent);
  answer = null;
  assert.deepEqual(await finder.metainfo(SITE), made.torrent);
});

test("a new version is used on the next visit only if it can be opened", async (t) => {
  const { finder } = host(t, { ".torrent": () => new Response("", { status: 404 }) });
  await finder.saveCurrent({ infohash: "old" });
  await finder.saveForReload(SITE, "old");
  assert.equal((await finder.lastUsed()).infohash, "old");
  globalThis.fetch = async () => new Response(made.torrent);
  await finder.saveForReload(SITE, "old");
  assert.deepEqual(await finder.lastUsed(), { ...SITE, previous: "old" });
});

test("a removed site and a site without a loader are not opened", async (t) => {
  const headers = { "Wtptui-Taken-Off": "1" };
  for (const [siteRemoved, init] of [[true, { status: 410, headers }], [false, { status: 410 }]]) {
    const { finder, kept } = host(t, { "site.json": () => new Response("", init) });
    await assert.rejects(finder.fetchNewest(), (error) =>
      error instanceof RemovedError && error.siteRemoved === siteRemoved);
    await finder.saveCurrent(SITE);
    assert.equal(kept.size, 0);
  }
});
