/** The netascii mode of RFC 1350 (RFC 764): line ends are CR LF, a lone CR is CR NUL. For text; never for boot files. */
export function toNetascii(data: Uint8Array): Uint8Array {
  let extra = 0
  for (let at = 0; at < data.length; at++) if (data[at] === 10 || data[at] === 13) extra++
  const text = new Uint8Array(data.length + extra)
  let to = 0
  for (const byte of data) {
    if (byte === 10) text[to++] = 13
    text[to++] = byte
    if (byte === 13) text[to++] = 0
  }
  return text
}

/** The other way, for uploads; keeps a CR at the end of a block for the next one. */
export class NetasciiReader {
  #hasCarriageReturn = false

  read(data: Uint8Array): Uint8Array {
    const out = new Uint8Array(data.length + 1)
    let to = 0
    for (const byte of data) {
      if (this.#hasCarriageReturn) {
        this.#hasCarriageReturn = false
        out[to++] = byte === 10 ? 10 : 13
        if (byte === 10 || byte === 0) continue
      }
      if (byte === 13) this.#hasCarriageReturn = true
      else out[to++] = byte
    }
    return out.subarray(0, to)
  }
}
