// One-time codes as an authenticator app shows them (RFC 6238: SHA-1, 30 seconds, six digits).

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The bytes of a secret in base 32 (RFC 4648, 6). */
export function secretRead(text) {
  let bits = "";
  for (const letter of text.replace(/[\s=-]/g, "").toUpperCase()) {
    const place = ALPHABET.indexOf(letter);
    if (place < 0) throw new Error(`no base 32: ${text}`);
    bits += place.toString(2).padStart(5, "0");
  }
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/** The code of the step that is `ahead` steps from now. */
export function code(secret, ahead = 0, now = Date.now()) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30_000) + ahead));
  const mac = createHmac("sha1", secretRead(secret)).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
