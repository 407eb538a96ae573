// Responses to the site's requests from the torrent's files, as in the Go package localserve/files.
import {
  Tree, contentType, matchesPath, declares, encodePath, parseHeaders, parseRedirects, redirect, collapseSlashes, typeOf,
} from "./rules.js";

const SMALL = 256 << 10; // maximum bytes of a body that is sent to the worker in one message
const SNIFFED = 64 << 10; // bytes from which a text's charset is determined
const MAX_RULES = 64 << 10; // maximum bytes of a rule file (IPIP-290)
const PAGES = ["document", "iframe", "frame"];
const BAD_TARGET = [400, "Bad request", "This address cannot be that of a file. Check its spelling."];

const escapeHTML = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export function bytesText(n) {
  let unit = 0;
  for (; n >= 1000; n /= 1000) unit++;
  return `${unit && n < 10 ? n.toFixed(1) : Math.round(n)} ${["B", "kB", "MB", "GB", "TB"][unit]}`;
}

// generatedPage returns a page of the loader instead of the site's.
function generatedPage(status, title, html, csp = "default-src 'none'; style-src 'unsafe-inline'") {
  const text = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHTML(title)}</title><style>:root{color-scheme:light dark}
body{max-width:44rem;margin:8vh auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
table{width:100%}td+td{text-align:right}</style><h1>${escapeHTML(title)}</h1>${html}`;
  const headers = [["content-type", "text/html; charset=utf-8"], ["cache-control", "no-cache"]];
  return { status, headers: [...headers, ["content-security-policy", csp]], body: new TextEncoder().encode(text) };
}

const failure = (status, title, text) => generatedPage(status, title, `<p>${escapeHTML(text)}`);
const redirection = (status, to) =>
  ({ status, headers: [["location", to], ["cache-control", "no-cache"]], body: null });

// Site responds to requests for one version of a site, whose torrent is known.
export class Site {
  #rules = {};

  // options are the fields of site.json, and base, the URL of the folder under which the site is shown.
  constructor(client, torrent, options) {
    Object.assign(this, { client, torrent, options, tree: new Tree(torrent.files) });
  }

  // local returns the URL of a wtp address of this site; undefined for other addresses.
  local(address) {
    const [, host, path] = /^wtp:\/\/([^/?#]*)\/?(.*)$/i.exec(address) || [];
    const own = [this.options.host, this.torrent.infohash].includes(host?.toLowerCase());
    return own ? this.options.base + path : undefined;
  }

  // answer returns the response to a request: status, headers, and either body or chunks, an iterator of its parts.
  async answer(request, signal) {
    const url = new URL(request.url);
    const root = new URL(this.options.base).pathname;
    let path = "";
    try { // Paths outside the folder are relative to the site's root.
      path = decodeURIComponent(url.pathname.startsWith(root) ? url.pathname.slice(root.length - 1) : url.pathname);
    } catch { /* It stays empty. */ }
    const bad = !path || path.includes("\0") || path.split(/[/\\]/).includes("..");
    const found = bad ? { answer: failure(...BAD_TARGET) } : await this.#locate(path, url, request, signal);
    const answer = found.answer || await this.#respondWithFile(found, path, request, signal);
    answer.headers.push(["x-content-type-options", "nosniff"]);
    if (this.options.csp) answer.headers.push(["content-security-policy", this.options.csp]);
    if (request.method === "HEAD") answer.body = null;
    return answer;
  }

  async #locate(path, url, request, signal) {
    let found = this.tree.locate(path);
    if (/^\/_(redirects|headers)$/.test(collapseSlashes(path))) found = this.tree.notFound();
    if (found.file && !found.status) return found;
    const packed = /^text\/(?!csv)|json$|xml$|wasm$/.test(typeOf(path)) && this.tree.file(path.slice(1) + ".gz");
    if (packed) return { file: packed, packed: ".gz" };
    const mirrored = url.search && this.tree.file(path.slice(1) + url.search);
    if (mirrored) return { file: mirrored };
    if (path.startsWith("//")) return { answer: failure(...BAD_TARGET) }; // In a redirect, the rest would be a host.
    const hasIndex = found.slash && this.tree.locate(path + "/").file;
    if (!hasIndex) found = await this.#applyRules(found, path, url, request, signal);
    if (found.answer || found.file) return found;
    const slashed = this.options.base + encodePath(path.slice(1)) + "/" + url.search;
    if (found.slash) return { answer: redirection(301, slashed) };
    return { answer: found.folder ? listing(found) : failure(404, "No such page", `The site has no file ${path}.`) };
  }

  async #applyRules(found, path, url, request, signal) {
    const { rules, fault } = await this.#readRules("_redirects", parseRedirects, signal)
      || { rules: [], fault: this.tree.file("_redirects") && "the file is too long" };
    const { to = "", status } = redirect(rules, path);
    const own = /^\/(?!\/)/.test(to);
    if (status === 200 || status >= 400) {
      const target = own ? this.tree.locate(decodeURIComponent(to.replace(/[?#].*/, ""))) : {};
      if (target.file && !target.status) return { ...target, status: status === 200 ? 0 : status };
    } else if (own || /^(https?:\/\/[^/]|wtp:)/i.test(to)) {
      return { answer: this.#redirect(to, own, status, url, request) };
    }
    const fallback = PAGES.includes(request.destination) && this.tree.file("200.html");
    if (fallback) return { file: fallback };
    if (!fault || found.file || found.folder || found.slash) return found;
    return { answer: failure(500, "Invalid rules",
      `The site has no file ${path}. A rule may redirect it, but the site's owner must correct the rules first: ` +
      `could not parse _redirects: ${fault}.`) };
  }

  // #redirect returns the response for a rule's redirect. To another site, only the top page can be redirected.
  #redirect(to, own, status, url, request) {
    const target = new URL(own ? this.options.base.slice(0, -1) + to : this.local(to) || to);
    target.search ||= url.search;
    const inFrame = PAGES.includes(request.destination);
    if (target.origin === url.origin || !inFrame) return redirection(status, target.href);
    const link = `<p><a href="${escapeHTML(target.href)}" target="_top">${escapeHTML(target.href)}</a>`;
    if (target.protocol === "wtp:") return generatedPage(404, "Not on this server", link + "<p>You can open it with wtptui.");
    const clearnet = "<p>The site is set to \"no clearnet\", so it may not redirect to other servers:";
    if (this.options.csp) return generatedPage(403, "Not redirected", clearnet + link);
    const script = `<script>top.location.replace(${JSON.stringify(target).replace(/</g, "\\u003c")})</script>`;
    return generatedPage(200, "On another website", link + script, "script-src 'unsafe-inline'");
  }

  // #readRules returns the result of parse for a rule file; undefined if there is none, or it is too long.
  #readRules(name, parse, signal) {
    const file = this.tree.file(name);
    if (!file || file.length > MAX_RULES) return undefined;
    return this.#rules[name] ||= collect(this.client.read(file, 0, file.length, signal))
      .then((bytes) => parse(new TextDecoder().decode(bytes)))
      .catch((error) => { delete this.#rules[name]; throw error; });
  }

  async #respondWithFile({ file, status = 0, packed = "" }, path, { method, headers: asked }, signal) {
    const own = new Map([["cache-control", "no-cache"]]);
    for (const [pattern, name, value] of await this.#readRules("_headers", parseHeaders, signal) || []) {
      const before = name === "content-security-policy" && own.get(name); // Each policy narrows the others.
      if (matchesPath(pattern, collapseSlashes(path))) own.set(name, before ? `${before}, ${value}` : value);
    }
    const charset = own.get("content-type");
    own.delete("content-type");
    const headers = [...own];
    let range = { start: 0, end: file.length };
    if (!status) {
      const tag = `"${this.torrent.infohash}-${file.index}"`;
      headers.push(["etag", tag]);
      const known = (asked["if-none-match"] || "").split(",").map((known) => known.trim().replace(/^W\//, ""));
      if (known.includes(tag) || known.includes("*")) return { status: 304, headers, body: null };
      if (!packed && (!asked["if-range"] || asked["if-range"] === tag)) range = parseRange(asked.range, file.length);
      if (!range) return { status: 416, headers: [["content-range", `bytes */${file.length}`]], body: null };
    }
    const { start, end, part } = range;
    if (!packed) headers.push(["accept-ranges", "bytes"], ["content-length", String(end - start)]);
    if (part) headers.push(["content-range", `bytes ${start}-${end - 1}/${file.length}`]);
    status ||= part ? 206 : 200;
    const name = packed === "z" ? ".svg" : file.path.slice(0, file.path.length - packed.length);
    const empty = method === "HEAD" || start === end;
    const raw = this.client.read(file, start, empty ? start : end, signal);
    const chunks = packed && !empty ? gunzip(raw) : raw;
    const nothing = { first: new Uint8Array(), done: true };
    const { first, done } = empty ? nothing : await readStart(chunks, start ? ".bin" : name);
    const type = start ? typeOf(name) || "application/octet-stream" : contentType(name, first, done, charset);
    headers.push(["content-type", type]);
    if (empty || done) return { status, headers, body: empty ? null : first };
    const small = !packed && end - start <= SMALL && this.client.have(file) === file.length;
    const rest = prepend(first, chunks);
    return small ? { status, headers, body: await collect(rest) } : { status, headers, chunks: rest };
  }
}

function listing({ folder, dir }) {
  const order = (a, b) => Boolean(folder.get(a)) - Boolean(folder.get(b)) || (a < b ? -1 : 1);
  const names = [...folder.keys()].sort(order);
  const rows = names.map((name) => {
    const file = folder.get(name);
    const slash = file ? "" : "/";
    const href = `./${escapeHTML(encodeURIComponent(name))}${slash}`;
    const size = file ? bytesText(file.length) : "";
    return `<tr><td><a href="${href}"><bdi>${escapeHTML(name)}</bdi>${slash}</a><td>${size}`;
  });
  const up = dir && '<tr><td><a href="../">..</a>';
  const note = "<p>This folder has no index page, so its files are listed.";
  return generatedPage(200, `Index of /${dir}`, `<table>${up}${rows.join("")}</table>${note}`);
}

// parseRange returns the range of a Range header (RFC 9110, section 14): the whole file if the header is not
// understood, null if the range is unsatisfiable.
function parseRange(header, size) {
  const [, list] = /^bytes=([^,]*)$/i.exec(header || "") || [];
  if (list === undefined || !size) return { start: 0, end: size };
  const [, from, to] = /^\s*(\d*)-(\d*)\s*$/.exec(list) || [];
  if (!from && !to || from && to && Number(from) > Number(to)) return null;
  const start = from ? Number(from) : Math.max(0, size - Number(to));
  return start < size ? { start, end: from && to ? Math.min(size, Number(to) + 1) : size, part: true } : null;
}

// readStart reads the start of a file, as much as is needed to determine its type, and at least one part.
async function readStart(chunks, name) {
  const type = typeOf(name) || "text/";
  const needed = type.startsWith("text/") ? SNIFFED : 1;
  let first = new Uint8Array();
  const told = () => type === "text/html" && first.length >= 1024 && declares(type, first.subarray(0, 1024));
  while (first.length < needed && !told()) {
    const { value, done } = await chunks.next();
    if (done) return { first, done };
    first = concat([first, value]);
  }
  return { first, done: false };
}

function concat(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { all.set(part, at); return at + part.length; }, 0);
  return all;
}

