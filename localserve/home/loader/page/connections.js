// The WebRTC connections of a client: which offers it makes, which offers it answers, and which peers it keeps.

import { gatherDescription } from "./tracker.js";
import { Wire } from "./wire.js";

const MAX_PEERS = 30;
const ENOUGH_PEERS = 8; // peers above which no offers are made
const MAX_OFFERS = 4, MAX_OPEN_OFFERS = 16; // of one announce, and without an answer in total
const OFFER_TIMEOUT = 50_000; // ms until an offer is answered
const HANDSHAKE_TIMEOUT = 25_000; // ms from there until the handshake

/** randomBytes returns n random bytes as a string of one character a byte. */
export const randomBytes = (n) => String.fromCharCode(...crypto.getRandomValues(new Uint8Array(n)));

export class Connections {
  #owner; // the owner of the wires; see Wire
  #stun;
  #enabled = false;
  #links = new Set(); // {pc, offerID, peerID, wire, timer}: connections whose handshake has not been received
  #wires = new Map(); // wire → its link
  #banned = new Set(); // peer ids

  constructor(owner, stun) {
    this.#owner = owner;
    this.#stun = stun;
  }

  /** setEnabled allows connections, or closes all of them. */
  setEnabled(on) {
    this.#enabled = on;
    for (const link of on ? [] : [...this.#links, ...this.#wires.values()]) this.#close(link);
  }

  wires() { return [...this.#wires.keys()]; }

  /** peers returns the wires whose handshake has been received. */
  peers() { return this.wires().filter((wire) => wire.peerID); }

  /** makeOffers returns the offers of an announce. */
  async makeOffers() {
    const open = [...this.#links].filter((link) => link.offerID).length;
    const most = Math.min(MAX_OFFERS, ENOUGH_PEERS - this.peers().length, MAX_OPEN_OFFERS - open);
    const offers = await Promise.all(Array.from({ length: this.#enabled ? Math.max(0, most) : 0 }, () => {
      const link = this.#createLink({ offerID: randomBytes(20) }, OFFER_TIMEOUT);
      this.#addWire(link, link.pc.createDataChannel("wtp"));
      const offer = (sdp) => ({ offer_id: link.offerID, offer: { type: "offer", sdp } });
      return gatherDescription(link.pc).then(offer, () => this.#close(link));
    }));
    return offers.filter((offer) => offer);
  }

  #createLink(link, timeout) {
    link.pc = new RTCPeerConnection({ iceServers: this.#stun.map((urls) => ({ urls })) });
    link.pc.onconnectionstatechange = () => link.pc.connectionState === "failed" && this.#close(link);
    link.timer = setTimeout(() => this.#close(link), timeout);
    this.#links.add(link);
    return link;
  }

  #close(link) {
    clearTimeout(link.timer);
    this.#links.delete(link);
    link.wire?.close();
    link.pc.close();
  }

  #addWire(link, channel) {
    link.wire ??= new Wire(channel, this.#owner);
    this.#wires.set(link.wire, link);
  }

  #isRefused(peerID) {
    return !this.#enabled || this.#banned.has(peerID) || this.peers().some((wire) => wire.peerID === peerID);
  }

  /** handleOffer answers a peer's offer. If there are too many peers, it replaces one that neither side needs. */
  handleOffer(peerID, sdp, send) {
    const peers = this.peers(), answered = [...this.#links].filter((link) => !link.offerID);
    if (this.#isRefused(peerID) || answered.some((link) => link.peerID === peerID)) return;
    if (peers.length + answered.length >= MAX_PEERS) {
      const useless = peers.find((wire) => !wire.peerInterested && !wire.interested);
      if (!useless) return;
      useless.close();
    }
    const link = this.#createLink({ offerID: "", peerID }, HANDSHAKE_TIMEOUT);
    link.pc.ondatachannel = ({ channel }) => this.#addWire(link, channel);
    gatherDescription(link.pc, sdp).then(send).catch(() => this.#close(link));
  }

  handleAnswer(peerID, offerID, sdp) {
    const link = [...this.#links].find((one) => one.offerID === offerID && !one.peerID);
    if (!link) return;
    link.peerID = peerID;
    clearTimeout(link.timer);
    link.timer = setTimeout(() => this.#close(link), HANDSHAKE_TIMEOUT);
    if (this.#isRefused(peerID)) this.#close(link);
    else link.pc.setRemoteDescription({ type: "answer", sdp }).catch(() => this.#close(link));
  }

  /** accept reports whether a wire whose handshake was received is kept; otherwise it closes it. */
  accept(wire) {
    const link = this.#wires.get(wire), peers = this.peers();
    clearTimeout(link.timer);
    this.#links.delete(link);
    // Of two connections with the same peer, the one is kept that the side with the greater id has offered, as in
    // wtptui's engine.
    const other = peers.find((peer) => peer !== wire && peer.peerID === wire.peerID);
    const isPreferred = Boolean(link.offerID) === this.#owner.peerID > wire.peerID;
    if (peers.length > MAX_PEERS || this.#banned.has(wire.peerID) || other && !isPreferred) {
      wire.close();
      return false;
    }
    other?.close();
    return true;
  }

  /** remove removes a closed wire; ban refuses its peer from now on. */
  remove(wire, ban) {
    const link = this.#wires.get(wire);
    this.#wires.delete(wire);
    if (ban) this.#banned.add(wire.peerID);
    if (link) this.#close(link);
  }
}
