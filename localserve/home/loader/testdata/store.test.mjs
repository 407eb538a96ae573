import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Store } from "../page/store.js";
import { site, until } from "./help.mjs";

/** FakeCaches are the browser's, as far as the store uses them. */
class FakeCaches {
  all = new Map();
  full = false;

  async open(name) {
    if (!this.all.has(name)) this.all.set(name, new Map());
    const map = this.all.get(name);
    return {
      keys: async () => [...map.keys()].map((url) => ({ url })),
      match: async (url) => (map.has(url) ? new Response(map.get(url)) : undefined),
      delete: async (url) => map.delete(url),
      put: async (url, response) => {
        if (this.full) throw new Error("QuotaExceededError");
        map.set(url, new Uint8Array(await response.arrayBuffer()));
      },
    };
  }

  async keys() { return [...this.all.keys()]; }
  async delete(name) { return this.all.delete(name); }
  count() { return [...this.all.values()].reduce((sum, map) => sum + map.size, 0); }
}

const piece = (all, i) => all.slice(i * 64, (i + 1) * 64);

beforeEach(() => { globalThis.caches = new FakeCaches(); });

test("pieces stored by an earlier page are found, and hashed when they are read", async () => {
  const { torrent, all } = await site(250, 64);
  const first = new Store(torrent, assert.fail);
  await first.open();
  for (let i = 0; i < 4; i++) first.put(i, piece(all, i));
  assert.deepEqual([first.missing, first.availableBytes], [0, 250]);
  await until(() => caches.count() === 4);

  const lost = [];
  const second = new Store(torrent, (i) => lost.push(i));
  await second.open();
  assert.deepEqual([second.missing, second.availableBytes], [0, 250]);
  assert.deepEqual(await second.get(3), piece(all, 3));
  const [map] = caches.all.values();
  map.set([...map.keys()][1], new Uint8Array(64));
  assert.equal(await second.get(1), null);
  map.delete([...map.keys()][0]);
  assert.equal(await second.get(0), null);
  assert.deepEqual([lost, second.missing], [[1, 0], 2]);
});

test("memory is bounded, and evicted pieces are read from storage", async () => {
  const { torrent, all } = await site(64 * 10, 64);
  const store = new Store(torrent, assert.fail, 128);
  await store.open();
  for (let i = 0; i < 10; i++) {
    store.put(i, piece(all, i));
    await until(() => caches.count() === i + 1);
  }
  for (let i = 0; i < 10; i++) assert.deepEqual(await store.get(i), piece(all, i));
  assert.equal(store.hasRoom(), true);
});

test("without storage, or when it is full, pieces are kept in memory alone", async () => {
  for (const storage of [undefined, Object.assign(new FakeCaches(), { full: true })]) {
    globalThis.caches = storage;
    const { torrent, all } = await site(64 * 4, 64), lost = [];
    const store = new Store(torrent, (i) => lost.push(i), 128);
    await store.open();
    store.put(0, piece(all, 0));
    store.put(1, piece(all, 1));
    await until(() => !store.hasRoom());
    await store.get(0);
    store.put(2, piece(all, 2));
    assert.deepEqual([lost, [...store.available]], [[1], [1, 0, 1, 0]]);
    assert.equal(await store.get(1), null);
  }
});

test("other versions are deleted on request", async () => {
  await caches.open("wtptui-pieces-old");
  await caches.open("wtptui-pieces-new");
  await caches.open("another");
  await Store.deleteOthers("new");
  assert.deepEqual(await caches.keys(), ["wtptui-pieces-new", "another"]);
});
