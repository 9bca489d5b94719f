/** SHA-256 (FIPS 180-4) of a few kilobytes: where no other is at hand, as in a page that was loaded over plain HTTP. */
/** The first 32 bits of the fractional parts of roots of the first primes (FIPS 180-4 sections 4.2.2 and 5.3.3). */
function constants(): { readonly round: Uint32Array; readonly start: Uint32Array } {
  const primes: number[] = []
  for (let number = 2; primes.length < 64; number++) if (primes.every((one) => number % one !== 0)) primes.push(number)
  const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32)
  return {
    round: Uint32Array.from(primes, (one) => fraction(Math.cbrt(one))),
    start: Uint32Array.from(primes.slice(0, 8), (one) => fraction(Math.sqrt(one))),
  }
}

const { round, start } = constants()
const turned = (value: number, bits: number): number => (value >>> bits) | (value << (32 - bits))

export function sha256(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(((message.length + 9 + 63) >> 6) << 6)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor((message.length * 8) / 2 ** 32))
  view.setUint32(padded.length - 4, (message.length * 8) >>> 0)
  const state = start.slice()
  const words = new Uint32Array(64)
  for (let at = 0; at < padded.length; at += 64) {
    for (let word = 0; word < 64; word++) {
      if (word < 16) words[word] = view.getUint32(at + word * 4)
      else {
        const [near, far] = [words[word - 2]!, words[word - 15]!]
        words[word] = (turned(near, 17) ^ turned(near, 19) ^ (near >>> 10)) + words[word - 7]! + (turned(far, 7) ^ turned(far, 18) ^ (far >>> 3)) + words[word - 16]! // prettier-ignore
      }
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
    for (let word = 0; word < 64; word++) {
      const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + round[word]! + words[word]!) | 0 // prettier-ignore
      const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
    }
    for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) state[index] = state[index]! + value
  }
  const digest = new Uint8Array(32)
  const out = new DataView(digest.buffer)
  for (const [index, value] of state.entries()) out.setUint32(index * 4, value)
  return digest
}
