// A torrent's description (BEP 3), with padding files (BEP 47) and web seeds (BEP 19).

import { decode, number, text } from "./bencode.js";

export const MAX_METAINFO = 8 << 20; // bytes

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const sha1 = async (bytes) => hex(new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)));
const urls = (list) => list.flat(2).map(text).filter((url) => url).slice(0, 20);

export class Torrent {
  #hashes;

  /** parse parses a .torrent file. It throws if the infohash differs. */
  static async parse(metainfo, infohash) {
    const [dict] = decode(metainfo.subarray(0, MAX_METAINFO));
    const torrent = await Torrent.fromInfo(dict.raw, infohash);
    torrent.trackers = urls([dict["announce-list"] ?? [], dict.announce]);
    torrent.webSeeds = urls([dict["url-list"]]);
    return torrent;
  }

  static async fromInfo(info, infohash) {
    if (await sha1(info) !== infohash) throw new Error("the metainfo is of another torrent");
    return new Torrent(info, infohash);
  }

  constructor(info, infohash) {
    const [dict] = decode(info);
    Object.assign(this, { info, infohash, name: text(dict.name), size: 0, trackers: [], webSeeds: [] });
    this.single = !dict.files;
    // layout has all files, including padding and those without a valid path.
    this.layout = (dict.files ?? [dict]).map((file) => {
      const parts = this.single ? [this.name] : file.path.map(text), offset = this.size;
      const path = parts.some((part) => /^\.{0,2}$|\//.test(part)) ? "" : parts.join("/");
      this.size += number(file.length, 2 ** 50);
      return { path, offset, length: this.size - offset, padding: text(file.attr).includes("p") };
    });
    this.files = this.layout.filter((file) => file.path && !file.padding);
    this.files.forEach((file, index) => { file.index = index; });
    this.pieceLength = number(dict["piece length"], 64 << 20);
    this.pieces = Math.ceil(this.size / this.pieceLength);
    this.#hashes = dict.pieces;
    if (this.#hashes.length !== 20 * this.pieces) throw new Error("the metainfo is invalid");
  }

  lengthOf(piece) {
    return Math.min(this.pieceLength, this.size - piece * this.pieceLength);
  }

  /** piecesOf returns the pieces of the bytes [begin, end). */
  piecesOf(begin, end) {
    const first = Math.floor(begin / this.pieceLength);
    return Array.from({ length: begin < end ? Math.ceil(end / this.pieceLength) - first : 0 }, (_, i) => first + i);
  }

  hashOf(piece) {
    return hex(this.#hashes.subarray(20 * piece, 20 * piece + 20));
  }

  /** verify reports whether bytes are the content of a piece. */
  async verify(piece, bytes) {
    return await sha1(bytes) === this.hashOf(piece);
  }
}
