// Storage of verified pieces: in memory up to a limit, and in the Cache API while there is room, one response a piece.
// A piece from an earlier page is verified again when it is first read.

const PREFIX = "wtptui-pieces-"; // of the caches' names, followed by the infohash
const WRITERS = 4; // concurrent writes
const urlOf = (piece) => `https://pieces.invalid/${piece}`; // It is only a key.

export class Store {
  #torrent;
  #memoryLimit;
  #memory = new Map(); // piece → bytes, least recently used first
  #memoryBytes = 0; // in memory
  #cache = null; // opened once: opening it again would recreate a deleted cache
  #writable = false;
  #stored = new Set(); // pieces that the cache has
  #verified = new Set(); // those of them that were hashed
  #writeQueue = [];
  #writers = 0;
  #reads = new Map(); // piece → promise

  /** deleteOthers deletes the pieces of all other torrents. */
  static async deleteOthers(exceptInfohash) {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== PREFIX + exceptInfohash) await caches.delete(name);
    }
  }

  /** onLost is called with a piece that was available and is lost. */
  constructor(torrent, onLost, bound = 64 << 20) {
    this.#torrent = torrent;
    this.#memoryLimit = bound;
    this.onLost = onLost;
    this.available = new Uint8Array(torrent.pieces); // 1 for what can be read
    this.missing = torrent.pieces;
    this.availableBytes = 0; // bytes
  }

  /** open finds the pieces that an earlier page has stored. */
  async open() {
    try {
      const cache = await caches.open(PREFIX + this.#torrent.infohash);
      for (const { url } of await cache.keys()) {
        const piece = Number(url.slice(urlOf("").length));
        if (piece < this.available.length) this.#stored.add(piece) && this.#setAvailable(piece, 1);
      }
      this.#cache = cache;
      this.#writable = true;
    } catch { /* Without storage, pieces are in memory only. */ }
  }

  #setAvailable(piece, here) {
    const change = here - this.available[piece];
    this.available[piece] = here;
    this.missing -= change;
    this.availableBytes += change * this.#torrent.lengthOf(piece);
  }

  /** hasRoom reports whether another piece can be stored without losing one. */
  hasRoom() {
    return this.#writable || this.#memoryBytes + this.#torrent.pieceLength <= this.#memoryLimit;
  }

  /** put stores a verified piece. */
  put(piece, bytes) {
    this.#setAvailable(piece, 1);
    this.#addToMemory(piece, bytes);
    this.#verified.add(piece);
    this.#writeQueue.push(piece);
    this.#write();
  }

  #addToMemory(piece, bytes) {
    this.#memory.set(piece, bytes);
    this.#memoryBytes += bytes.length;
    for (const [old, { length }] of this.#memory) {
      if (this.#memoryBytes <= this.#memoryLimit || old === piece) return;
      this.#memory.delete(old);
      this.#memoryBytes -= length;
      if (!this.#stored.has(old)) this.#handleLoss(old);
    }
  }

  #handleLoss(piece) {
    this.#stored.delete(piece);
    this.#setAvailable(piece, 0);
    this.onLost(piece);
  }

  async #write() {
    if (this.#writers >= WRITERS) return;
    this.#writers++;
    while (this.#writable && this.#writeQueue.length > 0) {
      const piece = this.#writeQueue.shift(), bytes = this.#memory.get(piece);
      try {
        if (bytes) await this.#cache.put(urlOf(piece), new Response(bytes));
        if (bytes) this.#stored.add(piece);
      } catch {
        this.#writable = false; // The quota is used up, or the storage was cleared.
      }
    }
    this.#writers--;
  }

  /** get returns a piece's bytes, which the caller must not change, or null if it is not available. */
  async get(piece) {
    const bytes = this.#memory.get(piece);
    if (bytes) {
      this.#memory.delete(piece);
      this.#memory.set(piece, bytes);
      return bytes;
    }
    if (!this.available[piece]) return null;
    if (!this.#reads.has(piece)) this.#reads.set(piece, this.#read(piece).finally(() => this.#reads.delete(piece)));
    return this.#reads.get(piece);
  }

  async #read(piece) {
    try {
      const bytes = new Uint8Array(await (await this.#cache.match(urlOf(piece))).arrayBuffer());
      if (this.#verified.has(piece) || await this.#torrent.verify(piece, bytes)) {
        this.#verified.add(piece);
        this.#addToMemory(piece, bytes);
        return bytes;
      }
      await this.#cache.delete(urlOf(piece));
    } catch { /* It is gone. */ }
    this.#handleLoss(piece);
    return null;
  }
}
