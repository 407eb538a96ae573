// The page's BitTorrent client: it downloads a site from peers and web seeds, and uploads it to peers.

import { Connections, randomBytes } from "./connections.js";
import { MetadataDownload } from "./metadata.js";
import { Picker } from "./picker.js";
import { Reader } from "./reader.js";
import { UploadSlots } from "./slots.js";
import { Store } from "./store.js";
import { Torrent } from "./torrent.js";
import { Tracker } from "./tracker.js";
import { PEER_TIME, WebSeedDownloads } from "./webseeddownloads.js";
import { BLOCK } from "./wire.js";

const MAX_STRIKES = 3; // wrong pieces to which a peer has contributed
const CHANGE_INTERVAL = 300; // ms between calls of onchange

export class Client {
  #options = { metainfo: null, trackers: [], webSeeds: [], stun: [], baseURL: globalThis.location?.href, help: true };
  #connections;
  #metadata;
  #slots = new UploadSlots();
  #trackers = [];
  #picker = null; // null until the torrent is known
  #webSeeds = null;
  #readers = new Set();
  #raised = []; // pieces that are needed soon
  #background = false; // whether the rest is downloaded as well
  #readyPromise = null; // {resolve, reject}
  #helping = false;
  #closed = false;
  #timer = 0;
  #isPlanned = false;
  #changeTimer = 0;
  #startedAt = 0;
  #deliveredAt = 0; // when a peer has sent a block
  #counts = { fromSwarm: 0, fromHome: 0, sent: 0 };
  #rates = { at: 0, received: 0, sent: 0, down: 0, up: 0 };
  torrent = null; // null until it is known
  store = null;
  fault = "";
  peerID = `-WP0100-${randomBytes(12)}`;
  onchange = () => {};

