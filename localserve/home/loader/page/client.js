// The page's BitTorrent client: it gets a site from peers and web seeds, and gives it to peers.

import { Picker } from "./picker.js";
import { Store } from "./store.js";
import { Torrent } from "./torrent.js";
import { gatherDescription, Tracker } from "./tracker.js";
import { WebSeed } from "./webseed.js";
import { BLOCK, Wire } from "./wire.js";

const MAX_PEERS = 30, ENOUGH_PEERS = 8; // of which no more are called, or looked for
const MAX_OFFERS = 4, MAX_OPEN = 16; // of one announce, and of all that nobody has answered yet
const OFFER_TIME = 50_000, OPEN_TIME = 25_000; // ms until the answer, and from there to the handshake
const SLOTS = 8, ROTATE = 10_000; // peers that are sent to, and ms until others have their turn
const MAX_STRIKES = 3; // wrong pieces that a peer had a part in
const URGENT = 1 << 20, AHEAD = 8 << 20; // bytes beyond where a reader is
const RUN = 4 << 20, MAX_RUNS = 6; // bytes that a web seed is asked for at once, and how often at a time
const PATIENCE = 300; // ms that a reader waits for peers alone,
const LONGEST = 2000; // and for one piece of which parts come
const QUIET = 5000; // ms without data from peers until the home gives what nobody waits for
const SILENCE = 15_000; // ms without a byte until a web seed is given up
const METADATA_TIME = 10_000; // ms that one peer may take for it

const random = (n) => String.fromCharCode(...crypto.getRandomValues(new Uint8Array(n)));

export class Client {
  #options = { metainfo: null, trackers: [], webSeeds: [], stun: [], baseURL: globalThis.location?.href, help: true };
  #trackers = [];
  #seeds = [];
  #picker = null;
  #links = new Set(); // {pc, offerID, peerID, wire, timer}: being made
  #wires = new Map(); // wire → its link
  #banned = new Set(); // peer ids
  #readers = new Set(); // {at, end, since, helped, wake}
  #runs = new Set(); // {first, last, urgent, heard, stop}: requests of web seeds
  #raised = []; // pieces
  #background = false;
  #metadata = null; // {wire, parts, left, since}
  #settle = null;
  #helping = false;
  #closed = false;
  #timer = 0;
  #planned = false;
  #changed = 0;
  #startedAt = 0;
  #deliveredAt = 0; // when a peer sent data
  #rotatedAt = 0;
  #counts = { fromSwarm: 0, fromHome: 0, sent: 0 };
  #rates = { at: 0, got: 0, gave: 0, down: 0, up: 0 };
  torrent = null;
  store = null;
  fault = "";
  peerID = `-WP0100-${random(12)}`;
  onchange = () => {};

