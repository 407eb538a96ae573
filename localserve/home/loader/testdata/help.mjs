// What the tests of the page's modules share.

import { createHash } from "node:crypto";

import { Torrent } from "../page/torrent.js";

export const sha1 = (bytes) => createHash("sha1").update(bytes).digest();

/** bytesOf returns n bytes that look random, the same each time. */
export function bytesOf(n, seed = 1) {
  const bytes = new Uint8Array(n);
  for (let i = 0, x = seed; i < n; i++) bytes[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16;
  return bytes;
}

/** metainfo returns a .torrent of files, {path, bytes, attr}, its infohash, and all its bytes. */
export function metainfo(files, pieceLength, { name = "site", more = "" } = {}) {
  const all = Buffer.concat(files.map((file) => file.bytes));
  const hashes = [];
  for (let at = 0; at < all.length; at += pieceLength) hashes.push(sha1(all.subarray(at, at + pieceLength)));
  const string = (s) => `${Buffer.byteLength(s)}:${s}`;
  const list = files.map(({ path, bytes, attr }) =>
    `d${attr ? `4:attr${string(attr)}` : ""}6:lengthi${bytes.length}e4:pathl${path.split("/").map(string).join("")}ee`);
  const one = `6:lengthi${all.length}e4:name${string(files[0].path)}`;
  const body = name ? `5:filesl${list.join("")}e4:name${string(name)}` : one;
  const pieces = Buffer.concat(hashes);
  const info = Buffer.concat([
    Buffer.from(`d${body}12:piece lengthi${pieceLength}e6:pieces${pieces.length}:`), pieces, Buffer.from("e"),
  ]);
  const torrent = new Uint8Array(Buffer.concat([Buffer.from(`d${more}4:info`), info, Buffer.from("e")]));
  return { torrent, infohash: sha1(info).toString("hex"), all: new Uint8Array(all), info: new Uint8Array(info) };
}

/** site returns a Torrent of n pieces of one file. */
export async function site(size, pieceLength) {
  const made = metainfo([{ path: "file", bytes: bytesOf(size) }], pieceLength);
  return { ...made, torrent: await Torrent.parse(made.torrent, made.infohash) };
}

/** until waits for a condition. */
export async function until(condition, what = "it to happen") {
  for (let i = 0; i < 400; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** channels returns two ends of a data channel. Messages are cut as cut says: a channel is a stream of bytes. */
export function channels(cut = 0) {
  const end = () => ({
    readyState: "open", bufferedAmount: 0, other: null,
    send(bytes) {
      if (this.readyState !== "open") throw new Error("not open");
      const copy = bytes.slice(), size = cut || copy.length;
      for (let at = 0; at < copy.length; at += size) {
        const part = copy.slice(at, at + size).buffer;
        setTimeout(() => this.other.onmessage?.({ data: part }));
      }
    },
    close() {
      if (this.readyState !== "open") return;
      this.readyState = this.other.readyState = "closed";
      setTimeout(() => this.other.onclose?.());
    },
  });
  const a = end(), b = end();
  [a.other, b.other] = [b, a];
  return [a, b];
}
