/** A boot program by itself, without firmware and network: a file server of a few lines answers, and what it does is told. */
import { inEnglish } from '#messages/text.ts'
import { formatIpv4 } from '#shared/wire/bytes.ts'
import { blankMessage, decodeDhcp, encodeDhcp, fieldText, type DhcpMessage } from '#shared/wire/dhcp/message.ts'
import { decodeTftp, describeTftp, encodeTftp } from '#shared/wire/tftp.ts'
import type { BootContext, ProgramEnd } from '#shared/machines/pxe-client/boot-context.ts'
import { PxeClient, type ClientContext, type ClientHabits, type ClientResult, type Step } from '#shared/machines/pxe-client/client.ts' // prettier-ignore
import { ip } from './dhcp.ts'

export const [serverAddress, clientAddress] = ['10.0.0.1', '10.0.0.50'].map(ip) as [number, number]

export interface AskedDhcp {
  readonly atMs: number
  readonly message: DhcpMessage
  readonly sourcePort: number
  readonly server: number
}

export interface World {
  /** The files by name; an array stands for an error's code and text; what is missing is not answered. */
  readonly files?: Readonly<Record<string, Uint8Array | readonly [code: number, text: string]>>
  /** The answer to a DHCP message; undefined is silence. */
  readonly dhcp?: (asked: AskedDhcp) => Partial<DhcpMessage> | undefined
  readonly context?: Partial<BootContext>
  readonly habits?: Partial<ClientHabits>
}

export interface Told {
  /** The requests for files, as one line each, with the time in seconds. */
  readonly reads: readonly string[]
  readonly dhcp: readonly AskedDhcp[]
  readonly screen: readonly string[]
  readonly end: ProgramEnd
  readonly seconds: number
  /** What it handed to the next program: the file, and what it began with. */
  readonly ran: readonly string[]
}

const reply = (file: string): DhcpMessage => ({ ...blankMessage, op: 2, siaddr: serverAddress, file: fieldText(file, 128)! }) // prettier-ignore

export function runAlone(
  program: (client: ClientContext, context: BootContext) => Step<ProgramEnd>,
  { files = {}, dhcp = () => undefined, context = {}, habits = {} }: World,
): Told {
  const told = { reads: [] as string[], dhcp: [] as AskedDhcp[], ran: [] as string[] }
  const whole: BootContext = {
    platform: 'uefi',
    architecture: 7,
    server: serverAddress,
    file: 'boot/first.efi',
    ack: reply(''),
    reply: reply('boot/first.efi'),
    transport: 'tftp',
    port: 69,
    ...context,
  }
  let end: ProgramEnd = 'returned'
  const client = new PxeClient({
    identity: { mac: Uint8Array.from(Buffer.from('5254000000aa', 'hex')), uuid: new Uint8Array(16).fill(0x11) },
    habits: { pressesKey: true, menuLine: undefined, trust: undefined, ...habits },
    random: () => 0.5,
    startAt: 0,
    // What is loaded next is no part of the program.
    *run(one, { file }, head) {
      yield* one.sleep(0)
      told.ran.push(`${file} ${head.length}`)
      return 'returned'
    },
    *firmware(one): Step<ClientResult> {
      one.configure({ address: clientAddress, mask: 0xffff_ff00, router: 0, server: serverAddress })
      end = yield* program(one, whole)
      return { state: 'local', code: '', line: '', because: '' }
    },
  })
  let now = 0
  let screen = ''
  let transfer: { data: Uint8Array; blockSize: number; window: number } | undefined
  const deliver = (source: { address: number; port: number }, destinationPort: number, payload: Uint8Array): void =>
    client.handle({ kind: 'datagram', source, destinationPort, payload, length: payload.length }, now)
  const flush = (): void => {
    for (let sent = client.pollTransmit(); sent; sent = client.pollTransmit()) {
      if (sent.kind !== 'udp') continue
      const { sourcePort, payload } = sent
      const destination = { address: sent.destination.address as number, port: sent.destination.port }
      if ([67, 4011].includes(destination.port)) {
        const asked = { atMs: now, message: decodeDhcp(payload).message, sourcePort, server: destination.address }
        told.dhcp.push(asked)
        const answer = dhcp(asked)
        if (answer)
          deliver(
            { address: serverAddress, port: destination.port },
            sourcePort,
            encodeDhcp({ ...blankMessage, ...asked.message, op: 2, options: [], ...answer }),
          )
        continue
      }
      const { packet } = decodeTftp(payload)
      const data = { address: destination.address, port: 40_000 }
      if (packet?.kind === 'rrq') {
        const where = destination.address === serverAddress ? '' : ` at ${formatIpv4(destination.address)}`
        told.reads.push(`${now / 1000} ${inEnglish(describeTftp(packet))} from ${sourcePort}${where}`)
        const file = files[packet.filename]
        if (!file) continue
        if (!(file instanceof Uint8Array)) {
          deliver(data, sourcePort, encodeTftp({ kind: 'error', code: file[0], message: file[1] }))
          continue
        }
        const number = (name: string, otherwise: number): number =>
          Number(packet.options.find((one) => one.name === name)?.value ?? otherwise)
        transfer = { data: file, blockSize: number('blksize', 512), window: number('windowsize', 1) }
        const options = packet.options.map((one) => (one.name === 'tsize' ? { name: 'tsize', value: `${file.length}` } : one)) // prettier-ignore
        deliver(data, sourcePort, encodeTftp({ kind: 'oack', options }))
      } else if (packet?.kind === 'ack' && transfer) {
        const { data: file, blockSize, window } = transfer
        for (let block = packet.block; block < packet.block + window && block * blockSize <= file.length; block++)
          deliver(data, sourcePort, encodeTftp({ kind: 'data', block: block + 1, data: file.subarray(block * blockSize, (block + 1) * blockSize) })) // prettier-ignore
      }
    }
    for (let event = client.pollEvent(); event; event = client.pollEvent())
      if (event.type === 'screen') screen += event.text
  }
  while (!client.result) {
    now = client.pollTimeout()!
    client.handle({ kind: 'timeout' }, now)
    flush()
  }
  return { ...told, screen: screen.slice(screen.lastIndexOf('\f') + 1).split('\n').slice(0, -1), end, seconds: now / 1000 } // prettier-ignore
}
