import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { get, site } from "./site.mjs";

const files = {
  "index.html": "<!doctype html><title>home</title>", "ascii.txt": "hello application/vnd.ipld.car\n",
  "docs/index.html": "docs",
  "docs/page.html": "page", "list/one.txt": "1", "list/sub/two.txt": "2",
  "ą/ę/file-źł.txt": "I am a txt file on path with utf8\n",
  "list/ü & <b>.txt": "escaped", "100%.txt": "percent", "a b.txt": "space", "a+b.txt": "plus", "q?.txt": "question",
  "h#.txt": "hash",
  "back\\slash.txt": "backslash", "semi;colon.txt": "semicolon", "empty.txt": "", "app.wasm": "\x00asm",
  "UPPER.HTML": "upper",
  "noext": "just words", "page": "<!doctype html><p>a page", "evil.unknown": "<!doctype html><script>",
  "text.txt": "<!doctype html><script>",
  "utf8.txt": "grüß", "latin.html": "<meta charset=latin1>\xfc", "commented.html": "<!-- <meta charset=x> -->ü",
  ".well-known/security.txt": "Contact: x",
  "clash": "the file", "clash.html": "the page", "old/Default.HTM": "old", "view.php?id=1": "<html>one",
  "style.css": "@charset \"x\";ü",
  "pic.svgz": gzipSync("<svg/>"), "data.json.gz": gzipSync("{}"), "both.js": "plain", "both.js.gz": gzipSync("packed"),
};
const tag = (path) => `"${"aa".repeat(20)}-${Object.keys(files).indexOf(path)}"`;
const ascii = files["ascii.txt"];

// The rows are those of the Go package localserve's TestConformance: request, headers, status, headers, body.
const rows = [
  ["GET /docs", {}, 301, { location: "http://home/docs/" }],
  ["GET /docs?a=b%20c&d", {}, 301, { location: "http://home/docs/?a=b%20c&d" }],
  ["GET /%C4%85/%C4%99", {}, 301, { location: "http://home/%C4%85/%C4%99/" }],
  ["GET /docs/", {}, 200, { "content-type": "text/html" }, "docs"],
  ["GET /docs/page", {}, 200, {}, "page"],
  ["GET /docs//page", {}, 200, {}, "page"],
  ["GET /docs/page/", {}, 404],
  ["GET /clash", {}, 200, {}, "the file"],
  ["GET /old/", {}, 200, {}, "old"],
  ["GET //docs", {}, 400],
  ["GET /docs/%2e%2e%2fascii.txt", {}, 400],
  ["GET /ascii.txt", {}, 200, { "accept-ranges": "bytes", "content-length": "31", etag: tag("ascii.txt"),
    "cache-control": "no-cache" }, ascii],
  ["GET /ascii.txt", { range: "bytes=6-16" }, 206, { "content-range": "bytes 6-16/31", "content-length": "11" },
    ascii.slice(6, 17)],
  ["GET /ascii.txt", { range: "bytes=-3" }, 206, { "content-range": "bytes 28-30/31" }, ascii.slice(28)],
  ["GET /ascii.txt", { range: "bytes=6-" }, 206, { "content-range": "bytes 6-30/31" }, ascii.slice(6)],
  ["GET /ascii.txt", { range: "bytes=0-999" }, 206, { "content-range": "bytes 0-30/31" }, ascii],
  ["GET /ascii.txt", { range: "bytes=-999" }, 206, { "content-range": "bytes 0-30/31" }, ascii],
  ["GET /ascii.txt", { range: "bytes=31-" }, 416, { "content-range": "bytes */31" }, ""],
  ["GET /ascii.txt", { range: "bytes=-0" }, 416],
  ["GET /ascii.txt", { range: "bytes=5-2" }, 416],
  ["GET /empty.txt", { range: "bytes=0-" }, 200, {}, ""],
  ["GET /ascii.txt", { range: "lines=1-2" }, 200, { "content-range": undefined }, ascii],
  ["GET /ascii.txt", { range: "bytes=6-16", "if-range": tag("ascii.txt") }, 206, {}, ascii.slice(6, 17)],
  ["GET /ascii.txt", { range: "bytes=6-16", "if-range": '"other"' }, 200, {}, ascii],
  ["HEAD /ascii.txt", { range: "bytes=6-16" }, 206, { "content-length": "11" }, ""],
  ["GET /ascii.txt", { "if-none-match": `"x", W/${tag("ascii.txt")}` }, 304, { etag: tag("ascii.txt"),
    "content-length": undefined }, ""],
  ["GET /docs/", { "if-none-match": "*" }, 304],
  ["GET /ascii.txt", { "if-none-match": '"x"' }, 200, {}, ascii],
  ["GET /list", {}, 301, { location: "http://home/list/" }],
  ["GET /%C4%85/%C4%99/file-%C5%BA%C5%82.txt", {}, 200, {}, "I am a txt file on path with utf8\n"],
  ["GET /list/%C3%BC%20&%20%3Cb%3E.txt", {}, 200, {}, "escaped"],
  ["GET /100%25.txt", {}, 200, {}, "percent"],
  ["GET /a%20b.txt", {}, 200, {}, "space"],
  ["GET /a+b.txt", {}, 200, {}, "plus"],
  ["GET /q%3F.txt", {}, 200, {}, "question"],
  ["GET /h%23.txt", {}, 200, {}, "hash"],
  ["GET /back%5Cslash.txt", {}, 200, {}, "backslash"],
  ["GET /semi;colon.txt", {}, 200, {}, "semicolon"], ["GET /.well-known/security.txt", {}, 200, {}, "Contact: x"],
  ["GET /ASCII.TXT", {}, 404], ["GET /%ZZ", {}, 400], ["GET /a%00.txt", {}, 400],
  ["GET /view.php?id=1", {}, 200, { "content-type": "text/html" }, "<html>one"],
  ["GET /app.wasm", {}, 200, { "content-type": "application/wasm", "x-content-type-options": "nosniff" }],
  ["GET /UPPER.HTML", {}, 200, { "content-type": "text/html" }],
  ["GET /noext", {}, 200, { "content-type": "text/plain" }],
  ["GET /page", {}, 200, { "content-type": "text/html" }],
  ["GET /evil.unknown", {}, 200, { "content-type": "text/html" }],
  ["GET /text.txt", {}, 200, { "content-type": "text/plain" }],
  ["GET /utf8.txt", {}, 200, { "content-type": "text/plain; charset=utf-8" }],
  ["GET /latin.html", {}, 200, { "content-type": "text/html" }],
  ["GET /style.css", {}, 200, { "content-type": "text/css" }],
  ["GET /commented.html", {}, 200, { "content-type": "text/html; charset=utf-8" }],
  ["GET /pic.svgz", {}, 200, { "content-type": "image/svg+xml" }, "<svg/>"],
  ["GET /data.json", {}, 200, { "content-type": "application/json" }, "{}"],
  ["GET /both.js", {}, 200, { "content-type": "text/javascript" }, "plain"],
  ["GET /data.json.gz", {}, 200, { "content-type": "application/gzip" }],
  ["GET /missing", {}, 404, { "content-type": "text/html; charset=utf-8" }],
  ["HEAD /missing", {}, 404, {}, ""],
  ["GET /ascii.txt/", {}, 404],
  ["HEAD /ascii.txt", {}, 200, { "content-length": "31", etag: tag("ascii.txt") }, ""],
];

