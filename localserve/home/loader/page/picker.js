// Which block to request from which peer, by the rules of wtptui's engine (engine/swarm/pick). There is no I/O here.
// First come the pieces that readers wait for: each block from the peer that is expected to deliver it first, and from
// others after its deadline. Then come the pieces that are needed soon, in order, and then the rest, rarest first.
// Times are in ms.

import { BLOCK } from "./wire.js";

const FIRST_WINDOW = 32, FIRST_URGENT = 128; // blocks for an unknown peer: a page in one round trip
const MAX_WINDOW = 250;
const QUEUE_TIME = 500; // how long requests are queued at a peer, beyond the round trip
const BULK_QUEUE = 100; // the same for blocks that are not urgent, shortly after an urgent one
const BULK_HOLD = 1000; // how long that is
const DEADLINE_SLACK = 250; // added to twice the expected time of a block
const STALL_TIMEOUT = 4000; // without a block until the requests of a peer are cancelled
const RETRY_DELAY = 2000; // until a rejected or cancelled block is requested from the same peer again
const DEFAULT_RATE = 0.03; // blocks/ms of an unknown peer
const MAX_COPIES = 3;
const MAX_PARTIAL = 64; // incomplete pieces, above which those that are not needed are dropped
const MAX_RARITY_CHECKS = 64; // pieces from which the rarest is chosen

/** PeerState is the requests to a peer, and measurements of its connection. */
class PeerState {
  requests = new Map(); // key → {p, block, at, deadline, ahead, urgent}, in order
  blockedUntil = new Map(); // key → until when a rejected or cancelled block is not requested again
  window = FIRST_WINDOW; // blocks
  rate = 0; // blocks/ms
  roundTrip = 100;
  unmeasured = true;
  stalled = false;
  lastReceived = 0;
  bulkHeldUntil = 0;
}

export class Picker {
  #torrent;
  #available;
  #rarestStart;
  #openPieces = new Map(); // piece → {piece, count, left, requested and received by block, data, senders}
  #actions = [];
  #urgent = [];
  #soon = [];
  #wantsAll = false;
  peers = new Set(); // Wires; add sets the state of each

  /** available has 1 for each piece that is not missing. Its owner changes it. */
  constructor(torrent, available, random = Math.random()) {
    this.#torrent = torrent;
    this.#available = available;
    this.#rarestStart = Math.floor(random * torrent.pieces);
  }

  add(peer) {
    peer.state = new PeerState();
    this.peers.add(peer);
  }

  remove(peer) {
    this.releaseRequests(peer);
    this.peers.delete(peer);
  }

  /** isUseful reports whether a peer has a missing piece. */
  isUseful(peer) {
    return this.#available.some((available, piece) => !available && peer.hasPiece(piece));
  }

  /** setWanted sets which missing pieces are needed, in order, and whether the rest is. It cancels other requests. */
  setWanted(urgent, soon, rest, now) {
    [this.#urgent, this.#soon, this.#wantsAll] = [urgent, soon, rest];
    const first = new Set(urgent), all = new Set([...urgent, ...soon]);
    for (const peer of this.peers) {
      for (const [key, r] of peer.state.requests) {
        r.urgent = first.has(r.p.piece);
        if (!rest && !all.has(r.p.piece)) this.#removeRequest(peer, key, now, true);
      }
    }
    for (const piece of this.#openPieces.keys()) {
      if (!rest && this.#openPieces.size > MAX_PARTIAL && !all.has(piece)) this.#openPieces.delete(piece);
    }
  }

  #openPiece(piece) {
    let p = this.#openPieces.get(piece);
    if (!p) {
      const count = Math.ceil(this.#torrent.lengthOf(piece) / BLOCK), requested = new Uint8Array(count);
      p = { piece, count, left: count, requested, received: new Uint8Array(count), data: null, senders: new Set() };
      this.#openPieces.set(piece, p);
    }
    return p;
  }

  #eta({ state }, now) {
    return now + state.roundTrip + (state.requests.size + 1) / (state.rate || DEFAULT_RATE);
  }

  /** #addAction requests a block from a peer, or cancels the request. */
  #addAction(peer, p, block, cancel) {
    const begin = block * BLOCK, length = Math.min(BLOCK, this.#torrent.lengthOf(p.piece) - begin);
    this.#actions.push({ peer, cancel, block: [p.piece, begin, length] });
  }

  #request(peer, p, block, now, urgent) {
    const { state } = peer, deadline = now + 2 * (this.#eta(peer, now) - now) + DEADLINE_SLACK;
    state.requests.set(keyOf(p.piece, block), { p, block, at: now, deadline, ahead: state.requests.size + 1, urgent });
    if (urgent) state.bulkHeldUntil = now + BULK_HOLD;
    p.requested[block]++;
    this.#addAction(peer, p, block, false);
  }

  #removeRequest(peer, key, now, cancel) {
    const { state } = peer, { p, block } = state.requests.get(key);
    state.requests.delete(key);
    p.requested[block]--;
    if (!cancel) return;
    state.blockedUntil.set(key, now + RETRY_DELAY);
    this.#addAction(peer, p, block, true);
  }

