import assert from "node:assert/strict";
import { test } from "node:test";

import { Picker } from "../page/picker.js";
import { BLOCK } from "../page/wire.js";

const torrentOf = (pieces, blocks = 4) => ({ pieces, pieceLength: blocks * BLOCK, lengthOf: () => blocks * BLOCK });
const peerOf = (picker, has = () => true) => {
  const peer = { choked: false, reqq: 250, hasPiece: has };
  picker.add(peer);
  return peer;
};
const setup = (pieces, blocks, random = 0) => {
  const available = new Uint8Array(pieces);
  return { available, picker: new Picker(torrentOf(pieces, blocks), available, random) };
};
const requestedBlocks = (actions, peer) =>
  actions.filter((s) => !s.cancel && (!peer || s.peer === peer)).map(({ block }) => block[0]);
const addBlockOf = (picker, peer, [piece, begin, length], now) => picker.addBlock(peer, piece, begin,
  new Uint8Array(length), now);

test("urgent pieces are requested first, then those needed soon, then all others", () => {
  const { picker } = setup(20, 2);
  peerOf(picker);
  picker.setWanted([7], [9], true, 0);
  assert.deepEqual([...new Set(requestedBlocks(picker.nextActions(0)))], [7, 9, 0]);
});

test("no unneeded piece is requested", () => {
  const { picker } = setup(20);
  peerOf(picker);
  assert.deepEqual(picker.nextActions(0), []);
});

test("requests that are no longer needed are cancelled", () => {
  const { picker } = setup(20, 2);
  peerOf(picker);
  picker.setWanted([7, 8], [], false, 0);
  assert.equal(requestedBlocks(picker.nextActions(0)).length, 4);
  picker.setWanted([8], [], false, 1);
  const actions = picker.nextActions(1);
  assert.deepEqual(actions.map(({ cancel, block }) => [cancel, block[0]]), [[true, 7], [true, 7]]);
});

test("a piece is completed once, and its senders are named", () => {
  const { picker, available } = setup(1, 3);
  const a = peerOf(picker), b = peerOf(picker);
  picker.setWanted([0], [], false, 0);
  const actions = picker.nextActions(0);
  assert.equal(actions.length, 3);
  const results = actions.map(({ peer, block }) => addBlockOf(picker, peer, block, 10));
  assert.deepEqual(results.slice(0, 2), [null, null]);
  assert.equal(results[2].bytes.length, 3 * BLOCK);
  assert.deepEqual(new Set(results[2].senders), new Set([a, b]));
  assert.equal(addBlockOf(picker, a, [0, 0, BLOCK], 11), null);
  available[0] = 1;
  picker.forgetPiece(0, 12);
  assert.deepEqual(picker.nextActions(12), []);
});

test("unrequested data is ignored", () => {
  const { picker } = setup(2);
  const a = peerOf(picker);
  assert.equal(addBlockOf(picker, a, [0, 0, BLOCK], 1), null);
  picker.setWanted([0], [], false, 0);
  picker.nextActions(0);
  assert.equal(picker.addBlock(a, 0, 0, new Uint8Array(5), 1), null);
  assert.equal(addBlockOf(picker, a, [1, 7, BLOCK], 1), null);
});

test("an overdue block is requested from another peer, and cancelled at the first when it arrives", () => {
  const { picker } = setup(1, 1);
  const a = peerOf(picker);
  picker.setWanted([0], [], false, 0);
  assert.equal(picker.nextActions(0)[0].peer, a);
  const b = peerOf(picker);
  assert.deepEqual(picker.nextActions(100), []);
  const [again] = picker.nextActions(1500);
  assert.equal(again.peer, b);
  assert.ok(addBlockOf(picker, b, again.block, 1600));
  const [cancel] = picker.nextActions(1600);
  assert.deepEqual([cancel.peer, cancel.cancel], [a, true]);
});

test("a peer that stalls loses its requests", () => {
  const { picker } = setup(40, 1);
  const a = peerOf(picker);
  picker.setWanted([], [...Array(10).keys()], false, 0);
  assert.equal(requestedBlocks(picker.nextActions(0)).length, 10);
  const b = peerOf(picker);
  const actions = picker.nextActions(5000);
  assert.equal(actions.filter((s) => s.cancel && s.peer === a).length, 10);
  assert.equal(requestedBlocks(actions, b).length, 10);
});

test("a rejected block is requested from another peer at once, and from the same peer later", () => {
  const { picker } = setup(1, 1);
  const a = peerOf(picker);
  picker.setWanted([0], [], false, 0);
  picker.nextActions(0);
  picker.rejectBlock(a, 0, 0, 10);
  assert.deepEqual(picker.nextActions(20), []);
  assert.equal(picker.nextActions(2100)[0].peer, a);
});

test("no requests go to peers that choke or lack the piece", () => {
  const { picker } = setup(2, 1);
  const a = peerOf(picker), b = peerOf(picker, (piece) => piece === 0);
  a.choked = true;
  picker.setWanted([0, 1], [], true, 0);
  const actions = picker.nextActions(0);
  assert.deepEqual(actions.map(({ peer, block }) => [peer === b, block[0]]), [[true, 0]]);
});

test("other pieces are requested rarest first, from a random start", () => {
  const { picker } = setup(30, 1, 0.5);
  peerOf(picker);
  picker.setWanted([], [], true, 0);
  assert.equal(requestedBlocks(picker.nextActions(0))[0], 15);
  const other = setup(30, 1, 0);
  const seed = peerOf(other.picker);
  peerOf(other.picker, (piece) => piece !== 21).choked = true;
  other.picker.setWanted([], [], true, 0);
  assert.equal(requestedBlocks(other.picker.nextActions(0), seed)[0], 21);
});

test("the request window follows the rate, and urgent blocks do not wait behind others", () => {
  const { picker, available } = setup(4000, 1);
  const a = peerOf(picker);
  picker.setWanted([], [], true, 0);
  const queue = [];
  let most = 0;
  // 100 blocks a second, after 50 ms.
  for (let now = 0, next = 50; now < 20_000; now += 10) {
    for (const { block, cancel } of picker.nextActions(now)) if (!cancel) queue.push({ block, at: now + 50 });
    if (queue.length > 0 && queue[0].at <= now && next <= now) {
      const { block } = queue.shift();
      addBlockOf(picker, a, block, now);
      available[block[0]] = 1;
      picker.forgetPiece(block[0], now);
      next = now + 10;
    }
    if (now > 10_000) most = Math.max(most, queue.length);
  }
  assert.ok(most > 20 && most < 90, `${most} outstanding`);
  const wanted = available.lastIndexOf(0);
  picker.setWanted([wanted], [], true, 20_000);
  const actions = picker.nextActions(20_000);
  assert.ok(actions.filter((s) => s.cancel).length > most / 2, `${actions.length} actions`);
  assert.ok(requestedBlocks(actions).includes(wanted));
});
