// Web seeds (BEP 19): the torrent's files at an HTTP server.

const PARALLEL = 4; // concurrent requests of one fetch, for many small files
const MAX_BACKOFF = 60_000; // ms

export class WebSeed {
  #torrent;
  #url;
  #failures = 0; // in a row
  #wrongPieces = 0;
  #pausedUntil = 0;

  constructor(url, torrent) {
    this.#url = url;
    this.#torrent = torrent;
  }

  isUsable(now) {
    return this.#wrongPieces < 3 && now >= this.#pausedUntil;
  }

  /** reportFailure pauses the seed, each time for longer, after it has failed or delivered wrong data. */
  reportFailure(wrongData) {
    this.#wrongPieces += wrongData;
    this.#pausedUntil = performance.now() + Math.min(MAX_BACKOFF, 500 * 2 ** this.#failures++);
  }

  #urlOf({ path }) {
    const parts = this.#torrent.single ? [path] : [this.#torrent.name, ...path.split("/")];
    if (this.#torrent.single && !this.#url.endsWith("/")) return this.#url;
    return this.#url.replace(/\/?$/, "/") + parts.map(encodeURIComponent).join("/");
  }

  // fetch calls onPiece(piece, bytes) for each piece of [first, last] once it is complete, verified or not, and
  // onBytes(n) for all data that arrives. It throws if the seed's response is invalid, or signal aborts.
  async fetch(first, last, { onPiece, onBytes, signal }) {
    const { pieceLength, size, layout } = this.#torrent;
    const from = first * pieceLength, to = Math.min(size, (last + 1) * pieceLength);
    const pieces = new Map(); // piece → {bytes, left}
    const fill = (at, bytes) => {
      while (bytes.length > 0) {
        const piece = Math.floor(at / pieceLength), length = this.#torrent.lengthOf(piece);
        if (!pieces.has(piece)) pieces.set(piece, { bytes: new Uint8Array(length), left: length });
        const p = pieces.get(piece), begin = at - piece * pieceLength, part = bytes.subarray(0, length - begin);
        p.bytes.set(part, begin);
        p.left -= part.length;
        if (p.left === 0 && pieces.delete(piece)) onPiece(piece, p.bytes);
        at += part.length;
        bytes = bytes.subarray(part.length);
      }
    };
    const files = layout.filter(({ offset, length }) => length > 0 && offset < to && offset + length > from);
    const failed = new AbortController();
    const worker = async () => {
      for (let file = files.shift(); file; file = files.shift()) {
        const start = Math.max(from, file.offset), end = Math.min(to, file.offset + file.length);
        if (file.padding) fill(start, new Uint8Array(end - start));
        else await this.#fetchPart(file, start, end, fill, onBytes, AbortSignal.any([signal, failed.signal]));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker)).finally(() => failed.abort());
    this.#failures = 0;
  }

  async #fetchPart(file, start, end, fill, onBytes, signal) {
    const { offset, length } = file, range = `${start - offset}-${end - offset - 1}`;
    const res = await fetch(this.#urlOf(file), {
      headers: end - start < length ? { Range: `bytes=${range}` } : {}, // A simple range needs no preflight.
      credentials: "omit", cache: "no-store", signal,
    });
    const part = res.status === 206, contentRange = res.headers.get("Content-Range"); // Other origins may hide it.
    const isOtherRange = part && contentRange && contentRange !== `bytes ${range}/${length}`;
    if (!file.path || !part && res.status !== 200 || isOtherRange) {
      throw new Error(`status ${res.status}`);
    }
    let at = part ? start : offset;
    for (const reader = res.body.getReader(); at < end;) {
      const { value, done } = await reader.read();
      if (done || at + value.length > (part ? end : offset + length)) throw new Error("a file of another length");
      onBytes(value.length);
      fill(Math.max(at, start), value.subarray(Math.max(0, start - at), Math.max(0, end - at)));
      at += value.length;
      if (at >= end) reader.cancel().catch(() => {});
    }
  }
}
