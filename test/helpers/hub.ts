/** Captures of the tests as agents see them, and agents that send them to a real hub. */
import { inEnglish } from '#messages/text.ts'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WrittenFrame } from '#shared/wire/capture-file.ts'
import { Spool } from '../../src/main/agent/spool.ts'
import { Uploader } from '../../src/main/agent/uploader.ts'
import { tokensFile } from '../../src/main/hub/hub.ts'
import { TokenBook } from '../../src/main/hub/tokens.ts'
import { HttpsClient } from '../../src/main/io/https-request.ts'
import { fixture, framesIn, sessionOf } from './fixtures.ts'

interface SeenOptions {
  /** When its first frame passed, milliseconds since 1970; left out, as it was captured. */
  readonly startMs?: number
  /** Last two octets of the hardware address of the machine, which begins with 52:54:00:77 in all captures. */
  readonly machine?: readonly [number, number]
  /** Which frames the agent saw, by what the list of packets says of each. */
  readonly isSeen?: (label: string) => boolean
}

const prefix = Buffer.from([0x52, 0x54, 0x00, 0x77])

/** The frames of a capture as an agent saw them at another time, or of another machine. */
export function seenFrames(
  capture: string,
  { startMs, machine, isSeen = () => true }: SeenOptions = {},
): WrittenFrame[] {
  const frames = framesIn(readFileSync(fixture(`captures/${capture}`)))
  const timeOf = ({ seconds, nanoseconds }: { seconds: number; nanoseconds: number }): number => seconds * 1000 + nanoseconds / 1e6 // prettier-ignore
  const shiftMs = startMs === undefined ? 0 : startMs - timeOf(frames[0]!)
  const session = sessionOf(capture)
  return frames
    .filter((_, at) => isSeen(inEnglish(session.summaryOf(at + 1).summary)))
    .map((frame) => {
      const ms = timeOf(frame) + shiftMs
      const bytes = Buffer.from(frame.bytes)
      if (machine)
        for (let at = bytes.indexOf(prefix); at >= 0; at = bytes.indexOf(prefix, at + 6)) bytes.set(machine, at + 4)
      return { interface: 0, seconds: Math.floor(ms / 1000), nanoseconds: Math.round((ms % 1000) * 1e6), bytes, originalLength: frame.originalLength } // prettier-ignore
    })
}

export interface HubAddress {
  readonly folder: string
  readonly port: number
  /** Of its certificate. */
  readonly fingerprint: string
}

/** An agent without a capture of its own: what it is handed is spooled and sent as a real one does. */
export class TestAgent {
  readonly spool: Spool
  uploader: Uploader
  readonly #again: () => Uploader
  readonly troubles: (string | undefined)[] = []

  private constructor(spool: Spool, hub: HubAddress, site: string, token: string) {
    this.spool = spool
    spool.setInterfaces([{ name: 'eth0', linkType: 1 }])
    this.#again = () =>
      new Uploader({
        spool,
        client: new HttpsClient(new URL(`https://127.0.0.1:${hub.port}`), { fingerprint: hub.fingerprint.replaceAll(':', '') }, 10_000), // prettier-ignore
        site,
        token,
        firstPauseMs: 20,
        onTrouble: (text) => void this.troubles.push(text),
      })
    this.uploader = this.#again()
  }

  /** An agent of a site, with a spool below a folder; its token is made in the folder of the hub. */
  static async of(hub: HubAddress, site: string, folder: string): Promise<TestAgent> {
    const { token } = await new TokenBook(tokensFile(hub.folder)).make(site, 0)
    return new TestAgent(new Spool(join(folder, `spool-${site}-${randomBytes(2).toString('hex')}`)), hub, site, token)
  }

  /** Sends frames as one piece, and says that nothing else was seen; resolves when the hub has them. */
  async send(frames: readonly WrittenFrame[]): Promise<void> {
    for (const frame of frames) this.spool.write(frame)
    this.spool.rotate()
    await this.sendRest()
  }

  /** Goes on sending, as an agent that was started anew. */
  start(): void {
    this.uploader = this.#again()
    this.uploader.start()
  }

  /** Sends what waits, as an agent that was started anew; resolves when the hub has it. */
  async sendRest(): Promise<void> {
    this.uploader = this.#again()
    await this.uploader.stop(20_000)
    if (this.spool.numbers.length > 0) throw new Error(`the hub does not take it: ${this.troubles.at(-1)}`)
  }
}