  /** releaseRequests removes all requests to a peer; cancel also sends cancels. */
  releaseRequests(peer, now = 0, cancel = false) {
    for (const key of peer.state.requests.keys()) this.#removeRequest(peer, key, now, cancel);
  }

  rejectBlock(peer, piece, begin, now) {
    const key = keyOf(piece, begin / BLOCK), { requests, blockedUntil } = peer.state;
    if (blockedUntil.delete(key) || !requests.has(key)) return; // It is the response to a cancel.
    this.#removeRequest(peer, key, now, false);
    blockedUntil.set(key, now + RETRY_DELAY);
  }

  /** addBlock stores a block. It returns null, or, when its piece is complete, {bytes, senders}. */
  addBlock(peer, piece, begin, bytes, now) {
    const { state } = peer, block = begin / BLOCK, key = keyOf(piece, block);
    const p = this.#openPieces.get(piece), r = state.requests.get(key);
    if (!r && !state.blockedUntil.delete(key)) return null; // It was not requested.
    state.lastReceived = now;
    state.stalled = false;
    if (r) {
      this.#measureRate(state, r, now);
      this.#removeRequest(peer, key, now, false);
    }
    const size = this.#torrent.lengthOf(piece);
    if (!p || p.received[block] || bytes.length !== Math.min(BLOCK, size - begin)) return null;
    p.data ??= new Uint8Array(size);
    p.data.set(bytes, begin);
    p.received[block] = 1;
    p.senders.add(peer);
    for (const other of this.peers) if (other.state.requests.has(key)) this.#removeRequest(other, key, now, true);
    return --p.left > 0 ? null : { bytes: p.data, senders: [...p.senders] };
  }

