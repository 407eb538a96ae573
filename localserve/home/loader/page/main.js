// The top page: it finds the site's version, starts a client that downloads it from its readers, and shows it in the
// frame.
import { Site, serve } from "./answer.js";
import { Bar, loadSetting } from "./bar.js";
import { Client } from "./client.js";
import { Finder, RemovedError, unregisterWorkers, clearAllData, clearLoaderData } from "./find.js";
import { Frame } from "./frame.js";

const BASE = new URL("../", import.meta.url);
const HOME_TIMEOUT = 8000; // ms until the home serves what the client has not downloaded
const UPDATE_INTERVAL = 5 * 60_000; // ms between checks for a new version
const MAX_BACKGROUND = 64 << 20; // bytes of a site that is downloaded as a whole; of a larger one only what is read is
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads";
const workers = navigator.serviceWorker;
const element = document.getElementById("site");
const started = element.hasAttribute("src"); // A home shows the plain page meanwhile.

const showStatus = (text) => { document.getElementById("wait").textContent = text; };
const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// leaveForPlainSite navigates to a home's website without the loader.
async function leaveForPlainSite() {
  if (workers) await unregisterWorkers();
  const to = encodeURIComponent(location.pathname + location.search);
  location.replace(`${BASE}wtptui-loader/plain?to=${to}${location.hash}`);
}

// isBroken reports whether a page of the site keeps replacing this one.
function isBroken() {
  try {
    const [count, at, url] = (sessionStorage["wtptui-starts"] || "").split(" ");
    const again = Date.now() - at < 3000 && performance.getEntriesByType("navigation")[0]?.type === "navigate";
    const times = again && url === location.href ? Number(count) + 1 : 0;
    sessionStorage["wtptui-starts"] = [times, Date.now(), location.href].join(" ");
    return times > 3;
  } catch {
    return false;
  }
}

// isControlled resolves to true when the worker handles this page's requests.
async function isControlled() {
  const options = { scope: BASE.pathname, updateViaCache: "none" };
  const { active } = await workers.register(BASE + "wtptui-worker.js", options);
  if (workers.controller) return true;
  const change = new Promise((resolve) => { workers.addEventListener("controllerchange", () => resolve(true)); });
  active?.postMessage({ type: "claim" });
  return Promise.race([change, delay(10_000)]);
}

