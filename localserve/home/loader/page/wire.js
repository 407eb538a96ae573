// The peer wire protocol (BEP 3) over a data channel, with the fast extension (BEP 6), the extension protocol (BEP 10)
// and metadata (BEP 9).

import { decode, encode, number } from "./bencode.js";

export const BLOCK = 16 << 10; // bytes
const MAX_MESSAGE = BLOCK + 1024; // bytes, but for bitfields
const MAX_UPLOADS = 512; // queued requests of a peer
const MAX_BUFFERED = 256 << 10; // bytes in the channel's send buffer
const PROTOCOL = "\x13BitTorrent protocol";
const HANDSHAKE_LENGTH = 68; // bytes of a handshake
const IDLE_TIMEOUT = 150_000, KEEP_ALIVE_INTERVAL = 60_000; // ms

const latin1 = (s) => Uint8Array.from(s, (c) => c.charCodeAt(0));

// Wire is a connection to a peer. Its owner has infohash and peerID in binary; torrent and store, which are null while
// they are unknown; and handlers: handleHandshake, handleHave, handleChoke, handleInterest, handleBlock, handleReject,
// handleMetadata and handleClose.
export class Wire {
  #owner;
  #channel;
  #partial = new Uint8Array(); // the beginning of an incomplete message
  #uploads = []; // [piece, begin, length], or [part] of the metadata
  #serving = false;
  #pendingBitfield = null; // a bitfield that was received before the torrent was known
  #metadataID = 0; // the peer's id of the ut_metadata extension
  #sentAt = performance.now();
  #receivedAt = performance.now();
  peerID = "";
  fast = false;
  choked = true; // whether the peer chokes us
  choking = true; // whether we choke the peer
  peerInterested = false; // The peer wants something.
  interested = null; // We do, and have said so.
  hasAll = false;
  pieces = null; // 1 for each piece that the peer has
  pieceCount = 0; // of pieces
  reqq = 250;
  metadataSize = 0;
  uploaded = 0; // bytes of blocks

  constructor(channel, owner) {
    this.#owner = owner;
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = MAX_BUFFERED / 2;
    channel.onbufferedamountlow = () => this.#serve();
    channel.onmessage = ({ data }) => this.#receive(new Uint8Array(data));
    channel.onclose = () => this.close();
    channel.onopen = () => {
      channel.onopen = null; // Chromium repeats the event for a channel that was open from the start.
      this.#write(latin1(`${PROTOCOL}\0\0\0\0\0\x10\0\x04${owner.infohash}${owner.peerID}`));
    };
    if (channel.readyState === "open") channel.onopen();
  }

  /** close closes the connection; bad bans the peer. */
  close(bad = false) {
    const channel = this.#channel;
    this.#channel = null;
    if (!channel) return;
    channel.close();
    this.#owner.handleClose(this, bad);
  }

