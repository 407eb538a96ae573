// Which block to ask of which peer; pure, by the rules of wtptui's engine (engine/swarm/pick). First what readers wait
// for, each block of the peer that will have sent it soonest, and of others when it is deadline; then what is wanted soon,
// in order; then the rest, rarest first. Times are in ms.

import { BLOCK } from "./wire.js";

const FIRST_WINDOW = 32, FIRST_URGENT = 128; // blocks at a peer of which nothing is known: a page in one round roundTrip
const MAX_WINDOW = 250;
const QUEUE_TIME = 500; // how long requests wait at a peer beyond the round roundTrip,
const BULK_QUEUE = 100; // and those that nobody waits for, for a while after others
const BULK_HOLD = 1000; // this while
const DEADLINE_SLACK = 250; // added to twice the time that a block was expected to take
const STALL_TIMEOUT = 4000; // without a block until a peer loses its requests
const RETRY_DELAY = 2000; // until a block that was rejected or cancelled is requested of the same peer again
const DEFAULT_RATE = 0.03; // blocks/ms of an unknown peer
const MAX_COPIES = 3;
const MAX_PARTIAL = 64; // pieces that nobody wants any more
const MAX_RARITY_CHECKS = 64; // pieces among which the rarest is chosen

/** PeerState is what is known of the way to a peer. */
class PeerState {
  requests = new Map(); // key → {p, block, at, deadline, ahead, urgent}, in order
  blockedUntil = new Map(); // key → until when: rejected or cancelled
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
  #openPieces = new Map(); // piece → {piece, count, left, requested and received by block, data, from}
  #actions = [];
  #urgent = [];
  #soon = [];
  #wantsAll = false;
  peers = new Set(); // Wires, each of which gets a state

  /** available has 1 for each piece that is not missing; its owner changes it. */
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

  /** isUseful reports whether a peer has something that is missing. */
  isUseful(peer) {
    return this.#available.some((available, piece) => !available && peer.hasPiece(piece));
  }

  /** want names missing pieces in order, and says whether the rest is wanted. What is not any more is cancelled. */
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

  /** #addAction has a peer requested for a block, or that taken back. */
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

  /** releaseRequests frees all that a peer was requested for; cancel says that it is to be told. */
  releaseRequests(peer, now = 0, cancel = false) {
    for (const key of peer.state.requests.keys()) this.#removeRequest(peer, key, now, cancel);
  }

  rejectBlock(peer, piece, begin, now) {
    const key = keyOf(piece, begin / BLOCK), { requests, blockedUntil } = peer.state;
    if (blockedUntil.delete(key) || !requests.has(key)) return; // It answers a cancel.
    this.#removeRequest(peer, key, now, false);
    blockedUntil.set(key, now + RETRY_DELAY);
  }

  /** received takes a block. Once all of its piece are there it returns {bytes, from}: the peers that have sent it. */
  addBlock(peer, piece, begin, bytes, now) {
    const { state } = peer, block = begin / BLOCK, key = keyOf(piece, block);
    const p = this.#openPieces.get(piece), r = state.requests.get(key);
    if (!r && !state.blockedUntil.delete(key)) return null; // Nobody has requested for it.
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

  /** #measureRate lets the window grow with each block up to what comes in a round roundTrip and QUEUE_TIME. */
  #measureRate(state, r, now) {
    const took = Math.max(1, now - r.at), rate = r.ahead / took;
    state.roundTrip = state.unmeasured ? took : Math.min(state.roundTrip, took);
    if (r.ahead >= 4 || rate > state.rate) state.rate += (rate - state.rate) / (state.unmeasured ? 1 : 8);
    state.unmeasured = false;
    const target = Math.min(MAX_WINDOW, rate * (state.roundTrip + QUEUE_TIME) + 1);
    if (target > state.window) state.window++;
    else if (r.ahead * 2 >= state.window) state.window = Math.max(2, state.window - 0.25);
  }

  /** done forgets a piece that is available, or was wrong. */
  forgetPiece(piece, now) {
    for (const peer of this.peers) {
      for (const [key, r] of peer.state.requests) if (r.p.piece === piece) this.#removeRequest(peer, key, now, true);
    }
    this.#openPieces.delete(piece);
  }

  /** nextActions returns what to ask for and to cancel now. */
  nextActions(now) {
    for (const peer of this.peers) {
      const { state } = peer, [first] = state.requests.values();
      if (first && now - Math.max(state.lastReceived, first.at) > STALL_TIMEOUT) {
        state.stalled = true;
        this.releaseRequests(peer, now, true);
      }
      for (const [key, until] of state.blockedUntil) if (until + 10 * RETRY_DELAY < now) state.blockedUntil.delete(key);
    }
    for (const piece of this.#urgent) if (!this.#available[piece] && !this.#requestUrgent(this.#openPiece(piece), now)) break;
    for (const peer of this.peers) this.#fillWindow(peer, now);
    return this.#actions.splice(0);
  }

  /** #canRequest reports whether a block can be requested of a peer: nobody was, or all who were are deadline. */
  #canRequest(peer, p, block, now, again) {
    const key = keyOf(p.piece, block), { requests, blockedUntil } = peer.state;
    if (p.received[block] || peer.choked || !peer.hasPiece(p.piece) || requests.has(key) || blockedUntil.get(key) > now) return false;
    const copies = p.requested[block];
    return copies === 0 || again && copies < MAX_COPIES && this.#requestsOf(key).every((r) => r.deadline < now);
  }

  #requestsOf(key) {
    return [...this.peers].map(({ state }) => state.requests.get(key)).filter((r) => r);
  }

  /** #requestUrgent returns false when those who would be the soonest take no more. */
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
      for (const [key, r] of state.requests) { // What nobody waits for stands back, but for what is on its way.
        if (!r.urgent && ++ahead > (state.rate || DEFAULT_RATE) * (state.roundTrip + BULK_QUEUE / 2)) this.#removeRequest(best, key, now, true);
      }
      if (state.requests.size >= Math.min(best.reqq, this.#window(state, state.unmeasured ? FIRST_URGENT : 0))) return false;
      this.#request(best, p, block, now, true);
    }
    return true;
  }

  #window(state, least) {
    return state.stalled ? 1 : Math.max(least, state.window);
  }

  /** #fillWindow asks a peer for what nobody waits for. */
  #fillWindow(peer, now) {
    const { state } = peer, held = now < state.bulkHeldUntil ? (state.rate || DEFAULT_RATE) * (state.roundTrip + BULK_QUEUE) : Infinity;
    const most = Math.min(peer.reqq, this.#window(state, 0), Math.max(2, held));
    if (state.requests.size * 3 > most * 2) return; // Not for every block that comes: that would be as many messages.
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
