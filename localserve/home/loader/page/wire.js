// The peer wire protocol (BEP 3) over a data channel, fast (BEP 6), with extensions (BEP 10): metadata (BEP 9).

import { decode, encode, number } from "./bencode.js";

export const BLOCK = 16 << 10; // bytes
const MAX_MESSAGE = BLOCK + 1024; // bytes, but for bitfields
const MAX_UPLOADS = 512; // requests of a peer
const MAX_BUFFERED = 256 << 10; // bytes that wait in the channel
const PROTOCOL = "\x13BitTorrent protocol";
const HELLO = 68; // bytes of a handshake
const SILENCE = 150_000, KEEP_ALIVE = 60_000; // ms

const latin1 = (s) => Uint8Array.from(s, (c) => c.charCodeAt(0));

/**
 * Wire is a peer. Its owner has torrent and store, null while they are not known, infohash and peerID in binary, and
 * hears of what is said: shaken, haves, choked, wants, block, rejected, metadata, closed.
 */
export class Wire {
  #owner;
  #channel;
  #rest = new Uint8Array(); // of a message that has not come in whole
  #uploads = []; // [piece, begin, length], or [part] of the metadata
  #serving = false;
  #bits = null; // a bitfield that came before the torrent was known
  #metadataID = 0; // what the peer calls the extension
  #sentAt = performance.now();
  #heardAt = performance.now();
  peerID = "";
  fast = false;
  choked = true; // by the peer
  choking = true; // the peer
  wanting = false; // The peer wants something.
  wanted = null; // We do, and have said so.
  all = false;
  has = null; // 1 for each piece that the peer has
  count = 0; // of has
  reqq = 250;
  metadataSize = 0;
  sent = 0; // bytes of blocks

  constructor(channel, owner) {
    this.#owner = owner;
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = MAX_BUFFERED / 2;
    channel.onbufferedamountlow = () => this.#serve();
    channel.onmessage = ({ data }) => this.#receive(new Uint8Array(data));
    channel.onclose = () => this.close();
    channel.onopen = () => {
      channel.onopen = null; // Chromium tells it again of one that was open at once.
      this.#write(latin1(`${PROTOCOL}\0\0\0\0\0\x10\0\x04${owner.infohash}${owner.peerID}`));
    };
    if (channel.readyState === "open") channel.onopen();
  }

  /** close ends it; bad says that the peer is not to be met again. */
  close(bad = false) {
    const channel = this.#channel;
    this.#channel = null;
    if (!channel) return;
    channel.close();
    this.#owner.closed(this, bad);
  }

