// A reader of a file, and the pieces that it needs.

const URGENT_BYTES = 1 << 20, AHEAD_BYTES = 8 << 20; // beyond the position of a reader

export class Reader {
  #torrent;
  position; // in the torrent, in bytes
  end;
  waitingSince = 0; // ms; Infinity while nobody waits
  helpedAt = 0; // ms; when a peer sent a block that the reader needs
  wake = () => {}; // called when a piece has arrived, or nothing will

  constructor(torrent, position, end) {
    this.#torrent = torrent;
    Object.assign(this, { position, end });
  }

  #pieces(from, to) {
    return this.#torrent.piecesOf(this.position + from, Math.min(this.end, this.position + to));
  }

  urgentPieces() { return this.#pieces(0, URGENT_BYTES); }
  aheadPieces() { return this.#pieces(URGENT_BYTES, AHEAD_BYTES); }

  /** isUrgent reports whether a piece is among the urgent ones. */
  isUrgent(piece) {
    const begin = piece * this.#torrent.pieceLength, end = Math.min(this.end, this.position + URGENT_BYTES);
    return begin + this.#torrent.pieceLength > this.position && begin < end;
  }
}
