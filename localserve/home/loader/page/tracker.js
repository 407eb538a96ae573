// The protocol of WebTorrent trackers: JSON over a WebSocket, with strings of one character a byte. Trackers relay
// WebRTC offers and answers.

const MAX_MESSAGE = 128 << 10, MAX_SDP = 16 << 10; // characters
const GATHER_TIMEOUT = 1000; // ms for ICE candidates: none can be sent later
const REFLEXIVE_DELAY = 100; // ms for more candidates after the first of a STUN server
const MIN_INTERVAL = 20, MAX_INTERVAL = 600; // seconds
const MAX_BACKOFF = 300_000; // ms

/** gatherDescription returns an offer, or the answer to an offer, as SDP with all ICE candidates. */
export async function gatherDescription(pc, offer) {
  if (offer) await pc.setRemoteDescription({ type: "offer", sdp: offer });
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== "complete") {
    await new Promise((resolve) => {
      setTimeout(resolve, GATHER_TIMEOUT);
      pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && resolve();
      pc.onicecandidate = ({ candidate }) => candidate?.type === "srflx" && setTimeout(resolve, REFLEXIVE_DELAY);
    });
  }
  return pc.localDescription.sdp;
}

/** Tracker announces until it is closed. Its owner provides what is announced, and handles offers; see Client. */
export class Tracker {
  #owner;
  #socket = null;
  #timer = 0;
  #failures = 0;
  #interval = 120;
  ok = false;
  error = "";

  constructor(url, owner) {
    this.url = url;
    this.#owner = owner;
  }

  open() {
    const offers = this.#owner.makeOffers(); // while the socket connects
    try {
      const socket = this.#socket = new WebSocket(this.url);
      socket.onopen = () => this.announce("started", offers);
      socket.onmessage = ({ data }) => this.#handleMessage(data);
      socket.onclose = () => socket === this.#socket && this.#retry("no connection");
    } catch (err) {
      this.#retry(err.message);
    }
  }

  #retry(error) {
    this.#setStatus(false, error);
    this.#schedule(Math.min(MAX_BACKOFF, 1000 * 2 ** this.#failures++) * (1 + Math.random() / 2), () => this.open());
  }

  #schedule(ms, f) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(f, ms);
  }

  #setStatus(ok, error) {
    Object.assign(this, { ok, error });
    this.#owner.changed();
  }

  async announce(event, making = this.#owner.makeOffers()) {
    const offers = await making;
    this.#send({ ...this.#owner.transferTotals(), event, numwant: offers.length, offers });
    if (this.#socket) this.#scheduleAnnounce();
  }

  #scheduleAnnounce() {
    this.#schedule(1000 * (this.#owner.needsPeers() ? MIN_INTERVAL : this.#interval), () => this.announce());
  }

  #send(message) {
    const { infohash, peerID } = this.#owner;
    if (this.#socket?.readyState !== 1) return;
    this.#socket.send(JSON.stringify({ action: "announce", info_hash: infohash, peer_id: peerID, ...message }));
  }

  #handleMessage(data) {
    let m = null;
    try {
      if (data.length <= MAX_MESSAGE) m = JSON.parse(data);
    } catch { /* It is not JSON. */ }
    const { infohash, peerID } = this.#owner, peer = m?.peer_id, offer = m?.offer_id;
    if (m?.action !== "announce" || m.info_hash !== infohash || peer === peerID) return;
    if (m["failure reason"]) this.#setStatus(false, String(m["failure reason"]).slice(0, 200));
    else if (m.interval > 0) {
      this.#interval = Math.min(Math.max(m.interval, MIN_INTERVAL), MAX_INTERVAL);
      this.#failures = 0;
      this.#setStatus(true, "");
      this.#scheduleAnnounce();
    }
    const sdp = (m.offer ?? m.answer)?.sdp;
    if (typeof sdp !== "string" || sdp.length > MAX_SDP || peer?.length !== 20) return;
    if (m.answer) this.#owner.handleAnswer(peer, offer, sdp);
    else {
      const answer = (made) => this.#send({ to_peer_id: peer, offer_id: offer, answer: { type: "answer", sdp: made } });
      this.#owner.handleOffer(peer, sdp, answer);
    }
  }

  /** close announces that the peer stops, and closes the connection. */
  close() {
    clearTimeout(this.#timer);
    this.#send({ ...this.#owner.transferTotals(), event: "stopped", numwant: 0, offers: [] });
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#setStatus(false, "");
  }
}
