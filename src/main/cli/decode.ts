/** `pxe-lab decode`: one line or one JSON object for each frame of a capture file. */
import { createReadStream } from 'node:fs'
import { CaptureReader, type CaptureInterface } from '#shared/wire/capture-file.ts'
import { dissect } from '#shared/wire/dissect/dissect.ts'
import { exitCodes } from './exit-codes.ts'

export interface DecodeOptions {
  readonly json?: boolean
}

const nanosecondsAfter = (timeNs: bigint, startNs: bigint): string => {
  const difference = timeNs - startNs
  const sign = difference < 0n ? '-' : ''
  const absolute = difference < 0n ? -difference : difference
  return `${sign}${absolute / 1_000_000_000n}.${String((absolute % 1_000_000_000n) / 1000n).padStart(6, '0')}`
}

export async function decode(file: string, options: DecodeOptions): Promise<number> {
  const interfaces: CaptureInterface[] = []
  /** Client ports that asked port 69 for a file: what they exchange with other ports is TFTP as well. */
  const transfers = new Set<string>()
  let lines: string[] = []
  let count = 0
  let start: bigint | undefined
  const reader = new CaptureReader({
    onInterface: (one) => interfaces.push(one),
    onFrame(frame) {
      count++
      start ??= frame.timeNs
      const { linkType, name } = interfaces[frame.interface]!
      const found = dissect(frame.bytes, {
        linkType,
        isTftp: (source, destination) => transfers.has(source) || transfers.has(destination),
      })
      if (found.protocol === 'TFTP' && found.destination.endsWith(':69')) transfers.add(found.source)
      const { protocol, summary, source, destination, problems } = found
      lines.push(
        options.json
          ? JSON.stringify({
              frame: count,
              time: new Date(Number(frame.timeNs / 1_000_000n)).toISOString(),
              seconds: Number(nanosecondsAfter(frame.timeNs, start)),
              ...(name === undefined ? {} : { interface: name }),
              source,
              destination,
              protocol,
              summary,
              length: frame.originalLength,
              ...(frame.comment === undefined ? {} : { comment: frame.comment }),
              problems,
            })
          : `${String(count).padStart(6)}  ${nanosecondsAfter(frame.timeNs, start).padStart(12)}  ${source} -> ${destination}  ${protocol}  ${summary}${problems.length > 0 ? `  [malformed: ${problems[0]!.field} ${problems[0]!.message}]` : ''}`,
      )
    },
  })
  const write = async (): Promise<void> => {
    if (lines.length === 0) return
    const text = `${lines.join('\n')}\n`
    lines = []
    // A pipe that is read slowly must not fill the memory.
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
  }
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      reader.push(chunk as Uint8Array)
      await write()
    }
  } catch (error) {
    process.stderr.write(
      `pxe-lab: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Name a pcap or pcapng file.\n`,
    )
    return exitCodes.badFile
  }
  reader.end()
  await write()
  if (!reader.damage) return exitCodes.ok
  process.stderr.write(
    `pxe-lab: ${file} is damaged at byte ${reader.damage.at}: ${reader.damage.message}. ${count} frames before it were read.\n`,
  )
  return exitCodes.badFile
}
