// The top page: it finds the site, has a client fetch it from its readers, and shows it in the frame.
import { Site, serve } from "./answer.js";
import { Bar, loadSetting } from "./bar.js";
import { Client } from "./client.js";
import { Finder, RemovedError, unregisterWorkers, clearAllData, clearLoaderData } from "./find.js";
import { Frame } from "./frame.js";

const BASE = new URL("../", import.meta.url);
const HOME_TIMEOUT = 8000; // milliseconds until the home answers what the client has not
const UPDATE_INTERVAL = 5 * 60_000; // milliseconds between looks for a new version
const MAX_BACKGROUND = 64 << 20; // bytes of a site that is fetched as a whole: of a larger one, what is read
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads";
const workers = navigator.serviceWorker;
const element = document.getElementById("site");
const started = element.hasAttribute("src"); // A home shows the plain page meanwhile.

const showStatus = (text) => { document.getElementById("wait").textContent = text; };
const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// leaveForPlainSite leaves for the website without a loader, which a home has.
async function leaveForPlainSite() {
  if (workers) await unregisterWorkers();
  const to = encodeURIComponent(location.pathname + location.search);
  location.replace(`${BASE}wtptui-loader/plain?to=${to}${location.hash}`);
}

// isBroken reports whether a page of the site puts itself in the place of this one again and again.
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

// isControlled resolves to whether the worker answers for this page.
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
      showStatus("This site cannot be found at present. It is looked for again in a while, or can be opened with wtptui.");
      await delay(UPDATE_INTERVAL / 30);
      return this.run(broken);
    }
    if (broken && site.home) return leaveForPlainSite();
    if (broken) element.sandbox = SANDBOX;
    if (this.#finder.storageUnavailable) this.showFault("This browser keeps nothing (private window?)");
    await this.#showVersion(site);
    this.#offerUpdate(await newest);
    setInterval(() => this.#checkForUpdate(UPDATE_INTERVAL), UPDATE_INTERVAL / 5);
    document.addEventListener("visibilitychange", () => this.#checkForUpdate(0));
    return undefined;
  }

  #announceReady() { workers.controller?.postMessage({ type: "hello", ready: this.#ready }); }

  // use shows a version of the site.
  async #showVersion(site) {
    const before = this.#current?.infohash;
    const metainfo = await this.#finder.metainfo(site);
    if (this.#removed) return; // A client would keep again what is forgotten.
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

  // loaded has the rest of the site fetched once there is a page.
  async #handleLoad() {
    this.#loadedOnce = true;
    const { torrent } = await this.#sitePromise?.catch(() => null) || {};
    if (!torrent || navigator.connection?.saveData || torrent.size > MAX_BACKGROUND) return;
    this.#client.background(true);
  }

  #fetchNewest(current) { return this.#finder.fetchNewest(current).catch((error) => this.#handleFetchError(error)); }

  // check looks for a new version, unless it has done so not long ago.
  async #checkForUpdate(pause) {
    if (document.visibilityState !== "visible" || Date.now() - this.#lastCheck < pause || !this.#current) return;
    this.#lastCheck = Date.now();
    this.#offerUpdate(await this.#fetchNewest(this.#current));
  }

  // compare offers what is new, or shows it at once if nothing is shown yet.
  #offerUpdate(site) {
    if (!site) return;
    if (site.infohash === this.#current.infohash) this.#finder.saveCurrent(site);
    else if (this.#pageShown) {
      this.#bar.offerUpdate(() => this.#showVersion(site));
      this.#finder.saveForReload(site, this.#current.infohash); // A reload shows it as well.
    } else this.#showVersion(site);
  }

  // failed clears all if the site was taken off; other faults pass.
  async #handleFetchError(error) {
    if (!(error instanceof RemovedError)) return undefined;
    this.#removed = true;
    this.#client?.close();
    this.#frame.open("about:blank"); // The site's pages may have databases open.
    // What a browser never answers keeps nobody here: the answer to the next visit has it forget all anyway.
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
  if (!workers) return showStatus("This window keeps nothing, or is not secure: open the site in another, or with wtptui.");
  const loader = new Loader();
  const refused = (error) => (error.name === "SecurityError" && started ? leaveForPlainSite() : false);
  if (await isControlled().catch(refused)) return loader.run(broken);
  if (started) return loader.showFault("The home delivers: this browser keeps nothing (private window?)");
  return showStatus("This browser does not let the site's loader work: reload the page, or open the site with wtptui.");
}

const href = new URL("bar.css", import.meta.url);
document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
main();
