// Which version of the site there is: by site.json beside this page, or by DNS, as the domain's TXT record wtpkey=.
import { Torrent } from "./torrent.js";

// RemovedError says that there is no loader here any more; siteRemoved, that the site was taken off as well.
export class RemovedError extends Error { siteRemoved = false; }

export class Finder {
  storageUnavailable = false;
  #removed = false;

  constructor(base) { this.base = base; }

  #url(name) { return new URL("wtptui-loader/" + name, this.base).href; }

  // cached does something with what is kept of this folder's site: site.json as it was used last, and the torrent.
  async #withCache(act) {
    if (this.#removed) return undefined; // Nothing is kept of it any more.
    try {
      return await act(await caches.open("wtptui-site:" + this.base.pathname));
    } catch {
      this.storageUnavailable = true;
      return undefined;
    }
  }

  // known returns the site as it was shown last; undefined if it never was.
  lastUsed() { return this.#withCache(async (cache) => (await cache.match(this.#url("site.json")))?.json()); }

  // newest returns the site as it is now. It throws RemovedError if that was taken off.
  async fetchNewest(current) {
    const response = await fetch(this.#url("site.json"), { cache: "no-cache" });
    const siteRemoved = response.headers.has("wtptui-taken-off");
    this.#removed = response.status === 410;
    if (this.#removed) throw Object.assign(new RemovedError(), { siteRemoved });
    if (!response.ok) throw new Error("site.json: " + response.status);
    const site = await response.json();
    return { ...site, infohash: site.domain && await findInfohash(site, current?.infohash || site.infohash) || site.infohash };
  }

  // use has a version known, and what there was of another one forgotten.
  async saveCurrent(site, before) {
    await this.#withCache((cache) => cache.put(this.#url("site.json"), Response.json(site)));
    if (!before || before === site.infohash) return;
    await this.#withCache((cache) => cache.delete(this.#url(before + ".torrent")));
    await caches.delete("wtptui-pieces-" + before).catch(() => {});
  }

  // plan has a version shown when the page is opened the next time, if it can be.
  async saveForReload(site, previous) {
    if (!await this.metainfo(site)) return;
    await this.#withCache((cache) => cache.put(this.#url("site.json"), Response.json({ ...site, previous })));
  }

  // metainfo returns the .torrent; null if it has to come from peers. Some hosts answer with a page for what they have
  // not.
  async metainfo({ infohash }) {
    const url = this.#url(infohash + ".torrent");
    const kept = await this.#withCache((cache) => cache.match(url));
    const response = kept || await fetch(url).catch(() => null);
    if (!response?.ok) return null;
    try {
      const bytes = new Uint8Array(await response.arrayBuffer());
      await Torrent.parse(bytes, infohash);
      if (!kept) await this.#withCache((cache) => cache.put(url, new Response(bytes)));
      return bytes;
    } catch {
      if (kept) await this.#withCache((cache) => cache.delete(url));
      return null;
    }
  }
}

// ask returns the infohash of a domain, by its resolvers in turn: one that is new counts when two of them have it, or
// only one answers.
async function findInfohash({ domain, resolvers }, current) {
  let first = "";
  for (const resolver of resolvers) {
    const hash = await queryResolver(resolver, domain).catch(() => "");
    if (hash && (hash === current || hash === first)) return hash;
    if (hash && first) return current;
    first ||= hash;
  }
  return first;
}

// lookUp asks a resolver (JSON over HTTPS); the answer is empty if the domain has no infohash.
async function queryResolver(resolver, domain) {
  const query = `${resolver}?name=${encodeURIComponent(domain)}&type=TXT`;
  const options = { headers: { accept: "application/dns-json" }, signal: AbortSignal.timeout(5000) };
  const { Status, Answer = [] } = await (await fetch(query, options)).json();
  const texts = Answer.filter(({ type }) => Status === 0 && type === 16).map(({ data }) => data.replace(/"\s+"/g, ""));
  const keys = texts.map((text) => /^[\s"\ufeff]*wtpkey=([0-9a-f]{40})[\s"]*$/i.exec(text)?.[1]);
  return keys.find(Boolean)?.toLowerCase() || "";
}

const settleEach = async (list, act) => Promise.allSettled((await list.catch(() => [])).map(act));

// unregisterWorkers has the next page come from the network.
export const unregisterWorkers = () => settleEach(navigator.serviceWorker.getRegistrations(), (worker) => worker.unregister());

// clearLoaderData clears what the loader has kept, and not what the site has.
export async function clearLoaderData() {
  await unregisterWorkers();
  await settleEach(caches.keys(), (name) => name.startsWith("wtptui-") && caches.delete(name));
}

// clearAllData clears what this origin has in the browser, its workers included.
export async function clearAllData() {
  await unregisterWorkers();
  await settleEach(caches.keys(), (name) => caches.delete(name));
  await settleEach(indexedDB.databases(), ({ name }) => indexedDB.deleteDatabase(name));
  const folder = await navigator.storage?.getDirectory?.().catch(() => null);
  for await (const name of folder?.keys() || []) await folder.removeEntry(name, { recursive: true }).catch(() => {});
  for (const cookie of document.cookie.split("; ")) document.cookie = cookie.split("=")[0] + "=; Max-Age=0; Path=/";
  for (const storage of ["localStorage", "sessionStorage"]) {
    try { window[storage].clear(); } catch { /* There is none. */ }
  }
}
