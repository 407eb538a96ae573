// Which file a path stands for, redirects, headers and types, as in the Go package localserve/files, which has the
// reasons.
import types from "./types.js";

const INDEXES = ["index.html", "index.htm", "index.xhtml", "default.html", "default.htm"];
const MAX_TARGET = 64 << 10; // approximately the maximum length of a redirect's target

export const collapseSlashes = (path) => path.replace(/\/{2,}/g, "/");
const withoutSlash = (path) => path.replace(/(.)\/$/, "$1");
const encodedByte = (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase();
export const encodePath = (path) => encodeURI(path).replace(/[!'()?#]/g, encodedByte);

// Tree holds a site's files by path, and its folders as maps of names to files, or to null for folders.
export class Tree {
  #files = new Map();
  #folders = new Map([["", new Map()]]);

  constructor(files) {
    for (const file of files) {
      this.#files.set(file.path, file);
      let dir = "";
      const names = file.path.split("/");
      const last = names.pop();
      for (const name of names) {
        if (!this.#folders.get(dir).has(name)) this.#folders.get(dir).set(name, null);
        dir += (dir && "/") + name;
        if (!this.#folders.has(dir)) this.#folders.set(dir, new Map());
      }
      this.#folders.get(dir).set(last, file);
    }
  }

  file(path) { return this.#files.get(path); }

  // locate returns the resource of a decoded path with its leading slash: { file, status, packed }, where packed is the
  // suffix of a compressed file; { folder, dir } for a listing; { slash: true } for a folder without its slash; or {}.
  locate(path) {
    const found = this.#exactly(path.slice(1));
    const single = collapseSlashes(path);
    return single !== path && (found.status || !Object.keys(found).length) ? this.#exactly(single.slice(1)) : found;
  }

  #exactly(path) {
    if (path === "" || path.endsWith("/")) return this.#inFolder(path.slice(0, -1));
    const file = this.file(path);
    if (file) return { file, packed: /\.svgz$/i.test(path) ? "z" : "" };
    if (this.#folders.has(path)) return { slash: true };
    return this.file(path + ".html") ? { file: this.file(path + ".html") } : this.notFound();
  }

  #inFolder(dir) {
    const folder = this.#folders.get(dir);
    if (!folder || dir.endsWith("/")) return this.notFound();
    const names = [...folder.keys()].filter((name) => folder.get(name));
    const index = INDEXES.find((index) => folder.get(index))
      || INDEXES.map((index) => names.find((name) => name.toLowerCase() === index)).find(Boolean);
    return index ? { file: folder.get(index) } : { folder, dir };
  }

  notFound() { return this.file("404.html") ? { file: this.file("404.html"), status: 404 } : {}; }
}

// parseRedirects parses a _redirects file (IPIP-290). An invalid line does not affect the others.
export function parseRedirects(text) {
  const all = { rules: [], fault: "" };
  text.replace(/^\ufeff/, "").split("\n").forEach((line, i) => {
    const fields = line.trim().split(/\s+/);
    try {
      if (fields[0] && fields[0][0] !== "#") all.rules.push(parseRedirect(...fields));
    } catch (error) {
      all.fault ||= `line ${i + 1}: ${error.message}`;
    }
  });
  return all;
}

function parseRedirect(from, to, status = "301", ...more) {
  if (!to || more.length) throw new Error("must match format 'from to [status]'");
  if (!/^\/[^*]*\*?$/.test(from)) throw new Error("a path begins with '/', and may have an asterisk at its end");
  if (!/^(\/|(https?|ipfs|ipns|wtp):)/i.test(to)) throw new Error("invalid URL scheme");
  if (!/^(200|30[12378]|404|410|451)$/.test(status)) throw new Error(`status code ${status} is not supported`);
  decodeURIComponent(to);
  const segments = encodePath(withoutSlash(decodeURIComponent(from))).split("/");
  const splat = segments.at(-1) === "*";
  return { segments: splat ? segments.slice(0, -1) : segments, splat, to, status: Number(status) };
}

// redirect returns the target and the status of the first rule that matches a path; {} if there is none.
export function redirect(rules, path) {
  path = encodePath(collapseSlashes(path));
  for (const { segments, splat, to, status } of rules) {
    const values = match(segments, splat, path) || match(segments, splat, withoutSlash(path));
    if (!values) continue;
    if (to.length + to.split(":").length * path.length > MAX_TARGET) break;
    const names = Object.keys(values).sort((a, b) => b.length - a.length).map((name) => name.replace(/\W/g, "\\$&"));
    return { to: to.replace(new RegExp(`:(${names.join("|")})`, "g"), (_, name) => values[name]), status };
  }
  return {};
}

function match(segments, splat, path) {
  const parts = path.split("/");
  if (splat ? parts.length <= segments.length : parts.length !== segments.length) return null;
  const values = { __proto__: null, splat: parts.slice(segments.length).join("/") };
  for (const [i, segment] of segments.entries()) {
    if (segment[0] === ":") values[segment.slice(1)] = parts[i];
    else if (segment !== parts[i]) return null;
  }
  return values;
}

// parseHeaders parses a _headers file. It returns [path, name, value] of the headers that are allowed.
export function parseHeaders(text) {
  const all = [];
  let path = "";
  for (const line of text.replace(/^\ufeff/, "").split("\n").filter((line) => /^\s*[^#\s]/.test(line))) {
    const [, name, value] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/.exec(line) || [];
    if (!/^\s/.test(line)) path = line.trim();
    else if (path && value && !/[^\t -~\x80-\xff]/.test(value)) {
      const safe = safeHeader(name.toLowerCase(), value);
      if (safe) all.push([path, name.toLowerCase(), safe]);
    }
  }
  return all;
}

// safeHeader returns the value of a header as far as it can only restrict the site, or affects only the site; otherwise
// a falsy value.
function safeHeader(name, value) {
  if (/^(permissions-policy|x-robots-tag|cross-origin-embedder-policy)$/.test(name)) return value;
  const opener = /^(same-origin(-allow-popups)?|noopener-allow-popups)$/;
  if (name === "cross-origin-opener-policy") return opener.test(value) && value;
  if (name === "content-type") return /^[^;]+;(?:.*;)?\s*charset="?([\w.:+-]+)"?\s*(;|$)/i.exec(value)?.[1];
  if (name !== "content-security-policy") return null;
  // The frame is the loader's, and reports are not sent.
  const narrow = (policy) => policy.split(";").map((part) => part.trim())
    .filter((part) => part && !/^(report-uri|report-to|frame-ancestors)(\s|$)/i.test(part)).join("; ");
  return value.split(",").map(narrow).filter(Boolean).join(", ");
}

// matchesPath reports whether the pattern of a header rule, with * and :name, matches a path.
export function matchesPath(pattern, path) {
  const parts = path.split("/");
  const wanted = pattern.split("/");
  const any = wanted.at(-1) === "*";
  if (any ? parts.length < wanted.length : parts.length !== wanted.length) return false;
  return wanted.slice(0, any ? -1 : undefined).every((want, i) => {
    const [head, ...rest] = want.split("*");
    const tail = rest.join("*");
    const part = parts[i];
    if (want[0] === ":" && part) return true;
    if (!rest.length) return part === want;
    return part.length >= head.length + tail.length && part.startsWith(head) && part.endsWith(tail);
  });
}

// typeOf returns the type of a file by its extension. A query in the name of a mirrored file is ignored.
export const typeOf = (path) => types[extension(path)];
const extension = (path) => /\.[^./]*$/.exec(path.split("/").at(-1).split("?")[0])?.[0].toLowerCase() || "";

const SIGNATURES = [
  [/^\s*<(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[\s>]/i, "text/html"],
  [/^%PDF-/, "application/pdf"], [/^\x89PNG\r\n\x1a\n/, "image/png"], [/^GIF8[79]a/, "image/gif"],
  [/^\xff\xd8\xff/, "image/jpeg"], [/^RIFF[^]{4}WEBPVP/, "image/webp"],
  [/[\0-\x08\x0e-\x1a\x1c-\x1f]/, "application/octet-stream"],
];
const MAKES_PAGES = /^\.(php\d?|phtml|aspx?|jspx?|do|cgi|pl|cfm|s?html?|stm|mvc|dll)$/;

// contentType returns the type of a file that begins with start, and is complete if whole is set. The owner's charset
// takes precedence over that of the content.
export function contentType(path, start, whole, charset) {
  let type = typeOf(path);
  if (!type) {
    const text = new TextDecoder("latin1").decode(start.subarray(0, 1024)).replace(/^ï»¿/, "");
    type = SIGNATURES.find(([pattern]) => pattern.test(text.slice(0, 512)))?.[1] || "text/plain";
    if (MAKES_PAGES.test(extension(path)) && /^\s*<\?xml[^]*<html/i.test(text)) type = "text/html";
  }
  if (!charset && isUTF8(start, whole) && !declares(type, start)) charset = "utf-8";
  return charset && type.startsWith("text/") ? `${type}; charset=${charset}` : type;
}

// isUTF8 reports whether a text is certainly UTF-8. Plain ASCII is not certain.
function isUTF8(start, whole) {
  if (start.includes(0) || start.includes(0x1b) || !start.some((byte) => byte > 0x7f)) return false;
  try {
    return Boolean(new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: !whole }));
  } catch {
    return false;
  }
}

// declares reports whether a text declares its charset.
export function declares(type, start) {
  const text = new TextDecoder("latin1").decode(start);
  if (/^(ï»¿|þÿ|ÿþ)/.test(text)) return true;
  if (type === "text/css") return text.startsWith('@charset "');
  return type === "text/html" && /<meta\s[^>]*charset\s*=/i.test(text.replace(/<!--[^]*?-->/g, ""));
}
