// Which block to ask of which peer; pure, by the rules of wtptui's engine (engine/swarm/pick). First what readers wait
// for, each block of the peer that will have sent it soonest, and of others when it is late; then what is wanted soon,
// in order; then the rest, rarest first. Times are in ms.

import { BLOCK } from "./wire.js";

const FIRST_WINDOW = 32, FIRST_URGENT = 128; // blocks at a peer of which nothing is known: a page in one round trip
const MOST_WINDOW = 250;
const QUEUE = 500; // how long requests wait at a peer beyond the round trip,
const BULK = 100; // and those that nobody waits for, for a while after others
const HOLD = 1000; // this while
const SLACK = 250; // added to twice the time that a block was expected to take
const STALL = 4000; // without a block until a peer loses its requests
const AGAIN = 2000; // until a block that was rejected or cancelled is asked of the same peer again
const TYPICAL = 0.03; // blocks/ms of an unknown peer
const MOST_COPIES = 3;
const MOST_PARTIAL = 64; // pieces that nobody wants any more
const MOST_LOOKS = 64; // pieces among which the rarest is chosen

/** Line is what is known of the way to a peer. */
class Line {
  requests = new Map(); // key → {p, block, at, late, ahead, urgent}, in order
  barred = new Map(); // key → until when: rejected or cancelled
  window = FIRST_WINDOW; // blocks
  rate = 0; // blocks/ms
  trip = 100;
  fresh = true;
  stalled = false;
  heard = 0;
  heldUntil = 0;
}

export class Picker {
  #torrent;
  #here;
  #start;
  #open = new Map(); // piece → {piece, count, left, asked and came by block, data, from}
  #steps = [];
  #urgent = [];
  #soon = [];
  #rest = false;
  peers = new Set(); // Wires, each of which gets a line

  /** here has 1 for each piece that is not missing; its owner changes it. */
  constructor(torrent, here, random = Math.random()) {
    this.#torrent = torrent;
    this.#here = here;
    this.#start = Math.floor(random * torrent.pieces);
  }

  add(peer) {
    peer.line = new Line();
    this.peers.add(peer);
  }

  remove(peer) {
    this.release(peer);
    this.peers.delete(peer);
  }

  /** useful reports whether a peer has something that is missing. */
  useful(peer) {
    return this.#here.some((here, piece) => !here && peer.owns(piece));
  }

  /** want names missing pieces in order, and says whether the rest is wanted. What is not any more is cancelled. */
  want(urgent, soon, rest, now) {
    [this.#urgent, this.#soon, this.#rest] = [urgent, soon, rest];
    const first = new Set(urgent), all = new Set([...urgent, ...soon]);
    for (const peer of this.peers) {
      for (const [key, r] of peer.line.requests) {
        r.urgent = first.has(r.p.piece);
        if (!rest && !all.has(r.p.piece)) this.#drop(peer, key, now, true);
      }
    }
    for (const piece of this.#open.keys()) {
      if (!rest && this.#open.size > MOST_PARTIAL && !all.has(piece)) this.#open.delete(piece);
    }
  }

  #begin(piece) {
    let p = this.#open.get(piece);
    if (!p) {
      const count = Math.ceil(this.#torrent.lengthOf(piece) / BLOCK), asked = new Uint8Array(count);
      p = { piece, count, left: count, asked, came: new Uint8Array(count), data: null, from: new Set() };
      this.#open.set(piece, p);
    }
    return p;
  }

  #eta({ line }, now) {
    return now + line.trip + (line.requests.size + 1) / (line.rate || TYPICAL);
  }

  /** #step has a peer asked for a block, or that taken back. */
  #step(peer, p, block, cancel) {
    const begin = block * BLOCK, length = Math.min(BLOCK, this.#torrent.lengthOf(p.piece) - begin);
    this.#steps.push({ peer, cancel, block: [p.piece, begin, length] });
  }

  #ask(peer, p, block, now, urgent) {
    const { line } = peer, late = now + 2 * (this.#eta(peer, now) - now) + SLACK;
    line.requests.set(keyOf(p.piece, block), { p, block, at: now, late, ahead: line.requests.size + 1, urgent });
    if (urgent) line.heldUntil = now + HOLD;
    p.asked[block]++;
    this.#step(peer, p, block, false);
  }

  #drop(peer, key, now, cancel) {
    const { line } = peer, { p, block } = line.requests.get(key);
    line.requests.delete(key);
    p.asked[block]--;
    if (!cancel) return;
    line.barred.set(key, now + AGAIN);
    this.#step(peer, p, block, true);
  }

  /** release frees all that a peer was asked for; cancel says that it is to be told. */
  release(peer, now = 0, cancel = false) {
    for (const key of peer.line.requests.keys()) this.#drop(peer, key, now, cancel);
  }

  rejected(peer, piece, begin, now) {
    const key = keyOf(piece, begin / BLOCK), { requests, barred } = peer.line;
    if (barred.delete(key) || !requests.has(key)) return; // It answers a cancel.
    this.#drop(peer, key, now, false);
    barred.set(key, now + AGAIN);
  }

  /** received takes a block. Once all of its piece are there it returns {bytes, from}: the peers that have sent it. */
  received(peer, piece, begin, bytes, now) {
    const { line } = peer, block = begin / BLOCK, key = keyOf(piece, block);
    const p = this.#open.get(piece), r = line.requests.get(key);
    if (!r && !line.barred.delete(key)) return null; // Nobody has asked for it.
    line.heard = now;
    line.stalled = false;
    if (r) {
      this.#measure(line, r, now);
      this.#drop(peer, key, now, false);
    }
    const size = this.#torrent.lengthOf(piece);
    if (!p || p.came[block] || bytes.length !== Math.min(BLOCK, size - begin)) return null;
    p.data ??= new Uint8Array(size);
    p.data.set(bytes, begin);
    p.came[block] = 1;
    p.from.add(peer);
    for (const other of this.peers) if (other.line.requests.has(key)) this.#drop(other, key, now, true);
    return --p.left > 0 ? null : { bytes: p.data, from: [...p.from] };
  }

