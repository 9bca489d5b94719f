/** Seeded randomness (sfc32): the same seed gives the same numbers in every runtime. */
export type Random = () => number

function hashOf(text: string, seed: number): number {
  // FNV-1a, 32 bits.
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0
  return hash
}

/** Numbers in [0, 1) that depend on seed and name alone: adding a host does not change what another draws. */
export function randomFor(seed: number, name: string): Random {
  let a = hashOf(name, seed)
  let b = hashOf(`${name}/b`, seed)
  let c = hashOf(`${name}/c`, seed)
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) >>> 0) + counter) >>> 0
    counter = (counter + 1) >>> 0
    a = (b ^ (b >>> 9)) >>> 0
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum / 0x1_0000_0000
  }
  for (let round = 0; round < 8; round++) next()
  return next
}
