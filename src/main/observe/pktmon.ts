/**
 * A capture by pktmon, which Windows brings: it writes an event log, which becomes pcapng when it is stopped. For frames that are
 * wanted while the capture runs, one log is ended and the next begun; between them is a moment that nobody sees.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CaptureReader } from '#shared/wire/capture-file.ts'
import { runTool, type RunTool } from '../system/programs.ts'
import { CaptureError, type LiveCapture, type LiveCaptureOptions } from './capture.ts'

/** Turning the log of a long capture into pcapng takes its time. */
const convertMs = 120_000

/** Filters of pktmon: a packet has to meet all of one of them, and 32 are its most ("Pktmon command formatting"). */
const filters: readonly (readonly string[])[] = [
  ...[67, 68, 69, 4011, 80].map((port) => [`pxe-${port}`, '-p', String(port)]),
  // The data of TFTP goes over ports that nobody knows beforehand.
  ['pxe-udp', '-t', 'UDP'],
  ['pxe-arp', '-d', 'ARP'],
  ['pxe-icmp', '-t', 'ICMP'],
]

/** Number of the adapter in `pktmon list`, by its hardware address; undefined where the list has none. */
export function componentOf(list: string, mac: string): string | undefined {
  const wanted = mac.replaceAll(':', '-').toUpperCase()
  return list.split('\n').map((line) => /^\s*(\d+)\s+((?:[0-9A-F]{2}-){5}[0-9A-F]{2})\b/i.exec(line)).find((found) => found?.[2]?.toUpperCase() === wanted)?.[1] // prettier-ignore
}

function problemOf(args: readonly string[], output: string, problem: string | undefined): CaptureError | undefined {
  if (problem === undefined) return undefined
  const said = output.split('\n').map((line) => line.trim()).find((line) => line !== '') ?? problem // prettier-ignore
  if (/access is denied|elevat|administrator/i.test(output))
    return new CaptureError(`pktmon may not capture: it said "${said}"`, 'Run as administrator.')
  if (/already/i.test(output))
    return new CaptureError(`pktmon captures already, for somebody else or for a PXE Lab that was killed: it said "${said}"`, 'See pktmon status. Run pktmon stop, then start the capture again.') // prettier-ignore
  if (args[0] === 'etl2pcap')
    return new CaptureError(`pktmon cannot turn its log into pcapng: it said "${said}"`, 'Update Windows: its first versions of pktmon cannot. Or install Wireshark with Npcap in its usual folder.') // prettier-ignore
  return new CaptureError(`pktmon ${args.join(' ')} failed: it said "${said}"`, 'See whether it captures when it is run by hand.') // prettier-ignore
}

const macOf = (name: string): string | undefined => networkInterfaces()[name]?.[0]?.mac

class PktmonCapture implements LiveCapture {
  readonly #options: LiveCaptureOptions
  readonly #run: RunTool
  readonly #folder = mkdtempSync(join(tmpdir(), 'pxe-lab-capture-'))
  #component = 'nics'
  #number = 0
  #timer: NodeJS.Timeout | undefined
  #turning: Promise<void> = Promise.resolve()
  #isOver = false
  /** It could not go on, and nothing of it is left. */
  #isBroken = false

  constructor(options: LiveCaptureOptions, run: RunTool) {
    this.#options = options
    this.#run = run
  }

  async #say(...args: readonly string[]): Promise<string> {
    const { output, problem } = await this.#run(this.#options.tool.path, args, { timeoutMs: convertMs })
    const failed = problemOf(args, output, problem)
    if (failed) throw failed
    return output
  }

  #file(kind: 'etl' | 'pcapng'): string {
    return join(this.#folder, `capture-${this.#number}.${kind}`)
  }

  /** Its default keeps 128 bytes of a packet, which would cut every DHCP message. */
  async #begin(): Promise<void> {
    await this.#say('start', '--capture', '--comp', this.#component, '--pkt-size', '0', '--file-name', this.#file('etl')) // prettier-ignore
  }

  async #convert(etl: string, pcapng: string): Promise<void> {
    try {
      await this.#say('etl2pcap', etl, '--out', pcapng)
    } catch (error) {
      // What Windows 10 2004 calls it.
      const { problem } = await this.#run(this.#options.tool.path, ['pcapng', etl, '-o', pcapng], { timeoutMs: convertMs }) // prettier-ignore
      if (problem !== undefined) throw error
    }
  }

  async #hand(etl: string, pcapng: string): Promise<void> {
    await this.#convert(etl, pcapng)
    const reader = new CaptureReader(this.#options)
    reader.push(readFileSync(pcapng))
    reader.end()
    for (const file of [etl, pcapng]) rmSync(file, { force: true })
  }

  async open(): Promise<void> {
    try {
      const mac = macOf(this.#options.interface)
      const list = mac === undefined ? '' : (await this.#run(this.#options.tool.path, ['list'])).output
      this.#component = (mac !== undefined && componentOf(list, mac)) || 'nics'
      await this.#say('filter', 'remove')
      for (const filter of filters) await this.#say('filter', 'add', ...filter)
      await this.#begin()
    } catch (error) {
      rmSync(this.#folder, { recursive: true, force: true })
      throw error
    }
    this.#plan()
  }

  #plan(): void {
    const { handOverMs } = this.#options
    if (handOverMs === undefined) return
    this.#timer = setTimeout(() => {
      this.#turning = this.#turn().then(
        () => (this.#isOver ? undefined : this.#plan()),
        async (error: unknown) => {
          if (!(error instanceof CaptureError)) throw error
          this.#isBroken = true
          await this.#end()
          if (!this.#isOver) this.#options.onEnd(error)
        },
      )
    }, handOverMs)
  }

  /** The next log begins before the one that ended is read: what passes between them is not seen. */
  async #turn(): Promise<void> {
    const [etl, pcapng] = [this.#file('etl'), this.#file('pcapng')]
    await this.#say('stop')
    this.#number++
    if (!this.#isOver) await this.#begin()
    await this.#hand(etl, pcapng)
  }

  async #end(): Promise<void> {
    await this.#run(this.#options.tool.path, ['stop'])
    await this.#run(this.#options.tool.path, ['filter', 'remove'])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    const number = this.#number
    this.#isOver = true
    await this.#turning
    if (this.#isBroken) return
    try {
      // A turn that was under way has begun no other log.
      if (number === this.#number) await this.#turn()
    } finally {
      await this.#end()
    }
  }
}

/** Rejects with a CaptureError where pktmon refuses. */
export async function startPktmon(options: LiveCaptureOptions, run: RunTool = runTool): Promise<LiveCapture> {
  const capture = new PktmonCapture(options, run)
  await capture.open()
  return capture
}
