// Downloads from web seeds: of what readers have waited for too long, and of everything else if no peer delivers.

import { WebSeed } from "./webseed.js";

const MAX_BYTES = 4 << 20; // of one download
const MAX_DOWNLOADS = 6;
export const PEER_TIME = 300; // ms that a reader waits for peers alone
const MAX_PIECE_TIME = 2000; // ms that it waits for a piece of which blocks arrive
const IDLE_TIME = 5000; // ms without data of peers until web seeds deliver what no reader waits for
const STALL_TIMEOUT = 15_000; // ms without data until a web seed has failed

export class WebSeedDownloads {
  #torrent;
  #store;
  #owner;
  #seeds;
  #downloads = new Set(); // {first, last, urgent, receivedAt, abort}
  #closed = false;

  // owner has demand(), which returns { readers, peers, raised, background, mayFindPeers, startedAt, deliveredAt };
  // storePiece(piece, bytes); and handleSeedBytes(n).
  constructor(torrent, store, urls, owner) {
    this.#torrent = torrent;
    this.#store = store;
    this.#owner = owner;
    this.#seeds = urls.map((url) => new WebSeed(url, torrent));
  }

  close() {
    this.#closed = true;
    this.#downloads.forEach(({ abort }) => abort.abort());
  }

  /** start starts the downloads that are needed now. */
  start(now = performance.now()) {
    if (this.#closed) return;
    const { readers, raised, background, startedAt, deliveredAt } = this.#owner.demand();
    const { available } = this.#store;
    for (const reader of readers) this.#startFor(reader, now);
    if (this.#downloads.size > 0 || now - Math.max(deliveredAt, startedAt) < IDLE_TIME) return;
    const rest = background && this.#store.hasRoom() ? available.indexOf(0) : -1;
    const first = raised.find((piece) => !available[piece]) ?? rest;
    if (first >= 0) this.#download(first, this.#torrent.size, now, false);
  }

  #startFor(reader, now) {
    const { peers, mayFindPeers, startedAt } = this.#owner.demand();
    const { available } = this.#store, pieces = reader.urgentPieces();
    // Other downloads would delay the reader for long on a slow line.
    if (pieces.length > 0 && !available[pieces[0]] && reader.waitingSince < now) {
      for (const download of this.#downloads) if (!download.urgent) this.#abort(download);
    }
    const isRequested = (piece) => [...this.#downloads].some(({ first, last }) => first <= piece && piece <= last);
    const first = pieces.find((piece) => !available[piece] && !isRequested(piece));
    if (first === undefined) return;
    // A reader waits for peers that have the piece, or once, after the start, for the first peer.
    const isDeliverable = peers.some((wire) => !wire.choked && wire.hasPiece(first));
    let waitsFrom = mayFindPeers ? startedAt : 0;
    if (isDeliverable) waitsFrom = Math.max(reader.helpedAt, reader.waitingSince);
    const hasWaited = now >= waitsFrom + PEER_TIME || now - reader.waitingSince > MAX_PIECE_TIME;
    if (hasWaited) this.#download(first, reader.end, now, true);
  }

  /** #download downloads a piece, and those after it that are missing. */
  async #download(first, end, now, urgent) {
    const { pieceLength } = this.#torrent, seed = this.#seeds.find((one) => one.isUsable(now));
    if (!seed || this.#downloads.size >= MAX_DOWNLOADS) return;
    this.#seeds.push(...this.#seeds.splice(this.#seeds.indexOf(seed), 1)); // The next download uses another seed.
    const abort = new AbortController(), { signal } = abort, checks = [];
    const download = { seed, first, last: first, urgent, receivedAt: now, abort };
    const limit = Math.min(end, first * pieceLength + MAX_BYTES);
    const isMissing = (piece) => !this.#store.available[piece];
    while ((download.last + 1) * pieceLength < limit && isMissing(download.last + 1)) download.last++;
    this.#downloads.add(download);
    const onBytes = (n) => {
      this.#owner.handleSeedBytes(n);
      download.receivedAt = performance.now();
    };
    const onPiece = (piece, bytes) => checks.push(this.#torrent.verify(piece, bytes).then((isRight) => {
      if (isRight) return this.#owner.storePiece(piece, bytes);
      if (!signal.aborted) seed.reportFailure(true);
      return abort.abort();
    }));
    try {
      await seed.fetch(first, download.last, { onPiece, onBytes, signal });
    } catch {
      if (!signal.aborted) seed.reportFailure(false);
    }
    await Promise.all(checks);
    this.#downloads.delete(download);
    this.start();
  }

  /** abortUnneeded aborts the downloads whose pieces have arrived, or are not needed any more. */
  abortUnneeded() {
    const { readers } = this.#owner.demand();
    for (const { first, last, urgent, abort } of this.#downloads) {
      let isNeeded = false;
      for (let piece = first; piece <= last; piece++) {
        const isRead = !urgent || readers.some((reader) => reader.isUrgent(piece));
        isNeeded ||= !this.#store.available[piece] && isRead;
      }
      if (!isNeeded) abort.abort();
    }
  }

  /** abortStalled aborts the downloads that do not receive data. */
  abortStalled(now) {
    for (const { seed, receivedAt, abort } of this.#downloads) {
      if (now - receivedAt <= STALL_TIMEOUT) continue;
      seed.reportFailure(false);
      abort.abort();
    }
  }

  #abort(download) {
    this.#downloads.delete(download);
    download.abort.abort();
  }
}