  constructor(options) {
    Object.assign(this.#options, options);
    this.infohash = options.infohash.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))); // for wires
    this.ready = new Promise((resolve, reject) => { this.#readyPromise = { resolve, reject }; });
    this.ready.catch(() => {});
    this.#connections = new Connections(this, this.#options.stun);
    this.#metadata = new MetadataDownload(() => this.#peers(), async (info) => {
      await this.#setTorrent(await Torrent.fromInfo(info, this.#options.infohash));
    });
  }

  start() {
    const { infohash, metainfo, trackers, help } = this.#options;
    this.#startedAt = this.#rates.at = performance.now();
    if (!crypto.subtle) this.fault = "The page is not secure, so the browser cannot check what it gets.";
    else if (!globalThis.RTCPeerConnection) this.fault = "The browser has no WebRTC, so there are no peers.";
    if (metainfo) {
      const parsed = Torrent.parse(metainfo, infohash);
      parsed.then((torrent) => this.#setTorrent(torrent)).catch(this.#readyPromise.reject);
    }
    this.#trackers = [...new Set(trackers)].map((url) => new Tracker(url, this));
    this.help(help);
    this.#tick();
  }

  close() {
    this.help(false);
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#readyPromise.reject(new Error("closed"));
    this.#webSeeds?.close();
    this.#readers.forEach((reader) => reader.wake());
  }

  /** help turns peers on or off. Without them, web seeds deliver. */
  help(on) {
    const helping = Boolean(on && !this.#closed && globalThis.RTCPeerConnection && crypto.subtle);
    if (helping === this.#helping) return;
    this.#helping = helping;
    this.#connections.setEnabled(helping); // Before the trackers: their first announce has offers.
    this.#trackers.forEach((tracker) => (helping ? tracker.open() : tracker.close()));
  }

  async #setTorrent(torrent) {
    if (this.#closed) return; // The stored pieces may have been deleted.
    const store = new Store(torrent, () => this.#updateWanted()), { webSeeds, baseURL } = this.#options;
    await store.open();
    if (this.torrent || this.#closed) return;
    Object.assign(this, { torrent, store });
    this.#picker = new Picker(torrent, store.available);
    const urls = [...webSeeds, ...torrent.webSeeds].filter((url) => URL.canParse(url, baseURL));
    const unique = [...new Set(urls.map((url) => new URL(url, baseURL).href))];
    this.#webSeeds = new WebSeedDownloads(torrent, store, unique, {
      demand: () => this.#demand(),
      storePiece: (piece, bytes) => this.#storePiece(piece, bytes),
      handleSeedBytes: (n) => { this.#counts.fromHome += n; },
    });
    this.#peers().forEach((wire) => this.#picker.add(wire));
    this.#peers().forEach((wire) => wire.torrentKnown());
    this.#readyPromise.resolve(torrent);
    this.#updateWanted();
  }

  #peers() { return this.#connections.peers(); }
  #isComplete() { return this.store?.missing === 0; }

  // What trackers need; see Tracker.

  needsPeers() { return !this.#isComplete() && this.#connections.wires().length === 0; }

  transferTotals() {
    const left = this.torrent ? this.torrent.size - this.store.availableBytes : BLOCK;
    return { uploaded: this.#sentBytes(), downloaded: this.#counts.fromSwarm, left };
  }

  async makeOffers() { return this.#isComplete() ? [] : this.#connections.makeOffers(); }
  handleOffer(...offer) { this.#connections.handleOffer(...offer); }
  handleAnswer(...answer) { this.#connections.handleAnswer(...answer); }

  // Events of peers; see Wire.

  handleHandshake(wire) {
    if (!this.#connections.accept(wire)) return;
    this.#picker?.add(wire);
    this.changed();
  }

  handleClose(wire, ban) {
    this.#counts.sent += wire.uploaded;
    this.#connections.remove(wire, ban);
    this.#metadata.remove(wire);
    if (wire.state) this.#picker.remove(wire);
    this.#updateSlots();
    this.#plan();
    this.changed();
  }

  /** handleHave is called with the piece that a peer has now, or with none if it has sent all that it has. */
  handleHave(wire, piece = -1) {
    if (!wire.state) return;
    if (piece < 0 || wire.hasAll) this.#updateInterest(wire);
    else if (!this.store.available[piece]) wire.setInterested(true);
    this.#plan();
  }

  #updateInterest(wire) {
    if (wire.hasAll && this.#isComplete()) wire.close(); // Two seeds need nothing of each other.
    else wire.setInterested(this.#picker.isUseful(wire));
  }

  handleChoke(wire) {
    if (wire.state && wire.choked) this.#picker.releaseRequests(wire);
    this.#plan();
  }

  handleInterest(wire) {
    if (!wire.peerInterested) wire.setChoking(true);
    this.#updateSlots();
  }

  #updateSlots(now = performance.now()) { this.#slots.update(this.#peers(), now); }

  handleReject(wire, piece, begin) {
    if (wire.state) this.#picker.rejectBlock(wire, piece, begin, performance.now());
    this.#plan();
  }

  handleBlock(wire, piece, begin, bytes) {
    if (!wire.state) return;
    const now = performance.now(), complete = this.#picker.addBlock(wire, piece, begin, bytes, now);
    if (wire.state.lastReceived !== now) return; // The block was not requested.
    this.#deliveredAt = now;
    this.#counts.fromSwarm += bytes.length;
    for (const reader of this.#readers) if (reader.isUrgent(piece)) reader.helpedAt = now;
    this.#plan();
    if (complete) this.#verify(piece, complete);
  }

  async #verify(piece, { bytes, senders }) {
    if (await this.torrent.verify(piece, bytes)) {
      this.#storePiece(piece, bytes);
      return;
    }
    this.#picker.forgetPiece(piece, performance.now());
    for (const peer of senders) {
      peer.strikes = (peer.strikes ?? 0) + 1;
      if (senders.length === 1 || peer.strikes >= MAX_STRIKES) peer.close(true);
    }
    this.#plan();
  }

  #storePiece(piece, bytes) {
    if (this.#closed || this.store.available[piece]) return;
    this.store.put(piece, bytes);
    this.#picker.forgetPiece(piece, performance.now());
    this.#peers().forEach((wire) => wire.hasAll || wire.have(piece));
    this.#readers.forEach((reader) => reader.wake());
    this.#webSeeds.abortUnneeded();
    if (this.#isComplete()) this.#trackers.forEach((tracker) => tracker.announce("completed"));
    this.#plan();
    this.changed();
  }

  async handleMetadata(wire, part, bytes) {
    if (!this.torrent && !this.#options.metainfo) await this.#metadata.handlePart(wire, part, bytes);
  }

  // Files are read.

  /** read returns the bytes [start, end) of a file in parts, each as soon as it has been downloaded. */
  async *read(file, start, end, signal) {
    const torrent = await this.ready;
    const reader = new Reader(torrent, file.offset + start, file.offset + Math.min(end, file.length));
    const wake = () => reader.wake();
    signal?.addEventListener("abort", wake);
    this.#readers.add(reader);
    try {
      while (reader.position < reader.end) {
        const piece = Math.floor(reader.position / torrent.pieceLength), begin = piece * torrent.pieceLength;
        reader.waitingSince = performance.now();
        this.#updateWanted();
        if (!this.store.available[piece]) [0, PEER_TIME].forEach((ms) => setTimeout(() => this.#webSeeds.start(), ms));
        const bytes = await this.#waitForPiece(piece, reader, signal);
        const part = bytes.slice(reader.position - begin, reader.end - begin); // A copy, which may be transferred.
        reader.position += part.length;
        reader.waitingSince = Infinity; // Nobody waits until the next part is requested.
        yield part;
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#readers.delete(reader);
      this.#updateWanted();
      this.#webSeeds.abortUnneeded();
    }
  }

  async #waitForPiece(piece, reader, signal) {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#closed) throw new Error("closed");
      const woken = new Promise((resolve) => { reader.wake = resolve; }), bytes = await this.store.get(piece);
      if (bytes) return bytes;
      await woken;
    }
  }

  /** have returns how many bytes of a file have been downloaded. */
  have({ offset, length }) {
    const { pieceLength } = this.torrent, clamp = (at) => Math.min(Math.max(at, offset), offset + length);
    const pieces = this.torrent.piecesOf(offset, offset + length).filter((piece) => this.store.available[piece]);
    return pieces.reduce((sum, piece) => sum + clamp((piece + 1) * pieceLength) - clamp(piece * pieceLength), 0);
  }

  /** raise sets the files that will be read soon. */
  raise(files) {
    this.#raised = files.flatMap(({ offset, length }) => this.torrent.piecesOf(offset, offset + length));
    this.#updateWanted();
  }

  /** background sets whether everything is downloaded. */
  background(on) {
    this.#background = on;
    this.#updateWanted();
  }

  /** #updateWanted tells the picker which pieces are needed: first what readers wait for, of each reader in turn. */
  #updateWanted() {
    if (!this.torrent || this.#closed) return;
    const readers = [...this.#readers], urgent = readers.map((reader) => reader.urgentPieces());
    const longest = Math.max(0, ...urgent.map(({ length }) => length));
    const inTurn = Array.from({ length: longest }, (_, i) => urgent.map((pieces) => pieces[i]));
    const ahead = readers.map((reader) => reader.aheadPieces());
    const missing = (lists) => [...new Set(lists.flat())].filter((piece) => this.store.available[piece] === 0);
    const rest = this.#background && this.store.hasRoom();
    this.#picker.setWanted(missing(inTurn), missing([...ahead, this.#raised]), rest, performance.now());
    this.#plan();
    this.changed();
  }

  /** #plan sends requests and cancels, once for all events of one task. */
  #plan() {
    if (this.#isPlanned || !this.#picker) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (this.#closed) return;
      for (const { peer, cancel, block } of this.#picker.nextActions(performance.now())) {
        if (cancel) peer.cancel(...block);
        else peer.request(...block);
      }
    });
  }

  /** #demand returns what web seeds may be needed for; see WebSeedDownloads. */
  #demand() {
    return {
      readers: [...this.#readers], peers: this.#peers(), raised: this.#raised, background: this.#background,
      mayFindPeers: this.#helping && this.#trackers.some(({ ok, error }) => ok || !error),
      startedAt: this.#startedAt, deliveredAt: this.#deliveredAt,
    };
  }

  #tick() {
    if (this.#closed) return;
    const now = performance.now(), busy = this.#readers.size > 0 || this.#background && !this.#isComplete();
    for (const wire of this.#connections.wires()) wire.tick(now);
    this.#webSeeds?.abortStalled(now);
    if (now - this.#rates.at >= 1000) this.#measure(now);
    this.#webSeeds?.start(now);
    if (!this.torrent && !this.#options.metainfo) this.#metadata.request();
    this.#plan();
    this.#timer = setTimeout(() => this.#tick(), busy || !this.torrent ? 100 : 1000);
  }

  #measure(now) {
    const { at, received, sent, down, up } = this.#rates, { fromSwarm, fromHome } = this.#counts;
    const average = (rate, bytes) => rate + (bytes * 1000 / (now - at) - rate) / 3; // over about three seconds
    const allReceived = fromSwarm + fromHome, allSent = this.#sentBytes();
    this.#rates = {
      at: now, received: allReceived, sent: allSent,
      down: average(down, allReceived - received), up: average(up, allSent - sent),
    };
    if (this.#picker) this.#peers().forEach((wire) => wire.state && this.#updateInterest(wire));
    this.#updateSlots(now);
    this.changed();
  }

  #sentBytes() { return this.#peers().reduce((sum, wire) => sum + wire.uploaded, this.#counts.sent); }

  /** changed calls onchange soon, once for many changes. */
  changed() {
    this.#changeTimer ||= setTimeout(() => {
      this.#changeTimer = 0;
      this.onchange();
    }, CHANGE_INTERVAL);
  }

  stats() {
    const { store, torrent, fault } = this, { down, up } = this.#rates;
    return {
      ...this.#counts, peers: this.#peers().length, down: Math.round(down), up: Math.round(up), sent: this.#sentBytes(),
      have: store?.availableBytes ?? 0, size: torrent?.size ?? 0, pieces: torrent?.pieces ?? 0, fault,
      trackers: this.#trackers.map(({ url, ok, error }) => ({ url, ok, error })),
    };
  }
}
