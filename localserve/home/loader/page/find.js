// Finds the current version of the site: in site.json beside this page, or in DNS, in the domain's TXT record wtpkey=.
import { Torrent } from "./torrent.js";

// RemovedError means that the loader is not served here any more. siteRemoved reports whether the site is not either.
export class RemovedError extends Error { siteRemoved = false; }

export class Finder {
  storageUnavailable = false;
  #removed = false;

  constructor(base) { this.base = base; }

  #url(name) { return new URL("wtptui-loader/" + name, this.base).href; }

  // #withCache calls act with the cache of this folder's site, which has the last site.json that was used, and the
  // torrent.
  async #withCache(act) {
    if (this.#removed) return undefined; // Nothing of a removed site may be stored.
    try {
      return await act(await caches.open("wtptui-site:" + this.base.pathname));
    } catch {
      this.storageUnavailable = true;
      return undefined;
    }
  }

  // lastUsed returns site.json as it was used last; undefined if there is none.
  lastUsed() { return this.#withCache(async (cache) => (await cache.match(this.#url("site.json")))?.json()); }

  // fetchNewest returns the current site.json. It throws RemovedError if the loader was removed.
  async fetchNewest(current) {
    const response = await fetch(this.#url("site.json"), { cache: "no-cache" });
    const siteRemoved = response.headers.has("wtptui-taken-off");
    this.#removed = response.status === 410;
    if (this.#removed) throw Object.assign(new RemovedError(), { siteRemoved });
    if (!response.ok) throw new Error("site.json: " + response.status);
    const site = await response.json();
    const found = site.domain && await findInfohash(site, current?.infohash || site.infohash);
    return { ...site, infohash: found || site.infohash };
  }

  // saveCurrent stores the version that is used, and deletes what was stored of the version before.
  async saveCurrent(site, before) {
    await this.#withCache((cache) => cache.put(this.#url("site.json"), Response.json(site)));
    if (!before || before === site.infohash) return;
    await this.#withCache((cache) => cache.delete(this.#url(before + ".torrent")));
    await caches.delete("wtptui-pieces-" + before).catch(() => {});
  }

  // saveForReload stores a version to be shown when the page is opened the next time, if its torrent is available.
  async saveForReload(site, previous) {
    if (!await this.metainfo(site)) return;
    await this.#withCache((cache) => cache.put(this.#url("site.json"), Response.json({ ...site, previous })));
  }

  // metainfo returns the .torrent file; null if it must come from peers. Some hosts respond with a page for missing
  // files.
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

// findInfohash queries the resolvers in turn for a domain's infohash. A new one counts if two of them return it, or if
// only one responds.
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

// queryResolver queries a resolver (JSON over HTTPS). It returns "" if the domain has no infohash.
async function queryResolver(resolver, domain) {
  const query = `${resolver}?name=${encodeURIComponent(domain)}&type=TXT`;
  const options = { headers: { accept: "application/dns-json" }, signal: AbortSignal.timeout(5000) };
  const { Status, Answer = [] } = await (await fetch(query, options)).json();
  const texts = Answer.filter(({ type }) => Status === 0 && type === 16).map(({ data }) => data.replace(/"\s+"/g, ""));
  const keys = texts.map((text) => /^[\s"\ufeff]*wtpkey=([0-9a-f]{40})[\s"]*$/i.exec(text)?.[1]);
  return keys.find(Boolean)?.toLowerCase() || "";
}

const settleEach = async (list, act) => Promise.allSettled((await list.catch(() => [])).map(act));

// unregisterWorkers unregisters all service workers, so that the next page comes from the network.
export const unregisterWorkers = () =>
  settleEach(navigator.serviceWorker.getRegistrations(), (worker) => worker.unregister());

// clearLoaderData deletes what the loader has stored, but not what the site has.
export async function clearLoaderData() {
  await unregisterWorkers();
  await settleEach(caches.keys(), (name) => name.startsWith("wtptui-") && caches.delete(name));
}

// clearAllData deletes all data of this origin in the browser, including its workers.
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
