// The info dictionary, downloaded from peers if the page has no .torrent file (BEP 9).

import { BLOCK } from "./wire.js";

const TIMEOUT = 10_000; // ms that one peer may take

export class MetadataDownload {
  #peers;
  #onInfo;
  #current = null; // {wire, parts, missing, startedAt}: the download from one peer

  /** peers returns the wires. onInfo is called with a complete dictionary, and throws if it is wrong. */
  constructor(peers, onInfo) {
    this.#peers = peers;
    this.#onInfo = onInfo;
  }

  /** request requests all parts from one peer, unless a download is running. A peer that takes too long is closed. */
  request() {
    const now = performance.now();
    if (now - this.#current?.startedAt > TIMEOUT) this.#current.wire.close(); // This calls remove.
    const wire = this.#peers().find((peer) => peer.metadataSize > 0);
    if (this.#current || !wire) return;
    const missing = Math.ceil(wire.metadataSize / BLOCK);
    this.#current = { wire, parts: [], missing, startedAt: now };
    for (let part = 0; part < missing; part++) wire.askMetadata(part);
  }

  // handlePart handles a part of the dictionary. bytes is false if the peer has refused it, or has only said in its
  // extension handshake that it has the dictionary.
  async handlePart(wire, part, bytes) {
    const current = this.#current;
    if (current?.wire !== wire) return this.request();
    if (bytes?.length !== Math.min(BLOCK, wire.metadataSize - part * BLOCK)) return wire.close(true);
    if (!current.parts[part]) current.missing--;
    current.parts[part] = bytes.slice();
    if (current.missing > 0) return;
    try {
      await this.#onInfo(new Uint8Array(await new Blob(current.parts).arrayBuffer()));
    } catch {
      wire.close(true);
    }
  }

  /** remove forgets a closed wire. */
  remove(wire) {
    if (this.#current?.wire === wire) this.#current = null;
  }
}