  /** tick sends a keep-alive, or closes an idle connection. */
  tick(now) {
    if (now - this.#receivedAt > IDLE_TIMEOUT) this.close();
    if (this.peerID && now - this.#sentAt > KEEP_ALIVE_INTERVAL) this.#write(new Uint8Array(4));
  }

  hasPiece(piece) {
    return this.hasAll || this.pieces?.[piece] === 1;
  }

  #write(bytes) {
    try {
      this.#channel?.send(bytes);
      this.#sentAt = performance.now();
    } catch {
      this.close(); // The channel is not open, or its buffer is full.
    }
  }

  /** #send sends a message: its id, numbers of four bytes, and bytes. */
  #send(id, numbers = [], payload = []) {
    const at = 5 + 4 * numbers.length, bytes = new Uint8Array(at + payload.length), view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length - 4);
    bytes[4] = id;
    numbers.forEach((n, i) => view.setUint32(5 + 4 * i, n));
    bytes.set(payload, at);
    this.#write(bytes);
  }

  #sendExtended(id, dict, payload = []) {
    const head = latin1(String.fromCharCode(id) + encode(dict)), bytes = new Uint8Array(head.length + payload.length);
    bytes.set(head);
    bytes.set(payload, head.length);
    this.#send(20, [], bytes);
  }

  request(...block) { this.#send(6, block); }
  cancel(...block) { this.#send(8, block); }
  #reject(block) { if (this.fast) this.#send(16, block); }
  have(piece) { this.#send(4, [piece]); }
  askMetadata(part) { this.#sendExtended(this.#metadataID, { msg_type: 0, piece: part }); }

  setInterested(on) {
    if (this.interested !== on) this.#send(on ? 2 : 3);
    this.interested = on;
  }

  setChoking(on) {
    if (this.choking === on) return;
    this.choking = on;
    this.#send(on ? 0 : 1);
    if (on) this.#uploads.splice(0).forEach((r) => this.#reject(r));
  }

  #receive(data) {
    this.#receivedAt = performance.now();
    let bytes = data, at = 0;
    if (this.#partial.length > 0) {
      bytes = new Uint8Array(this.#partial.length + data.length);
      bytes.set(this.#partial);
      bytes.set(data, this.#partial.length);
    }
    try {
      if (!this.peerID && bytes.length >= HANDSHAKE_LENGTH) {
        at = HANDSHAKE_LENGTH;
        this.#handleHandshake(String.fromCharCode(...bytes.subarray(0, at)));
      }
      const most = Math.max(MAX_MESSAGE, 2 + ((this.#owner.torrent?.pieces ?? 1 << 19) >> 3)); // for a bitfield
      const view = new DataView(bytes.buffer);
      while (this.peerID && this.#channel && bytes.length >= at + 4) {
        const length = view.getUint32(at), end = at + 4 + length;
        if (length > most) throw new Error("too long");
        if (end > bytes.length) break;
        if (length > 0) this.#handleMessage(bytes[at + 4], bytes.subarray(at + 5, end));
        at = end;
      }
    } catch {
      this.close(true);
    }
    this.#partial = bytes.slice(at);
  }

  #handleHandshake(head) {
    const { infohash, peerID, torrent, store } = this.#owner, id = head.slice(48);
    if (!head.startsWith(PROTOCOL) || head.slice(28, 48) !== infohash || id === peerID) throw new Error("not for us");
    this.peerID = id;
    this.fast = (head.charCodeAt(27) & 4) > 0;
    if (store?.availableBytes > 0) {
      const bits = new Uint8Array(Math.ceil(store.available.length / 8));
      store.available.forEach((here, i) => { bits[i >> 3] |= here << (7 - i % 8); });
      this.#send(5, [], bits);
    } else if (this.fast) this.#send(15);
    if (head.charCodeAt(25) & 0x10) {
      const size = torrent?.info.length ?? 0;
      this.#sendExtended(0, { m: { ut_metadata: 1 }, metadata_size: size, reqq: MAX_UPLOADS, v: "wtptui page" });
    }
    this.#owner.handleHandshake(this);
  }

  /** torrentKnown must be called when the owner's torrent becomes known. */
  torrentKnown() {
    if (this.#pendingBitfield) this.#setBitfield(this.#pendingBitfield);
    this.#owner.store.available.forEach((here, piece) => here && this.have(piece));
    this.#owner.handleHave(this);
  }

  #setBitfield(bits) {
    const { torrent } = this.#owner;
    this.#pendingBitfield = torrent ? null : bits.slice();
    if (!torrent) return;
    if (this.pieces || bits.length !== Math.ceil(torrent.pieces / 8)) throw new Error("no bitfield");
    this.pieces = Uint8Array.from({ length: torrent.pieces }, (_, i) => (bits[i >> 3] >> (7 - i % 8)) & 1);
    this.pieceCount = this.pieces.reduce((sum, one) => sum + one, 0);
    this.hasAll ||= this.pieceCount === torrent.pieces;
  }

  #handleMessage(id, body) {
    const owner = this.#owner, { torrent } = owner, view = new DataView(body.buffer, body.byteOffset, body.length);
    const block = () => [0, 4, 8].map((at) => view.getUint32(at));
    if (id === 0 || id === 1) {
      this.choked = id === 0;
      owner.handleChoke(this);
    } else if (id === 2 || id === 3) {
      this.peerInterested = id === 2;
      owner.handleInterest(this);
    } else if (id === 4 || id === 5 || id === 14) {
      const piece = id === 4 && torrent ? view.getUint32(0) : -1;
      if (id === 5) this.#setBitfield(body);
      else if (piece >= 0 && piece < torrent.pieces && !this.hasPiece(piece)) {
        this.pieces ??= new Uint8Array(torrent.pieces);
        this.pieceCount++;
        this.pieces[piece] = 1;
      } else if (id === 4 || this.hasAll) return; // It is known already, or invalid.
      this.hasAll ||= id === 14 || this.pieceCount === torrent?.pieces;
      owner.handleHave(this, piece);
    } else if (id === 6) {
      const [piece, begin, length] = block();
      const ok = torrent && length <= BLOCK && piece < torrent.pieces && begin + length <= torrent.lengthOf(piece);
      if (ok && owner.store.available[piece]) this.#queueUpload([piece, begin, length]);
      else this.#reject([piece, begin, length]);
    } else if (id === 7) owner.handleBlock(this, view.getUint32(0), view.getUint32(4), body.subarray(8));
    else if (id === 8) {
      const name = String(block()), at = this.#uploads.findIndex((r) => String(r) === name);
      if (at >= 0) this.#uploads.splice(at, 1).forEach((r) => this.#reject(r));
    } else if (id === 16) owner.handleReject(this, ...block());
    else if (id === 20) this.#handleExtended(body[0], body.subarray(1));
  }

  #handleExtended(id, body) {
    const [dict, end] = decode(body), { torrent } = this.#owner, part = number(dict.piece, 512);
    if (id === 0) {
      this.#metadataID = number(dict.m?.ut_metadata, 255);
      this.metadataSize = this.#metadataID && number(dict.metadata_size, 512 * BLOCK);
      this.reqq = Math.max(2, number(dict.reqq, 1 << 16) || this.reqq) - 1; // Transmission 3.00 drops the last one.
    }
    const data = dict.msg_type === 1 && body.subarray(end);
    if (id === 0 || id === 1 && dict.msg_type > 0) this.#owner.handleMetadata(this, part, data);
    else if (torrent && part * BLOCK < torrent.info.length) this.#queueUpload([part]);
    else this.#sendExtended(this.#metadataID, { msg_type: 2, piece: part });
  }

  #queueUpload(r) {
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
        this.#sendExtended(this.#metadataID, { msg_type: 1, piece, total_size: info.length }, data);
        continue;
      }
      const bytes = await store.get(piece);
      if (bytes && !this.choking) {
        this.#send(7, [piece, begin], bytes.subarray(begin, begin + length));
        this.uploaded += length;
      } else this.#reject(r);
    }
    this.#serving = false;
  }
}