  /** #measureRate grows the window with each block, up to what arrives in a round trip and QUEUE_TIME. */
  #measureRate(state, r, now) {
    const took = Math.max(1, now - r.at), rate = r.ahead / took;
    state.roundTrip = state.unmeasured ? took : Math.min(state.roundTrip, took);
    if (r.ahead >= 4 || rate > state.rate) state.rate += (rate - state.rate) / (state.unmeasured ? 1 : 8);
    state.unmeasured = false;
    const target = Math.min(MAX_WINDOW, rate * (state.roundTrip + QUEUE_TIME) + 1);
    if (target > state.window) state.window++;
    else if (r.ahead * 2 >= state.window) state.window = Math.max(2, state.window - 0.25);
  }

  /** forgetPiece drops the data and requests of a piece that is complete, or was wrong. */
  forgetPiece(piece, now) {
    for (const peer of this.peers) {
      for (const [key, r] of peer.state.requests) if (r.p.piece === piece) this.#removeRequest(peer, key, now, true);
    }
    this.#openPieces.delete(piece);
  }

  /** nextActions returns the requests and cancels to send now. */
  nextActions(now) {
    for (const peer of this.peers) {
      const { state } = peer, [first] = state.requests.values();
      if (first && now - Math.max(state.lastReceived, first.at) > STALL_TIMEOUT) {
        state.stalled = true;
        this.releaseRequests(peer, now, true);
      }
      for (const [key, until] of state.blockedUntil) if (until + 10 * RETRY_DELAY < now) state.blockedUntil.delete(key);
    }
    for (const piece of this.#urgent) {
      if (!this.#available[piece] && !this.#requestUrgent(this.#openPiece(piece), now)) break;
    }
    for (const peer of this.peers) this.#fillWindow(peer, now);
    return this.#actions.splice(0);
  }

  // #canRequest reports whether a block can be requested from a peer: it is requested from none, or again is set and
  // all requests are past their deadline.
  #canRequest(peer, p, block, now, again) {
    const key = keyOf(p.piece, block), { requests, blockedUntil } = peer.state;
    const isBlocked = requests.has(key) || blockedUntil.get(key) > now;
    if (p.received[block] || peer.choked || !peer.hasPiece(p.piece) || isBlocked) return false;
    const copies = p.requested[block];
    return copies === 0 || again && copies < MAX_COPIES && this.#requestsOf(key).every((r) => r.deadline < now);
  }

  #requestsOf(key) {
    return [...this.peers].map(({ state }) => state.requests.get(key)).filter((r) => r);
  }

  /** #requestUrgent requests the blocks of a piece. It returns false if the best peer takes no more requests. */
  #requestUrgent(p, now) {
    for (let block = 0; block < p.count; block++) {
      for (const r of p.requested[block] > 0 ? this.#requestsOf(keyOf(p.piece, block)) : []) r.urgent = true;
      let best = null, soonest = Infinity;
      for (const peer of this.peers) {
        const eta = this.#eta(peer, now);
        if (eta < soonest && this.#canRequest(peer, p, block, now, true)) [best, soonest] = [peer, eta];
      }
      if (!best) continue;
      const { state } = best;
      let ahead = 0;
      const inTransit = (state.rate || DEFAULT_RATE) * (state.roundTrip + BULK_QUEUE / 2);
      for (const [key, r] of state.requests) { // Requests that are not urgent are cancelled unless in transit.
        if (!r.urgent && ++ahead > inTransit) this.#removeRequest(best, key, now, true);
      }
      const window = this.#window(state, state.unmeasured ? FIRST_URGENT : 0);
      if (state.requests.size >= Math.min(best.reqq, window)) return false;
      this.#request(best, p, block, now, true);
    }
    return true;
  }

  #window(state, least) {
    return state.stalled ? 1 : Math.max(least, state.window);
  }

  /** #fillWindow requests blocks that are not urgent. */
  #fillWindow(peer, now) {
    const { state } = peer, rate = state.rate || DEFAULT_RATE;
    const held = now < state.bulkHeldUntil ? rate * (state.roundTrip + BULK_QUEUE) : Infinity;
    const most = Math.min(peer.reqq, this.#window(state, 0), Math.max(2, held));
    if (state.requests.size * 3 > most * 2) return; // Requests are sent several at a time.
    while (state.requests.size + 1 <= most) {
      const next = this.#nextBlock(peer, now);
      if (!next) return;
      this.#request(peer, ...next, now, false);
    }
  }

  #nextBlock(peer, now) {
    const blockOf = (p, again) => {
      for (let block = 0; p.left > 0 && block < p.count; block++) {
        if (this.#canRequest(peer, p, block, now, again)) return [p, block];
      }
      return null;
    };
    const first = (pieces, again) => {
      for (const piece of pieces) {
        const found = !this.#available[piece] && blockOf(this.#openPiece(piece), again);
        if (found) return found;
      }
      return null;
    };
    const wanted = first(this.#soon, false) ?? (this.#wantsAll ? first(this.#openPieces.keys(), false) : null);
    if (wanted || !this.#wantsAll || peer.choked) return wanted;
    let best = -1, rarest = Infinity, looks = 0;
    for (let n = 0; n < this.#available.length && looks < MAX_RARITY_CHECKS; n++) {
      const piece = (this.#rarestStart + n) % this.#available.length;
      if (this.#available[piece] || this.#openPieces.has(piece) || !peer.hasPiece(piece)) continue;
      looks++;
      const copies = [...this.peers].filter((other) => other.hasPiece(piece)).length;
      if (copies < rarest) [best, rarest] = [piece, copies];
    }
    return best >= 0 ? blockOf(this.#openPiece(best), false) : first(this.#openPieces.keys(), true);
  }
}

const keyOf = (piece, block) => piece * 4096 + block; // A piece has up to 64 MiB.
