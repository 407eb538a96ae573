// Bencoding (BEP 3). Strings are Uint8Arrays; dictionaries are objects without a prototype, so that no key is special.

const END = 0x65; // e
const decoder = new TextDecoder();

/** text returns a string as text; "" for any other value. */
export const text = (value) => (value instanceof Uint8Array ? decoder.decode(value) : "");

/** number returns a whole number within [0, most]; 0 for any other value. */
export const number = (value, most) => (Number.isSafeInteger(value) && value >= 0 && value <= most ? value : 0);

/** decode returns the value at an offset, and the offset of its end. A dictionary also has the raw bytes of "info". */
export function decode(bytes, at = 0, depth = 0) {
  const kind = String.fromCharCode(bytes[at]);
  if (kind === "l" || kind === "d") {
    const list = [], dict = Object.create(null);
    for (at++; bytes[at] !== END;) {
      if (depth > 32) throw new Error("too deep");
      const [value, end] = decode(bytes, at, depth + 1);
      if (kind === "d" && list.length % 2) {
        const key = text(list.at(-1));
        dict[key] = value;
        if (key === "info") dict.raw = bytes.subarray(at, end);
      }
      list.push(value);
      at = end;
    }
    return [kind === "d" ? dict : list, at + 1];
  }
  const stop = bytes.indexOf(kind === "i" ? END : 0x3a, at);
  const digits = text(bytes.subarray(kind === "i" ? at + 1 : at, Math.min(stop, at + 20)));
  const end = stop + 1 + (kind === "i" ? 0 : Number(digits));
  if (stop < 0 || !/^-?\d+$/.test(digits) || !(end > stop && end <= bytes.length)) throw new Error("not bencoded");
  return [kind === "i" ? Number(digits) : bytes.subarray(stop + 1, end), end];
}

/** encode returns the encoding of a number, an ASCII string or an object. */
export function encode(value) {
  if (typeof value === "number") return `i${value}e`;
  if (typeof value === "string") return `${value.length}:${value}`;
  return `d${Object.keys(value).sort().map((key) => encode(key) + encode(value[key])).join("")}e`;
}
