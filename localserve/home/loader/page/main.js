// The top page: it finds the site, has a client fetch it from its readers, and shows it in the frame.
import { Site, serve } from "./answer.js";
import { Bar, recall } from "./bar.js";
import { Client } from "./client.js";
import { Finder, Gone, dismissWorkers, forgetAll, forgetLoader } from "./find.js";
import { Frame } from "./frame.js";

const BASE = new URL("../", import.meta.url);
const PATIENCE = 8000; // milliseconds until the home answers what the client has not
const CHECK = 5 * 60_000; // milliseconds between looks for a new version
const MAX_BACKGROUND = 64 << 20; // bytes of a site that is fetched as a whole: of a larger one, what is read
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads";
const workers = navigator.serviceWorker;
const element = document.getElementById("site");
const started = element.hasAttribute("src"); // A home shows the plain page meanwhile.

const say = (text) => { document.getElementById("wait").textContent = text; };
const after = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// plainly leaves for the website without a loader, which a home has.
async function plainly() {
  if (workers) await dismissWorkers();
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
  return Promise.race([change, after(10_000)]);
}

class Loader {
  #finder = new Finder(BASE);
  #bar = new Bar((on) => this.#client?.help(on));
  #frame = new Frame(element, {
    base: BASE.href,
    local: (address) => this.#local(address),
    changed: (url) => this.#changed(url),
    loaded: () => this.#loaded(),
  });
  #current; // site.json of the version that is shown
  #client;
  #answering; // a promise of the Site
  #local = () => undefined;
  #ready = false;
  #shown = false;
  #loadedOnce = false;
  #gone = false;
  #checked = 0;

  constructor() {
    workers.addEventListener("message", ({ data, ports: [port] }) => {
      if (data.type === "who") this.#hello();
      else if (this.#answering) serve(this.#answering, data, port, this.#current.home && PATIENCE);
      else port.postMessage({ error: "not yet" });
    });
    workers.startMessages();
  }

  fail(text) { this.#bar.say(text); }

  async run(broken) {
    const known = await this.#finder.known();
    const newest = this.#newest(known);
    const site = !started && known || await newest || known; // The home has begun with the newest.
    if (this.#gone) return undefined;
    if (!site) {
      say("This site cannot be found at present. It is looked for again in a while, or can be opened with wtptui.");
      await after(CHECK / 30);
      return this.run(broken);
    }
    if (broken && site.home) return plainly();
    if (broken) element.sandbox = SANDBOX;
    if (this.#finder.keepsNothing) this.fail("This browser keeps nothing (private window?)");
    await this.#use(site);
    this.#compare(await newest);
    setInterval(() => this.#check(CHECK), CHECK / 5);
    document.addEventListener("visibilitychange", () => this.#check(0));
    return undefined;
  }

  #hello() { workers.controller?.postMessage({ type: "hello", ready: this.#ready }); }

  // use shows a version of the site.
  async #use(site) {
    const before = this.#current?.infohash;
    const metainfo = await this.#finder.metainfo(site);
    if (this.#gone) return; // A client would keep again what is forgotten.
    this.#client?.close();
    this.#current = site;
    this.#frame.home = site.home;
    const choice = recall("help");
    const help = choice ? choice === "yes" : !site.ask;
    this.#bar.box.checked = help;
    this.#bar.address(site.host, location.href.slice(BASE.href.length));
    if (!choice && site.ask) this.#bar.question().then((yes) => this.#client.help(yes));
    const client = this.#client = new Client({ ...site, metainfo, baseURL: BASE.href, help });
    client.onchange = () => this.#bar.show(client.stats(), site.home);
    client.start();
    this.#answering = client.ready.then((torrent) => new Site(client, torrent, { ...site, base: BASE.href }));
    const known = (answers) => { this.#local = (address) => answers.local(address); };
    const answering = this.#answering.then(known, () => {});
    if (!this.#shown && !started) say("Looking for readers of this site …");
    await (site.home ? Promise.race([answering, after(PATIENCE / 2)]) : answering);
    this.#ready = true;
    this.#hello();
    client.onchange();
    if (this.#loadedOnce) this.#loaded();
    await this.#finder.use(site, before || site.previous);
    if (this.#shown && before) this.#frame.reload();
    else if (!started) this.#frame.open(location.href);
  }

  #changed(url) {
    this.#shown = true;
    say("");
    if (this.#current) this.#bar.address(this.#current.host, url.slice(BASE.href.length));
    this.#check(60_000);
  }

  // loaded has the rest of the site fetched once there is a page.
  async #loaded() {
    this.#loadedOnce = true;
    const { torrent } = await this.#answering?.catch(() => null) || {};
    if (!torrent || navigator.connection?.saveData || torrent.size > MAX_BACKGROUND) return;
    this.#client.background(true);
  }

  #newest(current) { return this.#finder.newest(current).catch((error) => this.#failed(error)); }

  // check looks for a new version, unless it has done so not long ago.
  async #check(pause) {
    if (document.visibilityState !== "visible" || Date.now() - this.#checked < pause || !this.#current) return;
    this.#checked = Date.now();
    this.#compare(await this.#newest(this.#current));
  }

  // compare offers what is new, or shows it at once if nothing is shown yet.
  #compare(site) {
    if (!site) return;
    if (site.infohash === this.#current.infohash) this.#finder.use(site);
    else if (this.#shown) {
      this.#bar.offer(() => this.#use(site));
      this.#finder.plan(site, this.#current.infohash); // A reload shows it as well.
    } else this.#use(site);
  }

  // failed clears all if the site was taken off; other faults pass.
  async #failed(error) {
    if (!(error instanceof Gone)) return undefined;
    this.#gone = true;
    this.#client?.close();
    this.#frame.open("about:blank"); // The site's pages may have databases open.
    // What a browser never answers keeps nobody here: the answer to the next visit has it forget all anyway.
    await Promise.race([error.wholly ? forgetAll() : forgetLoader(), after(5000)]);
    if (history.state === "gone") return say("This site has been taken off.");
    history.replaceState("gone", "");
    return location.reload();
  }
}

async function main() {
  const broken = isBroken();
  const plain = /(^|; )wtptui-plain=1/.test(document.cookie);
  if (plain || started && (!workers || broken)) return plainly();
  if (!workers) return say("This window keeps nothing, or is not secure: open the site in another, or with wtptui.");
  const loader = new Loader();
  const refused = (error) => (error.name === "SecurityError" && started ? plainly() : false);
  if (await isControlled().catch(refused)) return loader.run(broken);
  if (started) return loader.fail("The home delivers: this browser keeps nothing (private window?)");
  return say("This browser does not let the site's loader work: reload the page, or open the site with wtptui.");
}

const href = new URL("bar.css", import.meta.url);
document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
main();