class Loader {
  #finder = new Finder(BASE);
  #bar = new Bar((on) => this.#client?.help(on));
  #frame = new Frame(element, {
    base: BASE.href,
    local: (address) => this.#local(address),
    changed: (url) => this.#handleNavigation(url),
    loaded: () => this.#handleLoad(),
  });
  #current; // site.json of the version that is shown
  #client;
  #sitePromise; // a promise of the Site
  #local = () => undefined;
  #ready = false;
  #pageShown = false;
  #loadedOnce = false;
  #removed = false;
  #lastCheck = 0;

  constructor() {
    workers.addEventListener("message", ({ data, ports: [port] }) => {
      if (data.type === "who") this.#announceReady();
      else if (this.#sitePromise) serve(this.#sitePromise, data, port, this.#current.home && HOME_TIMEOUT);
      else port.postMessage({ error: "not yet" });
    });
    workers.startMessages();
  }

  showFault(text) { this.#bar.setNote(text); }

  async run(broken) {
    const known = await this.#finder.lastUsed();
    const newest = this.#fetchNewest(known);
    const site = !started && known || await newest || known; // The home has begun with the newest.
    if (this.#removed) return undefined;
    if (!site) {
      showStatus("This site cannot be found now. This page tries again in 10 seconds. " +
        "You can also open the site with wtptui.");
      await delay(UPDATE_INTERVAL / 30);
      return this.run(broken);
    }
    if (broken && site.home) return leaveForPlainSite();
    if (broken) element.sandbox = SANDBOX;
    if (this.#finder.storageUnavailable) this.showFault("This browser stores nothing (private window?)");
    await this.#showVersion(site);
    this.#offerUpdate(await newest);
    setInterval(() => this.#checkForUpdate(UPDATE_INTERVAL), UPDATE_INTERVAL / 5);
    document.addEventListener("visibilitychange", () => this.#checkForUpdate(0));
    return undefined;
  }

  #announceReady() { workers.controller?.postMessage({ type: "hello", ready: this.#ready }); }

  // #showVersion shows a version of the site.
  async #showVersion(site) {
    const before = this.#current?.infohash;
    const metainfo = await this.#finder.metainfo(site);
    if (this.#removed) return; // A client would store again what was deleted.
    this.#client?.close();
    this.#current = site;
    this.#frame.home = site.home;
    const choice = loadSetting("help");
    const help = choice ? choice === "yes" : !site.ask;
    this.#bar.box.checked = help;
    this.#bar.setAddress(site.host, location.href.slice(BASE.href.length));
    if (!choice && site.ask) this.#bar.askToHelp().then((yes) => this.#client.help(yes));
    const client = this.#client = new Client({ ...site, metainfo, baseURL: BASE.href, help });
    client.onchange = () => this.#bar.showStats(client.stats(), site.home);
    client.start();
    this.#sitePromise = client.ready.then((torrent) => new Site(client, torrent, { ...site, base: BASE.href }));
    const known = (answers) => { this.#local = (address) => answers.local(address); };
    const answering = this.#sitePromise.then(known, () => {});
    if (!this.#pageShown && !started) showStatus("Looking for readers of this site …");
    await (site.home ? Promise.race([answering, delay(HOME_TIMEOUT / 2)]) : answering);
    this.#ready = true;
    this.#announceReady();
    client.onchange();
    if (this.#loadedOnce) this.#handleLoad();
    await this.#finder.saveCurrent(site, before || site.previous);
    if (this.#pageShown && before) this.#frame.reload();
    else if (!started) this.#frame.open(location.href);
  }

  #handleNavigation(url) {
    this.#pageShown = true;
    showStatus("");
    if (this.#current) this.#bar.setAddress(this.#current.host, url.slice(BASE.href.length));
    this.#checkForUpdate(60_000);
  }

  // #handleLoad starts to download the rest of the site once a page is shown.
  async #handleLoad() {
    this.#loadedOnce = true;
    const { torrent } = await this.#sitePromise?.catch(() => null) || {};
    if (!torrent || navigator.connection?.saveData || torrent.size > MAX_BACKGROUND) return;
    this.#client.background(true);
  }

  #fetchNewest(current) { return this.#finder.fetchNewest(current).catch((error) => this.#handleFetchError(error)); }

  // #checkForUpdate checks for a new version, unless the last check was less than pause ago, in ms.
  async #checkForUpdate(pause) {
    if (document.visibilityState !== "visible" || Date.now() - this.#lastCheck < pause || !this.#current) return;
    this.#lastCheck = Date.now();
    this.#offerUpdate(await this.#fetchNewest(this.#current));
  }

  // #offerUpdate offers a new version, or shows it at once if no page is shown yet.
  #offerUpdate(site) {
    if (!site) return;
    if (site.infohash === this.#current.infohash) this.#finder.saveCurrent(site);
    else if (this.#pageShown) {
      this.#bar.offerUpdate(() => this.#showVersion(site));
      this.#finder.saveForReload(site, this.#current.infohash); // A reload shows it as well.
    } else this.#showVersion(site);
  }

  // #handleFetchError deletes all data if the loader or the site was removed. It ignores other errors.
  async #handleFetchError(error) {
    if (!(error instanceof RemovedError)) return undefined;
    this.#removed = true;
    this.#client?.close();
    this.#frame.open("about:blank"); // The site's pages may have databases open.
    // Some browsers never finish. The response to the next visit makes them delete everything anyway.
    await Promise.race([error.siteRemoved ? clearAllData() : clearLoaderData(), delay(5000)]);
    if (history.state === "gone") return showStatus("This site has been taken off.");
    history.replaceState("gone", "");
    return location.reload();
  }
}

async function main() {
  const broken = isBroken();
  const plain = /(^|; )wtptui-plain=1/.test(document.cookie);
  if (plain || started && (!workers || broken)) return leaveForPlainSite();
  if (!workers) {
    return showStatus("This window is private or not secure, so the site cannot be loaded here. Open it in another " +
      "window, or with wtptui.");
  }
  const loader = new Loader();
  const refused = (error) => (error.name === "SecurityError" && started ? leaveForPlainSite() : false);
  if (await isControlled().catch(refused)) return loader.run(broken);
  if (started) return loader.showFault("The home delivers: this browser stores nothing (private window?)");
  return showStatus("The site could not be loaded in this browser. Reload the page, or open the site with wtptui.");
}

const href = new URL("bar.css", import.meta.url);
document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
main();
