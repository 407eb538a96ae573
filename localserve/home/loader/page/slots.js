// Which peers are uploaded to: a few at a time, in turn.

const SLOTS = 8;
const ROTATE_INTERVAL = 10_000; // ms until waiting peers replace others

export class UploadSlots {
  #rotatedAt = 0;

  // update unchokes interested peers in free slots, those first that have waited longest. If all slots are taken, two
  // peers lose theirs from time to time.
  update(allPeers, now) {
    const peers = allPeers.filter((peer) => peer.peerInterested);
    peers.sort((a, b) => (a.unchokedAt ?? 0) - (b.unchokedAt ?? 0));
    const waiting = peers.filter((peer) => peer.choking), served = peers.filter((peer) => !peer.choking);
    if (waiting.length > 0 && served.length >= SLOTS && now - this.#rotatedAt > ROTATE_INTERVAL) {
      served.splice(0, 2).forEach((peer) => peer.setChoking(true));
      this.#rotatedAt = now;
    }
    for (const peer of waiting.slice(0, Math.max(0, SLOTS - served.length))) {
      peer.unchokedAt = now;
      peer.setChoking(false);
    }
  }
}
