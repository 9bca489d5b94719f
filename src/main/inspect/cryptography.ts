/** The hashes and public keys of Node for what reads signatures (`shared/secure-boot`). */
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Cryptography } from '#shared/secure-boot/certificate.ts'

export const cryptography: Cryptography = {
  digest(algorithm, parts) {
    const hash = createHash(algorithm)
    for (const part of parts) hash.update(part)
    return new Uint8Array(hash.digest())
  },
  verifies(algorithm, key, data, signature) {
    try {
      const publicKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' })
      return verify(algorithm, data, publicKey, signature)
    } catch {
      // A key of a kind that it does not know, or bytes that are none.
      return false
    }
  },
}