async function check(s, [request, headers, status, want = {}, body], destination) {
  const name = `${request} ${JSON.stringify(headers)}`;
  const got = await get(s, request, headers, destination);
  assert.equal(got.status, status, `${name}: ${got.body}`);
  for (const [key, value] of Object.entries(want)) assert.equal(got.headers[key], value, `${name}: ${key}`);
  if (body !== undefined) assert.equal(got.body, body, name);
  return got;
}

test("a static site", async () => {
  for (const row of rows) await check(site(files), row);
});

test("a folder without an index", async () => {
  const { body } = await check(site(files), ["GET /list/", {}, 200, { "content-type": "text/html; charset=utf-8" }]);
  assert.match(body, /href="\.\/%C3%BC%20%26%20%3Cb%3E\.txt"/);
  assert.match(body, /ü &#38; &#60;b&#62;\.txt/);
  assert.match((await get(site(files), "GET /list/sub/")).body, /href="\.\.\/"/);
  assert.ok(body.indexOf("sub") < body.indexOf("one.txt"), "folders are first");
});

test("a missing file is answered with the site's own 404 page", async () => {
  const s = site({ "index.html": "home", "404.html": "<p>own 404" });
  for (const path of ["/missing", "/a/missing", "/missing/", "/_redirects"]) {
    await check(s, ["GET " + path, { "if-none-match": "*", range: "bytes=0-1" }, 404, { etag: undefined,
      "content-type": "text/html" }, "<p>own 404"]);
  }
});

test("a folder below the root of a host", async () => {
  const s = site(files, { base: "http://host/repo/" });
  await check(s, ["GET /repo/docs", {}, 301, { location: "http://host/repo/docs/" }]);
  await check(s, ["GET /repo/docs/", {}, 200, {}, "docs"]);
  await check(s, ["GET /ascii.txt", {}, 200, {}, ascii]);
});

test("each response has the owner's content security policy", async () => {
  const s = site(files, { csp: "default-src 'self'" });
  for (const path of ["/", "/missing"]) assert.match((await get(s,
    "GET " + path)).headers["content-security-policy"], /default-src 'self'$/);
});

test("a large file is returned in chunks", async () => {
  const s = site({ "film.mp4": Buffer.alloc(1_000_000, 7), "words.txt": "ü".repeat(200_000) });
  assert.equal((await get(s, "GET /film.mp4")).body.length, 1_000_000);
  await check(s, ["GET /words.txt", {}, 200, { "content-type": "text/plain; charset=utf-8",
    "content-length": "400000" }, "ü".repeat(200_000)]);
});

test("redirect rules are applied", async () => {
  const s = site({
    "index.html": "my index", "one.html": "my one", "404.html": "my 404", "410.html": "my 410",
    "articles/2022/01/01/hello-world": "hello world",
    "_redirects": `/redirect-one /one.html
/302-redirect /one.html?x=1#y 302
/200-index /index.html 200
/posts/:year/:month/:day/:title /articles/:year/:month/:day/:title 301
/splat/* /redirected-splat/:splat 301
/gone/* /410.html 410
/web/* https://example.com/:splat 302
/own wtp://example.org/one.html
/other wtp://example.net/x
/missing-target /nowhere.html 200
/b%20c /one.html 301
/* /index.html 200
`,
  });
  for (const [path, status, location, body, destination] of [
    ["/redirect-one", 301, "http://home/one.html"],
    ["/redirect-one?q", 301, "http://home/one.html?q"],
    ["/redirect-one/", 301, "http://home/one.html"],
    ["/302-redirect?q", 302, "http://home/one.html?x=1#y"],
    ["/200-index", 200, undefined, "my index"],
    ["/b%20c", 301, "http://home/one.html"],
    ["/posts/2022/01/01/hello-world", 301, "http://home/articles/2022/01/01/hello-world"],
    ["/splat/a/b%20c", 301, "http://home/redirected-splat/a/b%20c"],
    ["/gone/x", 410, undefined, "my 410"],
    ["/catch-all", 200, undefined, "my index"],
    ["/missing-target", 404, undefined, "my 404"],
    ["/web/a", 302, "https://example.com/a"],
    ["/web/a", 200, undefined, undefined, "iframe"],
    ["/own", 301, "http://home/one.html"],
    ["/other", 404, undefined, undefined, "iframe"], ["/one.html", 200, undefined, "my one"],
  ]) await check(s, ["GET " + path, {}, status, { location }, body], destination);
  assert.match((await get(s, "GET /web/%3C/script%3E", {}, "iframe")).body,
    /top\.location\.replace\("https:\/\/example\.com\/%3C\/script%3E"\)/);
});

test("invalid redirect rules are ignored", async () => {
  const rules = (text) => site({ "_redirects": text, "found.html": "my found" });
  await check(rules("/a /b 999\n"), ["GET /found.html", {}, 200, {}, "my found"]);
  assert.match((await get(rules("# x\n/a /b 301!\n/c /d\n"), "GET /not-found")).body,
    /could not parse _redirects: line 2: /);
  await check(rules("# x\n/a /b 301!\n/c /d\n"), ["GET /c", {}, 301, { location: "http://home/d" }]);
  await check(rules("/from /to 301\n".repeat(5000)), ["GET /not-found", {}, 500]);
  await check(rules("/%zz /b\n/x //evil.example/ 301\n"), ["GET /x", {}, 500]);
  await check(rules("/:a/:b /" + ":a".repeat(5000) + "\n"), ["GET /" + "x".repeat(100) + "/y", {}, 404]);
});

test("a page for any address", async () => {
  const s = site({ "200.html": "app", "404.html": "none" });
  await check(s, ["GET /some/where", {}, 200, {}, "app"], "iframe");
  await check(s, ["GET /some/where.png", {}, 404, {}, "none"], "image");
});

test("the owner's headers", async () => {
  const s = site({ "a/b.html": "b", "a/c.txt": "c", "_headers": `# mine
/a/*
  Permissions-Policy: camera=()
  Set-Cookie: no
  X-Frame-Options: DENY
  Content-Security-Policy: frame-ancestors 'none'; img-src 'self'; report-uri /x
/a/:page
  Content-Security-Policy: script-src 'none'
/*.txt
  X-Robots-Tag: none
/a/*.txt
  Content-Type: text/plain; charset=latin1
` });
  await check(s, ["GET /a/b.html", {}, 200, { "permissions-policy": "camera=()", "set-cookie": undefined,
    "x-frame-options": undefined,
    "content-security-policy": "img-src 'self', script-src 'none'", "content-type": "text/html" }]);
  await check(s, ["GET /a/c.txt", {}, 200, { "content-type": "text/plain; charset=latin1",
    "x-robots-tag": undefined }]);
});

test("wtp addresses", () => {
  const s = site(files);
  assert.equal(s.local("wtp://Example.org/docs/?q#h"), "http://home/docs/?q#h");
  assert.equal(s.local(`wtp://${"AA".repeat(20)}`), "http://home/");
  assert.equal(s.local("wtp://example.net/"), undefined);
  assert.equal(s.local("https://example.org/"), undefined);
});

test("invalid header names and values are left out", async () => {
  const rules = "/*\n  Permissions-Policy: camera=(\u201cx\u201d)\n  X-Robots-Tag: noindex\n";
  const { status, headers } = await get(site({ "a.txt": "a", "_headers": rules }), "GET /a.txt");
  assert.deepEqual([status, headers["permissions-policy"], headers["x-robots-tag"]], [200, undefined, "noindex"]);
});
