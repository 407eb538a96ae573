import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, encode, number, text } from "../page/bencode.js";

const bytes = (s) => new TextEncoder().encode(s);

test("decodes values and reports where they end", () => {
  const [dict, end] = decode(bytes("d4:infod1:ai-3ee1:ll1:xi7eee tail"));
  assert.equal(end, 28);
  assert.equal(dict.info.a, -3);
  assert.equal(text(dict.raw), "d1:ai-3ee");
  assert.deepEqual([text(dict.l[0]), dict.l[1]], ["x", 7]);
  assert.equal(decode(bytes("d9:__proto__i1ee"))[0].__proto__, 1);
});

test("rejects invalid bencoding", () => {
  for (const bad of ["", "i", "ie", "i1x", "i--1e", "5:abc", "-1:a", "x", "d1:a", "l", "d1:ai1e",
    "99999999999999999999:a", "l".repeat(1000)]) {
    assert.throws(() => decode(bytes(bad)), undefined, bad);
  }
});

test("encodes values", () => {
  assert.equal(encode({ b: 1, a: { x: "yz" } }), "d1:ad1:x2:yze1:bi1ee");
});

test("numbers and texts of others are validated", () => {
  assert.deepEqual([number(5, 9), number(10, 9), number(-1, 9), number("5", 9), number(undefined, 9)], [5, 0, 0, 0,
    0]);
  assert.equal(text(5), "");
});
