import assert from "node:assert/strict";
import { test } from "node:test";

import { Tracker } from "../page/tracker.js";

/** FakeSocket is a WebSocket to a tracker that does what the test says. */
class FakeSocket {
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url) {
    if (url === "bad") throw new Error("not a URL");
    FakeSocket.all.push(this);
  }

  async open() {
    this.readyState = 1;
    this.onopen();
    await flushPromises();
  }

  send(text) { this.sent.push(JSON.parse(text)); }
  say(message) { this.onmessage({ data: typeof message === "string" ? message : JSON.stringify(message) }); }

  close() {
    this.readyState = 3;
    this.onclose();
  }
}
globalThis.WebSocket = FakeSocket;

const flushPromises = async () => { for (let i = 0; i < 10; i++) await Promise.resolve(); };
const INFOHASH = "\u00ffh".padEnd(20, "h"), PEER = "p".repeat(20);

function setup(url = "wss://tracker") {
  FakeSocket.all = [];
  const heard = [];
  const owner = {
    infohash: INFOHASH, peerID: "me".padEnd(20, "-"), heard, needsPeers: () => false,
    transferTotals: () => ({ uploaded: 1, downloaded: 2, left: 3 }),
    makeOffers: async () => [{ offer_id: "o".repeat(20), offer: { type: "offer", sdp: "v=0" } }],
    handleOffer: (...args) => heard.push(["offer", ...args]), handleAnswer: (...args) => heard.push(["answer",
      ...args]), changed() {},
  };
  const tracker = new Tracker(url, owner);
  tracker.open();
  return { tracker, heard, socket: FakeSocket.all[0] };
}

test("announces, and forwards offers and answers of peers", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { tracker, heard, socket } = setup();
  await socket.open();
  const [first] = socket.sent;
  assert.deepEqual([first.action, first.info_hash, first.event, first.numwant, first.left, first.offers.length],
    ["announce", INFOHASH, "started", 1, 3, 1]);
  socket.say({ action: "announce", info_hash: INFOHASH, interval: 60, complete: 1 });
  assert.deepEqual([tracker.ok, tracker.error], [true, ""]);
  socket.say({ action: "announce", info_hash: INFOHASH, peer_id: PEER, offer_id: "q", offer: { type: "offer",
    sdp: "theirs" } });
  socket.say({ action: "announce", info_hash: INFOHASH, peer_id: PEER, offer_id: "o", answer: { type: "answer",
    sdp: "answered" } });
  assert.deepEqual(heard.map(([what, peer, x]) => [what, peer, x]), [["offer", PEER, "theirs"], ["answer", PEER,
    "o"]]);
  heard[0][3]("ours");
  assert.deepEqual([socket.sent[1].to_peer_id, socket.sent[1].offer_id, socket.sent[1].answer], [PEER, "q",
    { type: "answer", sdp: "ours" }]);
  t.mock.timers.tick(60_000);
  await flushPromises();
  assert.deepEqual([socket.sent.length, socket.sent[2].event], [3, undefined]);
  tracker.close();
  assert.deepEqual([socket.sent[3].event, socket.sent[3].offers], ["stopped", []]);
  t.mock.timers.tick(1e6);
  assert.equal(FakeSocket.all.length, 1);
});

test("invalid messages of a tracker are ignored", async () => {
  const { tracker, heard, socket } = setup();
  await socket.open();
  const base = { action: "announce", info_hash: INFOHASH, peer_id: PEER };
  for (const m of ["", "null", "5", "[]", "{", '"x"', "x".repeat(1 << 20), { ...base, info_hash: "other",
    offer: { sdp: "x" } }, { ...base, offer: {} },
    { ...base, offer: 5 }, { ...base, offer: { sdp: "x".repeat(20_000) } }, { ...base, peer_id: 5,
      offer: { sdp: "x" } }, { ...base, peer_id: "me".padEnd(20, "-"), offer: { sdp: "x" } },
    { ...base, interval: -5 }, { ...base, interval: {} }]) socket.say(m);
  assert.deepEqual(heard, []);
  socket.say({ ...base, "failure reason": "no\u0000".repeat(1000) });
  assert.equal(tracker.ok, false);
  assert.equal(tracker.error.length, 200);
  tracker.close();
});

test("a failed tracker is retried with growing delays", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { tracker } = setup();
  const waits = [];
  for (let i = 0; i < 12; i++) {
    const n = FakeSocket.all.length;
    FakeSocket.all.at(-1).close();
    assert.ok(tracker.error);
    for (let ms = 0; FakeSocket.all.length === n; ms += 500) {
      t.mock.timers.tick(500);
      waits[i] = ms;
    }
  }
  assert.ok(waits[0] <= 2000 && waits[4] > 8000 && waits[11] <= 450_000, waits.join());
  tracker.close();
});

test("an invalid address is only reported as an error", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { tracker } = setup("bad");
  assert.equal(tracker.error, "not a URL");
  tracker.close();
});