  constructor(options) {
    Object.assign(this.#options, options);
    this.infohash = options.infohash.replace(/../g, (byte) => String.fromCharCode(parseInt(byte, 16))); // for wires
    this.ready = new Promise((resolve, reject) => { this.#settle = { resolve, reject }; });
    this.ready.catch(() => {});
  }

  start() {
    const { infohash, metainfo, trackers, help } = this.#options;
    this.#startedAt = this.#rates.at = performance.now();
    if (!crypto.subtle) this.fault = "The page is not secure, so the browser cannot check what it gets.";
    else if (!globalThis.RTCPeerConnection) this.fault = "The browser has no WebRTC, so there are no peers.";
    if (metainfo) Torrent.parse(metainfo, infohash).then((torrent) => this.#know(torrent)).catch(this.#settle.reject);
    this.#trackers = [...new Set(trackers)].map((url) => new Tracker(url, this));
    this.help(help);
    this.#tick();
  }

  close() {
    this.help(false);
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#settle.reject(new Error("closed"));
    this.#runs.forEach((run) => run.stop.abort());
    this.#readers.forEach((reader) => reader.wake());
  }

  help(on) {
    const helping = Boolean(on && !this.#closed && globalThis.RTCPeerConnection && crypto.subtle);
    if (helping === this.#helping) return;
    this.#helping = helping;
    this.#trackers.forEach((tracker) => (helping ? tracker.open() : tracker.close()));
    for (const link of helping ? [] : [...this.#links, ...this.#wires.values()]) this.#end(link);
  }

  async #know(torrent) {
    if (this.#closed) return; // What was kept may have been forgotten.
    const store = new Store(torrent, () => this.#want()), { webSeeds, baseURL } = this.#options;
    await store.open();
    if (this.torrent || this.#closed) return;
    Object.assign(this, { torrent, store });
    this.#picker = new Picker(torrent, store.available);
    const urls = [...webSeeds, ...torrent.webSeeds].filter((url) => URL.canParse(url, baseURL));
    this.#seeds = [...new Set(urls.map((url) => new URL(url, baseURL).href))].map((url) => new WebSeed(url, torrent));
    this.#peers().forEach((wire) => this.#picker.add(wire));
    this.#peers().forEach((wire) => wire.torrentKnown());
    this.#settle.resolve(torrent);
    this.#want();
  }

  // Peers are found by trackers.

  #complete() { return this.store?.missing === 0; }
  needsPeers() { return !this.#complete() && this.#wires.size === 0; }

  transferTotals() {
    const left = this.torrent ? this.torrent.size - this.store.availableBytes : BLOCK;
    return { uploaded: this.#sent(), downloaded: this.#counts.fromSwarm, left };
  }

  async makeOffers() {
    const open = [...this.#links].filter((link) => link.offerID).length;
    const most = Math.min(MAX_OFFERS, ENOUGH_PEERS - this.#peers().length, MAX_OPEN - open);
    const n = this.#complete() || !this.#helping ? 0 : most;
    const offers = await Promise.all(Array.from({ length: Math.max(0, n) }, () => {
      const link = this.#link({ offerID: random(20) }, OFFER_TIME);
      this.#meet(link, link.pc.createDataChannel("wtp"));
      const offer = (sdp) => ({ offer_id: link.offerID, offer: { type: "offer", sdp } });
      return gatherDescription(link.pc).then(offer, () => this.#end(link));
    }));
    return offers.filter((offer) => offer);
  }

  #link(link, time) {
    link.pc = new RTCPeerConnection({ iceServers: this.#options.stun.map((urls) => ({ urls })) });
    link.pc.onconnectionstatechange = () => link.pc.connectionState === "failed" && this.#end(link);
    link.timer = setTimeout(() => this.#end(link), time);
    this.#links.add(link);
    return link;
  }

  #end(link) {
    clearTimeout(link.timer);
    this.#links.delete(link);
    link.wire?.close();
    link.pc.close();
  }

  #meet(link, channel) {
    link.wire ??= new Wire(channel, this);
    this.#wires.set(link.wire, link);
  }

  /** #peers returns those that have said their handshake. */
  #peers() { return [...this.#wires.keys()].filter((wire) => wire.peerID); }

  #refuses(peerID) {
    return !this.#helping || this.#banned.has(peerID) || this.#peers().some((wire) => wire.peerID === peerID);
  }

  handleOffer(peerID, sdp, send) {
    const peers = this.#peers(), answered = [...this.#links].filter((link) => !link.offerID);
    if (this.#refuses(peerID) || answered.some((link) => link.peerID === peerID)) return;
    if (peers.length + answered.length >= MAX_PEERS) {
      const useless = peers.find((wire) => !wire.peerInterested && !wire.interested);
      if (!useless) return;
      useless.close();
    }
    const link = this.#link({ offerID: "", peerID }, OPEN_TIME);
    link.pc.ondatachannel = ({ channel }) => this.#meet(link, channel);
    gatherDescription(link.pc, sdp).then(send).catch(() => this.#end(link));
  }

  handleAnswer(peerID, offerID, sdp) {
    const link = [...this.#links].find((one) => one.offerID === offerID && !one.peerID);
    if (!link) return;
    link.peerID = peerID;
    clearTimeout(link.timer);
    link.timer = setTimeout(() => this.#end(link), OPEN_TIME);
    if (this.#refuses(peerID)) this.#end(link);
    else link.pc.setRemoteDescription({ type: "answer", sdp }).catch(() => this.#end(link));
  }

  // This is what peers say.

  handleHandshake(wire) {
    const link = this.#wires.get(wire), peers = this.#peers();
    clearTimeout(link.timer);
    this.#links.delete(link);
    // Of two connections with a peer the one stays that whose id is greater has offered, as in wtptui's engine.
    const twin = peers.find((other) => other !== wire && other.peerID === wire.peerID);
    const better = Boolean(link.offerID) === this.peerID > wire.peerID;
    if (peers.length > MAX_PEERS || this.#banned.has(wire.peerID) || twin && !better) return wire.close();
    twin?.close();
    this.#picker?.add(wire);
    this.changed();
  }

  handleClose(wire, bad) {
    const link = this.#wires.get(wire);
    this.#wires.delete(wire);
    this.#counts.sent += wire.uploaded;
    if (bad) this.#banned.add(wire.peerID);
    if (this.#metadata?.wire === wire) this.#metadata = null;
    if (wire.state) this.#picker.remove(wire);
    this.#end(link);
    this.#unchoke();
    this.#plan();
    this.changed();
  }

  /** handleHave is called with the piece that a peer has got, or with none after it has said all that it has. */
  handleHave(wire, piece = -1) {
    if (!wire.state) return;
    if (piece < 0 || wire.hasAll) this.#review(wire);
    else if (!this.store.available[piece]) wire.setInterested(true);
    this.#plan();
  }

  #review(wire) {
    if (wire.hasAll && this.#complete()) wire.close(); // Two that have everything part.
    else wire.setInterested(this.#picker.isUseful(wire));
  }

  handleChoke(wire) {
    if (wire.state && wire.choked) this.#picker.releaseRequests(wire);
    this.#plan();
  }

  handleInterest(wire) {
    if (!wire.peerInterested) wire.setChoking(true);
    this.#unchoke();
  }

  /** #unchoke gives free slots to those who have waited longest; in a while, two who have one wait again. */
  #unchoke(now = performance.now()) {
    const peers = this.#peers().filter((wire) => wire.peerInterested).sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0));
    const waiting = peers.filter((wire) => wire.choking), served = peers.filter((wire) => !wire.choking);
    if (waiting.length > 0 && served.length >= SLOTS && now - this.#rotatedAt > ROTATE) {
      served.splice(0, 2).forEach((wire) => wire.setChoking(true));
      this.#rotatedAt = now;
    }
    for (const wire of waiting.slice(0, Math.max(0, SLOTS - served.length))) {
      wire.turn = now;
      wire.setChoking(false);
    }
  }

  handleReject(wire, piece, begin) {
    if (wire.state) this.#picker.rejectBlock(wire, piece, begin, performance.now());
    this.#plan();
  }

  handleBlock(wire, piece, begin, bytes) {
    if (!wire.state) return;
    const now = performance.now(), whole = this.#picker.addBlock(wire, piece, begin, bytes, now);
    if (wire.state.lastReceived !== now) return; // Nobody has asked for it.
    this.#deliveredAt = now;
    this.#counts.fromSwarm += bytes.length;
    for (const reader of this.#readers) if (this.#isNear(reader, piece)) reader.helped = now;
    this.#plan();
    if (!whole) return;
    this.torrent.verify(piece, whole.bytes).then((right) => {
      if (right) return this.#keep(piece, whole.bytes);
      this.#picker.forgetPiece(piece, now);
      for (const peer of whole.senders) {
        peer.strikes = (peer.strikes ?? 0) + 1;
        if (whole.senders.length === 1 || peer.strikes >= MAX_STRIKES) peer.close(true);
      }
      this.#plan();
    });
  }

  #keep(piece, bytes) {
    if (this.#closed || this.store.available[piece]) return;
    this.store.put(piece, bytes);
    this.#picker.forgetPiece(piece, performance.now());
    this.#peers().forEach((wire) => wire.hasAll || wire.have(piece));
    this.#readers.forEach((reader) => reader.wake());
    this.#endRuns();
    if (this.#complete()) this.#trackers.forEach((tracker) => tracker.announce("completed"));
    this.#plan();
    this.changed();
  }

  /** handleMetadata takes a part of the info dictionary (BEP 9), or a refusal, or begins to ask for it. */
  async handleMetadata(wire, part, bytes) {
    const m = this.#metadata;
    if (this.torrent || m?.wire !== wire) return this.#askMetadata();
    if (bytes?.length !== Math.min(BLOCK, wire.metadataSize - part * BLOCK)) return wire.close(true);
    if (!m.parts[part]) m.left--;
    m.parts[part] = bytes.slice();
    if (m.left > 0) return;
    try {
      const info = new Uint8Array(await new Blob(m.parts).arrayBuffer());
      await this.#know(await Torrent.fromInfo(info, this.#options.infohash));
    } catch {
      wire.close(true);
    }
  }

  #askMetadata() {
    const since = performance.now();
    if (this.torrent || this.#options.metainfo) return;
    if (since - this.#metadata?.since > METADATA_TIME) this.#metadata.wire.close();
    const wire = this.#peers().find((peer) => peer.metadataSize > 0);
    if (this.#metadata || !wire) return;
    const left = Math.ceil(wire.metadataSize / BLOCK);
    this.#metadata = { wire, parts: [], left, since };
    for (let part = 0; part < left; part++) wire.askMetadata(part);
  }

  // Readers want pieces.

  async *read(file, start, end, signal) {
    const { pieceLength } = await this.ready, stop = file.offset + Math.min(end, file.length);
    const reader = { at: file.offset + start, end: stop, since: 0, helped: 0, wake: () => {} };
    const wake = () => reader.wake();
    signal?.addEventListener("abort", wake);
    this.#readers.add(reader);
    try {
      while (reader.at < reader.end) {
        const piece = Math.floor(reader.at / pieceLength), begin = piece * pieceLength;
        reader.since = performance.now();
        this.#want();
        if (!this.store.available[piece]) [0, PATIENCE].forEach((ms) => setTimeout(() => this.#useSeeds(), ms));
        const bytes = await this.#piece(piece, reader, signal);
        const part = bytes.slice(reader.at - begin, reader.end - begin); // It may be transferred.
        reader.at += part.length;
        reader.since = Infinity; // Nobody waits until more is asked for.
        yield part;
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#readers.delete(reader);
      this.#want();
      this.#endRuns();
    }
  }

  async #piece(piece, reader, signal) {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#closed) throw new Error("closed");
      const woken = new Promise((resolve) => { reader.wake = resolve; }), bytes = await this.store.get(piece);
      if (bytes) return bytes;
      await woken;
    }
  }

  /** #span returns the pieces of [begin, end). */
  #span(begin, end) {
    const { pieceLength } = this.torrent, first = Math.floor(begin / pieceLength);
    return Array.from({ length: begin < end ? Math.ceil(end / pieceLength) - first : 0 }, (_, i) => first + i);
  }

  #isNear({ at, end }, piece) {
    const begin = piece * this.torrent.pieceLength;
    return begin + this.torrent.pieceLength > at && begin < Math.min(end, at + URGENT);
  }

  have({ offset, length }) {
    const { pieceLength } = this.torrent, cut = (at) => Math.min(Math.max(at, offset), offset + length);
    const pieces = this.#span(offset, offset + length).filter((piece) => this.store.available[piece]);
    return pieces.reduce((sum, piece) => sum + cut((piece + 1) * pieceLength) - cut(piece * pieceLength), 0);
  }

  raise(files) {
    this.#raised = files.flatMap(({ offset, length }) => this.#span(offset, offset + length));
    this.#want();
  }

  background(on) {
    this.#background = on;
    this.#want();
  }

  /** #want tells the picker what readers wait for, a piece of each in turn, what they will read, and what is raised. */
  #want() {
    if (!this.torrent || this.#closed) return;
    const readers = [...this.#readers], next = readers.map(({ at, end }) => this.#span(at, Math.min(end, at + URGENT)));
    const longest = Math.max(0, ...next.map(({ length }) => length));
    const urgent = Array.from({ length: longest }, (_, i) => next.map((pieces) => pieces[i]));
    const soon = readers.map(({ at, end }) => this.#span(at + URGENT, Math.min(end, at + AHEAD)));
    const missing = (lists) => [...new Set(lists.flat())].filter((piece) => this.store.available[piece] === 0);
    const rest = this.#background && this.store.hasRoom();
    this.#picker.setWanted(missing(urgent), missing([...soon, this.#raised]), rest, performance.now());
    this.#plan();
    this.changed();
  }

  /** #plan sends requests, once for all that happens in one task. */
  #plan() {
    if (this.#planned || !this.#picker) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (this.#closed) return;
      for (const { peer, cancel, block } of this.#picker.nextActions(performance.now())) {
        if (cancel) peer.cancel(...block);
        else peer.request(...block);
      }
    });
  }

  // Web seeds give what readers have waited for too long, and the rest if no peer gives anything.

  #useSeeds(now = performance.now()) {
    if (this.#closed) return;
    const { available } = this.store, peers = this.#peers();
    for (const reader of this.#readers) {
      const ahead = this.#span(reader.at, Math.min(reader.end, reader.at + URGENT));
      // What nobody waits for stands back: over a slow line, it would hold up the page for long.
      if (ahead.length > 0 && !available[ahead[0]] && reader.since < now) {
        for (const run of this.#runs) if (!run.urgent) this.#stop(run);
      }
      const runs = [...this.#runs];
      const first = ahead.find((piece) => !available[piece] && !runs.some((run) => run.first <= piece && piece <= run.last));
      const able = peers.some((wire) => !wire.choked && wire.hasPiece(first));
      // Who has no peer waits for the first one alone, and for that only once.
      const hopeful = this.#helping && this.#trackers.some(({ ok, error }) => ok || !error);
      const until = able ? Math.max(reader.helped, reader.since) : hopeful ? this.#startedAt : 0;
      const waited = now >= until + PATIENCE || now - reader.since > LONGEST;
      if (first >= 0 && waited) this.#run(first, reader.end, now, true);
    }
    if (this.#runs.size > 0 || now - Math.max(this.#deliveredAt, this.#startedAt) < QUIET) return;
    const rest = this.#background && this.store.hasRoom() ? available.indexOf(0) : -1;
    const first = this.#raised.find((piece) => !available[piece]) ?? rest;
    if (first >= 0) this.#run(first, this.torrent.size, now, false);
  }

  async #run(first, end, now, urgent) {
    const seed = this.#seeds.find((one) => one.isUsable(now)), { pieceLength } = this.torrent, { available } = this.store;
    if (!seed || this.#runs.size >= MAX_RUNS) return;
    this.#seeds.push(...this.#seeds.splice(this.#seeds.indexOf(seed), 1)); // Others are next.
    const stop = new AbortController(), { signal } = stop, checks = [];
    const run = { first, last: first, urgent, heard: now, stop, silent: () => { seed.reportFailure(false); stop.abort(); } };
    while ((run.last + 1) * pieceLength < Math.min(end, first * pieceLength + RUN) && !available[run.last + 1]) run.last++;
    this.#runs.add(run);
    const onBytes = (n) => {
      this.#counts.fromHome += n;
      run.heard = performance.now();
    };
    const onPiece = (piece, bytes) => checks.push(this.torrent.verify(piece, bytes).then((right) => {
      if (right) this.#keep(piece, bytes);
      else if (!signal.aborted) seed.reportFailure(true);
      if (!right) stop.abort();
    }));
    try {
      await seed.fetch(first, run.last, { onPiece, onBytes, signal });
    } catch {
      if (!signal.aborted) seed.reportFailure(false);
    }
    await Promise.all(checks);
    this.#runs.delete(run);
    this.#useSeeds();
  }

  /** #endRuns ends requests for what has come meanwhile, or is not waited for any more. */
  #endRuns() {
    const readers = [...this.#readers];
    for (const { first, last, urgent, stop } of this.#runs) {
      let wanted = false;
      for (let piece = first; piece <= last; piece++) {
        wanted ||= !this.store.available[piece] && (!urgent || readers.some((reader) => this.#isNear(reader, piece)));
      }
      if (!wanted) stop.abort();
    }
  }

  #stop(run) {
    this.#runs.delete(run);
    run.stop.abort();
  }

  #tick() {
    if (this.#closed) return;
    const now = performance.now(), busy = this.#readers.size > 0 || this.#background && !this.#complete();
    for (const wire of this.#wires.keys()) wire.tick(now);
    for (const run of this.#runs) if (now - run.heard > SILENCE) run.silent();
    if (now - this.#rates.at >= 1000) this.#measure(now);
    if (this.torrent) this.#useSeeds(now);
    this.#askMetadata();
    this.#plan();
    this.#timer = setTimeout(() => this.#tick(), busy || !this.torrent ? 100 : 1000);
  }

  #measure(now) {
    const { at, got, gave, down, up } = this.#rates, { fromSwarm, fromHome } = this.#counts, sent = this.#sent();
    const mix = (rate, bytes) => rate + (bytes * 1000 / (now - at) - rate) / 3; // over about three seconds
    const all = fromSwarm + fromHome;
    this.#rates = { at: now, got: all, gave: sent, down: mix(down, all - got), up: mix(up, sent - gave) };
    if (this.#picker) this.#peers().forEach((wire) => wire.state && this.#review(wire));
    this.#unchoke(now);
    this.changed();
  }

  #sent() { return this.#peers().reduce((sum, wire) => sum + wire.uploaded, this.#counts.sent); }

  changed() {
    this.#changed ||= setTimeout(() => {
      this.#changed = 0;
      this.onchange();
    }, 300);
  }

  stats() {
    const { store, torrent, fault } = this, { down, up } = this.#rates;
    return {
      ...this.#counts, peers: this.#peers().length, down: Math.round(down), up: Math.round(up), sent: this.#sent(),
      have: store?.availableBytes ?? 0, size: torrent?.size ?? 0, pieces: torrent?.pieces ?? 0, fault,
      trackers: this.#trackers.map(({ url, ok, error }) => ({ url, ok, error })),
    };
  }
}