  /** #measure lets the window grow with each block up to what comes in a round trip and QUEUE. */
  #measure(line, r, now) {
    const took = Math.max(1, now - r.at), rate = r.ahead / took;
    line.trip = line.fresh ? took : Math.min(line.trip, took);
    if (r.ahead >= 4 || rate > line.rate) line.rate += (rate - line.rate) / (line.fresh ? 1 : 8);
    line.fresh = false;
    const target = Math.min(MOST_WINDOW, rate * (line.trip + QUEUE) + 1);
    if (target > line.window) line.window++;
    else if (r.ahead * 2 >= line.window) line.window = Math.max(2, line.window - 0.25);
  }

  /** done forgets a piece that is here, or was wrong. */
  done(piece, now) {
    for (const peer of this.peers) {
      for (const [key, r] of peer.line.requests) if (r.p.piece === piece) this.#drop(peer, key, now, true);
    }
    this.#open.delete(piece);
  }

  /** plan returns what to ask for and to cancel now. */
  plan(now) {
    for (const peer of this.peers) {
      const { line } = peer, [first] = line.requests.values();
      if (first && now - Math.max(line.heard, first.at) > STALL) {
        line.stalled = true;
        this.release(peer, now, true);
      }
      for (const [key, until] of line.barred) if (until + 10 * AGAIN < now) line.barred.delete(key);
    }
    for (const piece of this.#urgent) if (!this.#here[piece] && !this.#askUrgent(this.#begin(piece), now)) break;
    for (const peer of this.peers) this.#fill(peer, now);
    return this.#steps.splice(0);
  }

  /** #free reports whether a block can be asked of a peer: nobody was, or all who were are late. */
  #free(peer, p, block, now, again) {
    const key = keyOf(p.piece, block), { requests, barred } = peer.line;
    if (p.came[block] || peer.choked || !peer.owns(p.piece) || requests.has(key) || barred.get(key) > now) return false;
    const copies = p.asked[block];
    return copies === 0 || again && copies < MOST_COPIES && this.#requests(key).every((r) => r.late < now);
  }

  #requests(key) {
    return [...this.peers].map(({ line }) => line.requests.get(key)).filter((r) => r);
  }

  /** #askUrgent returns false when those who would be the soonest take no more. */
  #askUrgent(p, now) {
    for (let block = 0; block < p.count; block++) {
      for (const r of p.asked[block] > 0 ? this.#requests(keyOf(p.piece, block)) : []) r.urgent = true;
      let best = null, soonest = Infinity;
      for (const peer of this.peers) {
        const eta = this.#eta(peer, now);
        if (eta < soonest && this.#free(peer, p, block, now, true)) [best, soonest] = [peer, eta];
      }
      if (!best) continue;
      const { line } = best;
      let ahead = 0;
      for (const [key, r] of line.requests) { // What nobody waits for stands back, but for what is on its way.
        if (!r.urgent && ++ahead > (line.rate || TYPICAL) * (line.trip + BULK / 2)) this.#drop(best, key, now, true);
      }
      if (line.requests.size >= Math.min(best.reqq, this.#window(line, line.fresh ? FIRST_URGENT : 0))) return false;
      this.#ask(best, p, block, now, true);
    }
    return true;
  }

  #window(line, least) {
    return line.stalled ? 1 : Math.max(least, line.window);
  }

  /** #fill asks a peer for what nobody waits for. */
  #fill(peer, now) {
    const { line } = peer, held = now < line.heldUntil ? (line.rate || TYPICAL) * (line.trip + BULK) : Infinity;
    const most = Math.min(peer.reqq, this.#window(line, 0), Math.max(2, held));
    if (line.requests.size * 3 > most * 2) return; // Not for every block that comes: that would be as many messages.
    while (line.requests.size + 1 <= most) {
      const next = this.#next(peer, now);
      if (!next) return;
      this.#ask(peer, ...next, now, false);
    }
  }

  #next(peer, now) {
    const blockOf = (p, again) => {
      for (let block = 0; p.left > 0 && block < p.count; block++) {
        if (this.#free(peer, p, block, now, again)) return [p, block];
      }
      return null;
    };
    const first = (pieces, again) => {
      for (const piece of pieces) {
        const found = !this.#here[piece] && blockOf(this.#begin(piece), again);
        if (found) return found;
      }
      return null;
    };
    const wanted = first(this.#soon, false) ?? (this.#rest ? first(this.#open.keys(), false) : null);
    if (wanted || !this.#rest || peer.choked) return wanted;
    let best = -1, rarest = Infinity, looks = 0;
    for (let n = 0; n < this.#here.length && looks < MOST_LOOKS; n++) {
      const piece = (this.#start + n) % this.#here.length;
      if (this.#here[piece] || this.#open.has(piece) || !peer.owns(piece)) continue;
      looks++;
      const copies = [...this.peers].filter((other) => other.owns(piece)).length;
      if (copies < rarest) [best, rarest] = [piece, copies];
    }
    return best >= 0 ? blockOf(this.#begin(best), false) : first(this.#open.keys(), true);
  }
}

const keyOf = (piece, block) => piece * 4096 + block; // A piece has up to 64 MiB.
