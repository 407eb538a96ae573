// Verified pieces: in memory up to a bound, and in the Cache API as far as there is room, one response a piece. What
// comes from there is hashed when it is first read: a disk is trusted no more than a peer.

const PREFIX = "wtptui-pieces-"; // of the caches' names, before the infohash
const WRITERS = 4; // at a time
const urlOf = (piece) => `https://pieces.invalid/${piece}`; // Nobody asks the network for it.

export class Store {
  #torrent;
  #bound;
  #memory = new Map(); // piece → bytes, least recently used first
  #bytes = 0; // in memory
  #cache = null; // opened once: what is deleted meanwhile must not come back by being opened again
  #writable = false;
  #stored = new Set(); // pieces that the cache has
  #checked = new Set(); // those of them that were hashed
  #unwritten = [];
  #writers = 0;
  #reads = new Map(); // piece → promise

  /** forget deletes the pieces of all other torrents. */
  static async forget(exceptInfohash) {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== PREFIX + exceptInfohash) await caches.delete(name);
    }
  }

  /** onlost is called with a piece that was here and is not any more. */
  constructor(torrent, onlost, bound = 64 << 20) {
    this.#torrent = torrent;
    this.#bound = bound;
    this.onlost = onlost;
    this.here = new Uint8Array(torrent.pieces); // 1 for what can be read
    this.missing = torrent.pieces;
    this.have = 0; // bytes
  }

  /** open finds what an earlier page has left. Without storage that is nothing. */
  async open() {
    try {
      const cache = await caches.open(PREFIX + this.#torrent.infohash);
      for (const { url } of await cache.keys()) {
        const piece = Number(url.slice(urlOf("").length));
        if (piece < this.here.length) this.#stored.add(piece) && this.#mark(piece, 1);
      }
      this.#cache = cache;
      this.#writable = true;
    } catch { /* There is memory. */ }
  }

  #mark(piece, here) {
    const change = here - this.here[piece];
    this.here[piece] = here;
    this.missing -= change;
    this.have += change * this.#torrent.lengthOf(piece);
  }

  /** hasRoom reports whether a further piece would stay. */
  hasRoom() {
    return this.#writable || this.#bytes + this.#torrent.pieceLength <= this.#bound;
  }

  /** put keeps a piece that was verified. */
  put(piece, bytes) {
    this.#mark(piece, 1);
    this.#remember(piece, bytes);
    this.#checked.add(piece);
    this.#unwritten.push(piece);
    this.#write();
  }

  #remember(piece, bytes) {
    this.#memory.set(piece, bytes);
    this.#bytes += bytes.length;
    for (const [old, { length }] of this.#memory) {
      if (this.#bytes <= this.#bound || old === piece) return;
      this.#memory.delete(old);
      this.#bytes -= length;
      if (!this.#stored.has(old)) this.#lose(old);
    }
  }

  #lose(piece) {
    this.#stored.delete(piece);
    this.#mark(piece, 0);
    this.onlost(piece);
  }

  async #write() {
    if (this.#writers >= WRITERS) return;
    this.#writers++;
    while (this.#writable && this.#unwritten.length > 0) {
      const piece = this.#unwritten.shift(), bytes = this.#memory.get(piece);
      try {
        if (bytes) await this.#cache.put(urlOf(piece), new Response(bytes));
        if (bytes) this.#stored.add(piece);
      } catch {
        this.#writable = false; // The quota is used up, or the storage was cleared.
      }
    }
    this.#writers--;
  }

  /** get returns a piece's bytes, which must not be changed, or null if it is not here. */
  async get(piece) {
    const bytes = this.#memory.get(piece);
    if (bytes) {
      this.#memory.delete(piece);
      this.#memory.set(piece, bytes);
      return bytes;
    }
    if (!this.here[piece]) return null;
    if (!this.#reads.has(piece)) this.#reads.set(piece, this.#read(piece).finally(() => this.#reads.delete(piece)));
    return this.#reads.get(piece);
  }

  async #read(piece) {
    try {
      const bytes = new Uint8Array(await (await this.#cache.match(urlOf(piece))).arrayBuffer());
      if (this.#checked.has(piece) || await this.#torrent.check(piece, bytes)) {
        this.#checked.add(piece);
        this.#remember(piece, bytes);
        return bytes;
      }
      await this.#cache.delete(urlOf(piece));
    } catch { /* It is gone. */ }
    this.#lose(piece);
    return null;
  }
}