async function collect(chunks) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concat(parts);
}

async function* prepend(first, rest) {
  yield first;
  yield* rest;
}

async function* gunzip(chunks) {
  const packed = new ReadableStream({ async pull(to) {
    const { value, done } = await chunks.next();
    if (done) to.close();
    else to.enqueue(value);
  } });
  const reader = packed.pipeThrough(new DecompressionStream("gzip")).getReader();
  for (let next; !(next = await reader.read()).done;) yield next.value;
}

// serve sends the response to a request to the worker's port: "here" at once and each second, then the site's response,
// and the parts of a stream as they are pulled. After timeout ms without a response it sends an error, so that the
// worker tries another source; 0 means no timeout.
export async function serve(site, request, port, timeout) {
  const stop = new AbortController();
  const late = timeout && setTimeout(() => stop.abort(new Error("timeout")), timeout);
  const here = setInterval(() => port.postMessage("here"), 1000);
  port.postMessage("here");
  try {
    const { status, headers, body, chunks } = await (await site).answer(request, stop.signal);
    clearTimeout(late);
    clearInterval(here);
    if (!chunks) return port.postMessage({ status, headers, body });
    // A browser stops a worker without events after half a minute, and with it the streams of its responses.
    const alive = setInterval(() => navigator.serviceWorker.controller?.postMessage({ type: "alive" }), 15_000);
    const end = (last) => { clearInterval(alive); port.onmessage = null; port.postMessage(last); };
    port.onmessage = async ({ data }) => {
      if (data === "cancel") { end(null); return stop.abort(); }
      const { value, done, error } = await chunks.next().catch((error) => ({ error: String(error) }));
      if (error || done) return end(error ? { error } : null);
      return port.postMessage(value, [value.buffer]);
    };
    return port.postMessage({ status, headers, stream: true });
  } catch (error) {
    clearTimeout(late);
    clearInterval(here);
    return port.postMessage({ error: String(error) });
  }
}
