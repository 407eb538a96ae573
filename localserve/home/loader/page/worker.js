// The service worker: it responds to top-level navigations with the loader's frame, and forwards the site's requests to
// a page that has a client.
const BASE = new URL(registration.scope).pathname;
const OWN = BASE + "wtptui-loader/";
const FILES = `wtptui-loader:${BASE}:`; // Sites below one host share its caches.
const PAGE_TIMEOUT = 2000; // ms until a page that does not respond is skipped: its tab may be frozen
const FILE_EXTENSIONS = new RegExp(String.raw`\.(7z|apk|atom|avi|bz2|csv|deb|epub|exe|flac|gif|gz|ico|iso|jpe?g|js|` +
  "json|m4[av]|mkv|mov|mp[34]|og[agv]|opus|pdf|png|rar|rss|svg|tar|tgz|torrent|txt|wav|web[mp]|xml|xz|zip|zst)$", "i");
const ready = new Map(); // page id → whether it can respond; lost when the browser stops the worker
let onHello = () => {};
let findingPages = null;

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(FILES + VERSION).then((cache) => // Files that fail are fetched when they are needed.
    Promise.allSettled(ASSETS.map((path) => cache.add(new Request(BASE + path, { cache: "no-cache" }))))));
});

addEventListener("activate", (event) => event.waitUntil(clients.claim().then(async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith(FILES) && name !== FILES + VERSION) await caches.delete(name);
  }
})));

addEventListener("message", (event) => {
  const { type, ready: can } = event.data;
  if (type === "claim") event.waitUntil(clients.claim()); // After a reload with shift, the page has no worker.
  if (type !== "hello") return; // "alive" only keeps the worker running.
  ready.set(event.source.id, can);
  onHello();
});

addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin || pathname === BASE + "wtptui-worker.js") return;
  if (!pathname.startsWith(OWN)) event.respondWith(handleRequest(event, pathname));
  else if (ASSETS.includes(pathname.slice(BASE.length))) event.respondWith(asset(pathname));
});

const cachedFile = (path, cacheName) => caches.match(path, { cacheName }).catch(() => null);
// pageOfDocument has the top page that has served a document in a frame, by the document's id. It also serves the
// document's requests, since another tab may show another version. It is lost when the browser stops the worker.
const pageOfDocument = new Map();

const asset = async (path) => await cachedFile(path, FILES + VERSION) || fetch(path);

const errorResponse = (status, text) =>
  new Response(text, { status, headers: { "Content-Type": "text/plain; charset=utf-8" } });

async function handleRequest(event, path) {
  const { request } = event;
  // A home serves the plain site at the same addresses. If nothing is cached, it may be a home.
  const site = await cachedFile(OWN + "site.json", "wtptui-site:" + BASE);
  const home = site ? (await site.json()).home : BASE === "/";
  if (request.method !== "GET" && request.method !== "HEAD") {
    return home ? fetch(request) : errorResponse(405, "Sites can only be read.");
  }
  if (request.destination === "document") return handleNavigation(request, home && FILE_EXTENSIONS.test(path));
  for (const page of await findPages(pageOfDocument.get(event.clientId))) {
    const response = await forwardToPage(page, event, home);
    if (!response) continue;
    if (event.resultingClientId) pageOfDocument.set(event.resultingClientId, page.id);
    return response;
  }
  const plain = home && await fetch(request).catch(() => null);
  return plain ||
    errorResponse(503, "No reader and no server that has this page can be reached. Try again in a while.");
}

// handleNavigation responds with the frame. With plain, it responds with a home's file if it can be fetched.
async function handleNavigation(request, plain) {
  const file = plain && await fetch(request).catch(() => null);
  const response = file || await asset(OWN + "frame.html").catch(() => null);
  if (file || !response?.ok) return response || fetch(request);
  const text = (await response.text()).replace('src="wtptui', `src="${BASE}wtptui`);
  return new Response(text, { headers: response.headers });
}

// findPages returns the top pages that can respond: the preferred one, then visible and recent ones.
async function findPages(preferred) {
  const all = (await clients.matchAll({ type: "window" })).filter((page) => page.frameType !== "nested");
  const known = () => all.some((page) => ready.get(page.id)) || all.every((page) => ready.has(page.id));
  if (!known()) {
    await (findingPages ||= new Promise((done) => {
      onHello = () => known() && done();
      setTimeout(done, PAGE_TIMEOUT);
      all.forEach((page) => page.postMessage({ type: "who" }));
    }));
    findingPages = null;
    all.forEach((page) => ready.set(page.id, ready.get(page.id) || false));
  }
  const rank = (page) => (page.id === preferred ? 0 : page.visibilityState === "visible" ? 1 : 2);
  return all.filter((page) => ready.get(page.id)).sort((a, b) => rank(a) - rank(b));
}

// forwardToPage returns a page's response to a request; null if it does not respond. The page sends "here" at once and
// then each second, until it sends the response: a body, or a stream, of which each part is pulled. A page that waits
// for a synchronous request cannot send "here"; a home responds instead.
function forwardToPage(page, event, home) {
  const { url, method, destination, headers: given } = event.request;
  const { port1: port, port2 } = new MessageChannel();
  let finished;
  event.waitUntil(new Promise((resolve) => { finished = resolve; }));
  return new Promise((resolve) => {
    let end = (response) => { clearInterval(watch); finished(); resolve(response); };
    let watch = setTimeout(() => { ready.delete(page.id); end(null); }, PAGE_TIMEOUT);
    port.onmessage = ({ data }) => {
      if (data === "here") {
        clearInterval(watch);
        watch = setInterval(async () => { if (home && !body || !await clients.get(page.id)) end(null); }, PAGE_TIMEOUT);
      } else if (data.error) end(null);
      else {
        try {
          resolve(new Response(data.stream ? new ReadableStream({ start, pull, cancel }) : data.body, data));
        } catch { // The browser does not allow a header.
          cancel();
          resolve(null);
        }
        if (!data.stream) end();
      }
    };
    let body;
    let taken;
    const start = (controller) => {
      body = controller;
      end = () => { clearInterval(watch); finished(); body.error(new TypeError("its page is gone")); taken?.(); };
      port.onmessage = ({ data }) => {
        if (data?.error) return end();
        if (data) body.enqueue(data);
        else { clearInterval(watch); finished(); body.close(); }
        return taken();
      };
    };
    const pull = () => new Promise((done) => { taken = done; port.postMessage("pull"); });
    const cancel = () => { clearInterval(watch); finished(); port.postMessage("cancel"); };
    const names = ["range", "if-none-match", "if-range"];
    const headers = Object.fromEntries(names.map((name) => [name, given.get(name)]));
    page.postMessage({ type: "request", url, method, destination, headers }, [port2]);
  });
}
