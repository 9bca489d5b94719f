/** How a capture file is compressed, by its first four bytes. */
export type Compression = 'gzip' | 'zstd' | 'lz4'

/** RFC 1952, RFC 8878 section 3.1.1, LZ4 Frame Format; undefined where it is not. */
export function compressionOf(start: Uint8Array): Compression | undefined {
  const [a, b, c, d] = start
  if (a === 0x1f && b === 0x8b) return 'gzip'
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd'
  if (a === 0x04 && b === 0x22 && c === 0x4d && d === 0x18) return 'lz4'
  return undefined
}
