/**
 * The time an image takes, calculated: what the server's link carries for a block size, and what one machine gets at most
 * when it waits for an acknowledgement after each window.
 */

export interface ImageSettings {
  readonly transport: 'tftp' | 'http'
  /** Bytes of a TFTP block; of a TCP segment with HTTP. */
  readonly blockSize: number
  /** Blocks; 1 with HTTP, which is no TFTP window. */
  readonly windowSize: number
}

/** A rate that a rehearsal on the wire measured for one machine. */
export interface MeasuredRate {
  readonly blockSize: number
  readonly windowSize: number
  readonly bytesPerSecond: number
}

export interface ImagePhase extends ImageSettings {
  /** What the link of the server carries for all machines, as bytes of the image. */
  readonly serverBytesPerSecond: number
  /** What one machine gets at most. */
  readonly clientBytesPerSecond: number
  readonly isMeasured: boolean
  readonly seconds: number
}

export interface ImagePath {
  readonly bandwidthMbit: number
  readonly latencyMs: number
  readonly loss: number
  readonly mtu: number
}

/** Ethernet header, check sequence, preamble and gap (IEEE 802.3), then IPv4; UDP with TFTP; TCP. */
const frameBytes = 14 + 4 + 8 + 12
const ipBytes = 20
const udpTftpBytes = 8 + 4
const tcpBytes = 20
/** The link of a machine itself, in milliseconds one way: as the simulator has it. */
const clientLatencyMs = 0.05
/** A lost block is sent again after so long (RFC 1350 leaves it open; boot programs take about a second). */
const tftpTimeoutSeconds = 1
/** TCP without window scaling (RFC 9293, section 3.1). */
const tcpWindowBytes = 65_535

/** The largest TFTP block that is not fragmented (RFC 2348). */
export const largestBlock = (mtu: number): number => mtu - ipBytes - udpTftpBytes
export const httpSettings = (mtu: number): ImageSettings => ({
  transport: 'http',
  blockSize: mtu - ipBytes - tcpBytes,
  windowSize: 1,
})

/** Bytes on the wire that carry one block or segment, IP fragments included. */
function wireBytes({ transport, blockSize }: ImageSettings, mtu: number): number {
  if (transport === 'http') return blockSize + tcpBytes + ipBytes + frameBytes
  const fragments = Math.ceil((blockSize + udpTftpBytes) / (mtu - ipBytes))
  return blockSize + udpTftpBytes + fragments * (ipBytes + frameBytes)
}

/** Bytes of files a second that a link carries with these blocks. */
export const goodput = (settings: ImageSettings, { bandwidthMbit, mtu }: ImagePath): number =>
  (bandwidthMbit * 125_000 * settings.blockSize) / wireBytes(settings, mtu)

function calculatedRate(settings: ImageSettings, path: ImagePath): number {
  const { transport, blockSize, windowSize } = settings
  const rttSeconds = (2 * (path.latencyMs + clientLatencyMs)) / 1000
  const link = goodput(settings, path)
  if (transport === 'http') {
    // Mathis et al., "The macroscopic behavior of the TCP congestion avoidance algorithm", 1997.
    const byLoss = path.loss > 0 ? (blockSize / rttSeconds) * (1.22 / Math.sqrt(path.loss)) : Infinity
    return Math.min(link, tcpWindowBytes / rttSeconds, byLoss)
  }
  const window = windowSize * blockSize
  return window / (rttSeconds + window / link + windowSize * path.loss * tftpTimeoutSeconds)
}

/** How long `machines` machines take for their image from one server, all at once. */
export function imagePhase(
  settings: ImageSettings,
  path: ImagePath,
  machines: number,
  imageBytes: number,
  measured: readonly MeasuredRate[],
): ImagePhase {
  const found =
    settings.transport === 'tftp'
      ? measured.find((one) => one.blockSize === settings.blockSize && one.windowSize === settings.windowSize)
      : undefined
  const serverBytesPerSecond = goodput(settings, path)
  const clientBytesPerSecond = Math.min(found?.bytesPerSecond ?? calculatedRate(settings, path), serverBytesPerSecond)
  return {
    ...settings,
    serverBytesPerSecond,
    clientBytesPerSecond,
    isMeasured: found !== undefined,
    seconds: Math.max((machines * imageBytes) / serverBytesPerSecond, imageBytes / clientBytesPerSecond),
  }
}

const windowSizes = [1, 2, 4, 8, 16, 32, 64]

/** The smallest window that ends in time, else the fastest; of measured pairs where there are any. */
export function bestImagePhase(
  transport: 'tftp' | 'http',
  path: ImagePath,
  machines: number,
  imageBytes: number,
  measured: readonly MeasuredRate[],
  secondsLeft: number,
): ImagePhase {
  const settings: readonly ImageSettings[] =
    transport === 'http'
      ? [httpSettings(path.mtu)]
      : measured.length > 0
        ? measured.map(({ blockSize, windowSize }) => ({ transport, blockSize, windowSize }))
        : windowSizes.map((windowSize) => ({ transport, blockSize: largestBlock(path.mtu), windowSize }))
  const phases = settings
    .map((one) => imagePhase(one, path, machines, imageBytes, measured))
    .sort((a, b) => a.windowSize - b.windowSize || b.blockSize - a.blockSize)
  return (
    phases.find(({ seconds }) => seconds <= secondsLeft) ??
    phases.reduce((best, one) => (one.seconds < best.seconds ? one : best))
  )
}
