/** What a transfer agrees on: the options of a request against what this server grants (RFC 2347 to 2349, RFC 7440). */
import { microsoftWindow, type TftpOption } from '../../wire/tftp.ts'

export interface TftpLimits {
  /** Largest block granted, in bytes; 8 to 65464. */
  readonly maxBlockSize: number
  /** Largest window granted, in blocks; 1 to 65535. */
  readonly maxWindowSize: number
  /** MTU of the interface: larger blocks would travel as IP fragments, which boot ROMs cannot put together. */
  readonly mtu: number
  /** Over which the client asks; IPv4 where absent. */
  readonly family?: 4 | 6
}

export interface TftpAgreement {
  /** In bytes. */
  readonly blockSize: number
  /** In blocks. */
  readonly windowSize: number
  /** Seconds the client asked us to wait before sending again; undefined leaves it to us. */
  readonly timeoutSeconds: number | undefined
  /** Whether acknowledgements may carry the next window (Microsoft's `msftwindow`). */
  readonly variableWindow: boolean
  /** Whether the client asked for the size of the file. */
  readonly asksSize: boolean
  /** What goes into the OACK, in the order asked; empty means no OACK at all. */
  readonly accepted: readonly TftpOption[]
}

/** UDP and TFTP headers before the data of a block, and those of IP before them (RFC 791, RFC 8200 section 3). */
const headerBytes = 8 + 4
const ipHeaderBytes = { 4: 20, 6: 40 } as const

const number = (text: string, low: number, high: number): number | undefined => {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN
  return value >= low && value <= high ? value : undefined
}

/**
 * `size` is the length of the file in bytes for a read request; undefined for a write request, which states its own.
 * Unknown, malformed and repeated options are left out of the answer, never refused (RFC 2347).
 */
export function negotiate(options: readonly TftpOption[], size: number | undefined, limits: TftpLimits): TftpAgreement {
  const headers = headerBytes + ipHeaderBytes[limits.family ?? 4]
  let blockSize = 512
  let windowSize = 1
  let timeoutSeconds: number | undefined
  let variableWindow = false
  let asksSize = false
  const accepted: TftpOption[] = []
  const seen = new Set<string>()
  for (const option of options) {
    const name = option.name.toLowerCase()
    if (seen.has(name)) continue
    seen.add(name)
    switch (name) {
      case 'blksize': {
        // RFC 2348 allows 65464; larger wishes are taken as that.
        const wanted = number(option.value, 8, 0xffffffff)
        if (wanted === undefined) break
        blockSize = Math.max(8, Math.min(wanted, 65464, limits.maxBlockSize, limits.mtu - headers))
        accepted.push({ name: option.name, value: String(blockSize) })
        break
      }
      case 'windowsize': {
        const wanted = number(option.value, 1, 65535)
        if (wanted === undefined) break
        windowSize = Math.min(wanted, limits.maxWindowSize)
        accepted.push({ name: option.name, value: String(windowSize) })
        break
      }
      case 'timeout': {
        timeoutSeconds = number(option.value, 1, 255)
        if (timeoutSeconds !== undefined) accepted.push({ name: option.name, value: String(timeoutSeconds) })
        break
      }
      case 'tsize': {
        if (number(option.value, 0, 0xffffffff) === undefined && size === undefined) break
        asksSize = true
        accepted.push({ name: option.name, value: size === undefined ? option.value : String(size) })
        break
      }
      case 'msftwindow':
        if (option.value !== microsoftWindow.request || size === undefined) break
        variableWindow = true
        accepted.push({ name: option.name, value: microsoftWindow.grant })
        break
    }
  }
  return { blockSize, windowSize, timeoutSeconds, variableWindow, asksSize, accepted }
}