  /** tick keeps it alive, or ends it. */
  tick(now) {
    if (now - this.#heardAt > SILENCE) this.close();
    if (this.peerID && now - this.#sentAt > KEEP_ALIVE) this.#write(new Uint8Array(4));
  }

  owns(piece) {
    return this.all || this.has?.[piece] === 1;
  }

  #write(bytes) {
    try {
      this.#channel?.send(bytes);
      this.#sentAt = performance.now();
    } catch {
      this.close(); // It is not open, or full.
    }
  }

  /** #say sends a message: its id, numbers of four bytes, and bytes. */
  #say(id, numbers = [], payload = []) {
    const at = 5 + 4 * numbers.length, bytes = new Uint8Array(at + payload.length), view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length - 4);
    bytes[4] = id;
    numbers.forEach((n, i) => view.setUint32(5 + 4 * i, n));
    bytes.set(payload, at);
    this.#write(bytes);
  }

  #extended(id, dict, payload = []) {
    const head = latin1(String.fromCharCode(id) + encode(dict)), bytes = new Uint8Array(head.length + payload.length);
    bytes.set(head);
    bytes.set(payload, head.length);
    this.#say(20, [], bytes);
  }

  request(...block) { this.#say(6, block); }
  cancel(...block) { this.#say(8, block); }
  #reject(block) { if (this.fast) this.#say(16, block); }
  have(piece) { this.#say(4, [piece]); }
  askMetadata(part) { this.#extended(this.#metadataID, { msg_type: 0, piece: part }); }

  want(on) {
    if (this.wanted !== on) this.#say(on ? 2 : 3);
    this.wanted = on;
  }

  choke(on) {
    if (this.choking === on) return;
    this.choking = on;
    this.#say(on ? 0 : 1);
    if (on) this.#uploads.splice(0).forEach((r) => this.#reject(r));
  }

  #receive(data) {
    this.#heardAt = performance.now();
    let bytes = data, at = 0;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + data.length);
      bytes.set(this.#rest);
      bytes.set(data, this.#rest.length);
    }
    try {
      if (!this.peerID && bytes.length >= HELLO) this.#greet(String.fromCharCode(...bytes.subarray(0, at = HELLO)));
      const most = Math.max(MAX_MESSAGE, 2 + ((this.#owner.torrent?.pieces ?? 1 << 19) >> 3)); // for a bitfield
      const view = new DataView(bytes.buffer);
      while (this.peerID && this.#channel && bytes.length >= at + 4) {
        const length = view.getUint32(at), end = at + 4 + length;
        if (length > most) throw new Error("too long");
        if (end > bytes.length) break;
        if (length > 0) this.#take(bytes[at + 4], bytes.subarray(at + 5, end));
        at = end;
      }
    } catch {
      this.close(true);
    }
    this.#rest = bytes.slice(at);
  }

  #greet(head) {
    const { infohash, peerID, torrent, store } = this.#owner, id = head.slice(48);
    if (!head.startsWith(PROTOCOL) || head.slice(28, 48) !== infohash || id === peerID) throw new Error("not for us");
    this.peerID = id;
    this.fast = (head.charCodeAt(27) & 4) > 0;
    if (store?.have > 0) {
      const bits = new Uint8Array(Math.ceil(store.here.length / 8));
      store.here.forEach((here, i) => { bits[i >> 3] |= here << (7 - i % 8); });
      this.#say(5, [], bits);
    } else if (this.fast) this.#say(15);
    if (head.charCodeAt(25) & 0x10) {
      const size = torrent?.info.length ?? 0;
      this.#extended(0, { m: { ut_metadata: 1 }, metadata_size: size, reqq: MAX_UPLOADS, v: "wtptui page" });
    }
    this.#owner.shaken(this);
  }

  /** known is called when the torrent gets known. */
  known() {
    if (this.#bits) this.#setBits(this.#bits);
    this.#owner.store.here.forEach((here, piece) => here && this.have(piece));
    this.#owner.haves(this);
  }

  #setBits(bits) {
    const { torrent } = this.#owner;
    this.#bits = torrent ? null : bits.slice();
    if (!torrent) return;
    if (this.has || bits.length !== Math.ceil(torrent.pieces / 8)) throw new Error("no bitfield");
    this.has = Uint8Array.from({ length: torrent.pieces }, (_, i) => (bits[i >> 3] >> (7 - i % 8)) & 1);
    this.count = this.has.reduce((sum, one) => sum + one, 0);
    this.all ||= this.count === torrent.pieces;
  }

  #take(id, body) {
    const owner = this.#owner, { torrent } = owner, view = new DataView(body.buffer, body.byteOffset, body.length);
    const block = () => [0, 4, 8].map((at) => view.getUint32(at));
    if (id === 0 || id === 1) {
      this.choked = id === 0;
      owner.choked(this);
    } else if (id === 2 || id === 3) {
      this.wanting = id === 2;
      owner.wants(this);
    } else if (id === 4 || id === 5 || id === 14) {
      const piece = id === 4 && torrent ? view.getUint32(0) : -1;
      if (id === 5) this.#setBits(body);
      else if (piece >= 0 && piece < torrent.pieces && !this.owns(piece)) {
        this.has ??= new Uint8Array(torrent.pieces);
        this.count++;
        this.has[piece] = 1;
      } else if (id === 4 || this.all) return; // It is known, or makes no sense.
      this.all ||= id === 14 || this.count === torrent?.pieces;
      owner.haves(this, piece);
    } else if (id === 6) {
      const [piece, begin, length] = block();
      const ok = torrent && length <= BLOCK && piece < torrent.pieces && begin + length <= torrent.lengthOf(piece);
      if (ok && owner.store.here[piece]) this.#upload([piece, begin, length]);
      else this.#reject([piece, begin, length]);
    } else if (id === 7) owner.block(this, view.getUint32(0), view.getUint32(4), body.subarray(8));
    else if (id === 8) {
      const name = String(block()), at = this.#uploads.findIndex((r) => String(r) === name);
      if (at >= 0) this.#uploads.splice(at, 1).forEach((r) => this.#reject(r));
    } else if (id === 16) owner.rejected(this, ...block());
    else if (id === 20) this.#heardExtended(body[0], body.subarray(1));
  }

  #heardExtended(id, body) {
    const [dict, end] = decode(body), { torrent } = this.#owner, part = number(dict.piece, 512);
    if (id === 0) {
      this.#metadataID = number(dict.m?.ut_metadata, 255);
      this.metadataSize = this.#metadataID && number(dict.metadata_size, 512 * BLOCK);
      this.reqq = Math.max(2, number(dict.reqq, 1 << 16) || this.reqq) - 1; // Transmission 3.00 drops the last one.
    }
    const data = dict.msg_type === 1 && body.subarray(end);
    if (id === 0 || id === 1 && dict.msg_type > 0) this.#owner.metadata(this, part, data);
    else if (torrent && part * BLOCK < torrent.info.length) this.#upload([part]);
    else this.#extended(this.#metadataID, { msg_type: 2, piece: part });
  }

  #upload(r) {
    if (this.#uploads.length >= MAX_UPLOADS || r.length > 1 && this.choking) this.#reject(r);
    else this.#uploads.push(r);
    this.#serve();
  }

  async #serve() {
    if (this.#serving) return;
    this.#serving = true;
    const { torrent, store } = this.#owner;
    while (this.#uploads.length > 0 && this.#channel?.bufferedAmount < MAX_BUFFERED) {
      const r = this.#uploads.shift(), [piece, begin, length] = r;
      if (r.length === 1) {
        const { info } = torrent, data = info.subarray(piece * BLOCK, (piece + 1) * BLOCK);
        this.#extended(this.#metadataID, { msg_type: 1, piece, total_size: info.length }, data);
        continue;
      }
      const bytes = await store.get(piece);
      if (bytes && !this.choking) {
        this.#say(7, [piece, begin], bytes.subarray(begin, begin + length));
        this.sent += length;
      } else this.#reject(r);
    }
    this.#serving = false;
  }
}
