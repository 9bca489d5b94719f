/**
 * GRUB 2 over TFTP and HTTP: its fixed source ports, its server from the DHCP ACK alone, its own small DHCP client. With
 * Secure Boot it asks the shim that started it for every program (shim_lock verifier, kern/efi/sb.c).
 */
import { say } from '#messages/message.ts'
import { messageTypes } from '../../../wire/dhcp/kinds.ts'
import { optionCodes } from '../../../wire/dhcp/options.ts'
import type { IpAddress } from '../../../wire/ip-address.ts'
import { failed, type ClientContext, type ClientResult, type Step } from '../client.ts'
import {
  addressOf,
  at,
  clientMessage,
  everyServer,
  leaseOf,
  messageTypeOption,
  offerOf,
  option,
  replyIn,
  serverOfReply,
  type Offer,
} from '../dhcp-dialogue.ts'
import { download, tftpOptions } from '../download.ts'
import { fetchHttp } from '../http-fetch.ts'
import { judgeByShim } from '../../../wire/secure-boot/trust.ts'
import { programIn, type ProgramDescription } from '../program-image.ts'
import { booted, type BootContext, type ProgramEnd } from '../boot-context.ts'

const sourcePort = 25_300
/** Each connection takes the next one. */
const firstTcpPort = 21_550
const httpWaitMs = 36_000
const retryMs = [200, 400, 800, 1600, 3200, 6400]
/** From its start to its first request, on a slow machine. */
const startMs = 200

function* askDhcp(client: ClientContext): Step<number> {
  const xid = client.randomU32()
  // Not seconds: the low 16 bits of its clock.
  const header = { xid, secs: Math.floor(client.now) & 0xffff, flags: 0 }
  for (const wait of [200, 400, 800, 1600]) {
    client.send(68, everyServer, clientMessage(client, header, [messageTypeOption(messageTypes.discover)]))
    const until = client.now + wait
    let offer: Offer | undefined
    while (client.now < until) {
      const heard = offerOf(replyIn(client, yield until, xid, 68))
      offer ??= heard
    }
    if (!offer) continue
    client.send(
      68,
      everyServer,
      clientMessage(client, header, [
        messageTypeOption(messageTypes.request),
        addressOf(optionCodes.serverIdentifier, serverOfReply(offer)),
        addressOf(optionCodes.requestedAddress, offer.message.yiaddr),
        option(optionCodes.parameterRequestList, 1, 3, 6, 15, 12, 17, 18, 60),
      ]),
    )
    const end = client.now + 200
    while (client.now < end) {
      const reply = replyIn(client, yield end, xid, 68)
      if (reply?.type === messageTypes.ack) client.configure(leaseOf(reply.message, reply.source))
    }
    return offer.message.siaddr
  }
  return 0
}

export function* runGrub(client: ClientContext, context: BootContext, program: ProgramDescription): Step<ProgramEnd> {
  client.line('Welcome to GRUB!')
  client.line()
  for (const line of program.prints) client.line(line)
  yield* client.sleep(startMs)
  // Over IPv6 it takes the server of the URL that the firmware was told (option 59).
  let server: IpAddress = typeof context.server === 'string' ? context.server : context.ack.siaddr
  if (server === 0 && program.asksDhcp) server = yield* askDhcp(client)
  server = (program.server === undefined ? undefined : addressIn(program.server)) ?? server
  let tcpPort = firstTcpPort
  for (const file of program.loads) {
    client.stage('file', file)
    const device = deviceIn(file)
    if (device?.protocol === 'http') {
      const answer = yield* fetchHttp(client, {
        method: 'GET',
        address: device.address,
        port: device.port,
        path: device.path,
        agent: 'GRUB 2.06',
        sourcePort: tcpPort++,
        waitMs: httpWaitMs,
      })
      if (answer.ok && answer.status === 200) {
        const refused = refusedByShim(client, context, answer.head, file)
        if (refused) return refused
        continue
      }
      const why = answer.ok
        ? say('pxe-client.web-server-answered-2', { status: answer.status })
        : `${at(device.address)} ${answer.why}`
      const line =
        answer.ok && answer.status === 404
          ? `error: file \`${device.path}' not found.`
          : 'error: unsupported HTTP error.'
      client.line(line)
      client.line('grub>')
      return failed('', line, say('pxe-client.grub-asked', { file, why }))
    }
    if (server === 0 && !device) {
      client.line('error: no server is specified.')
      client.line('grub rescue>')
      return failed('', 'error: no server is specified.', say('pxe-client.grub-takes-server-dhcp-ack'))
    }
    const answer = yield* download(client, {
      server: device?.address ?? server,
      file: device?.path ?? file,
      sourcePort,
      options: tftpOptions(['blksize', 1024], ['tsize', 0]),
      retryMs,
    })
    if (answer.ok) {
      const refused = refusedByShim(client, context, answer.head, file)
      if (refused) return refused
      continue
    }
    const line = answer.why === 'error' ? `error: file \`${file}' not found.` : `error: timeout reading \`${file}'.`
    client.line(line)
    client.line('grub>')
    return failed('', line, say('pxe-client.grub-asked-2', { file, message: answer.message }))
  }
  for (const line of program.afterwards) client.line(line)
  return booted(client, say('pxe-client.grub-runs', { count: program.loads.length }))
}

/** Of its files the programs are asked about, which are kernels; what is in a kernel of a scenario nobody described is not known. */
function refusedByShim(
  client: ClientContext,
  { shim }: BootContext,
  head: Uint8Array,
  file: string,
): ClientResult | undefined {
  const { trust } = client.habits
  if (!trust || !shim || head[0] !== 0x4d || head[1] !== 0x5a) return undefined
  const judged = judgeByShim(programIn(head, file), trust, shim, true)
  if (judged.starts) return undefined
  const line = 'error: bad shim signature.'
  client.line(line)
  client.line('grub>')
  return failed('', line, say('pxe-client.shim-refuses-kernel-grub-loaded', { file, because: judged.because }))
}

/** `(http,192.168.77.1:8080)/grub/grub.cfg`: a place that a GRUB script names by itself. */
function deviceIn(
  file: string,
):
  | { readonly protocol: 'tftp' | 'http'; readonly address: number; readonly port: number; readonly path: string }
  | undefined {
  const match = /^\((http|tftp),([\d.]+)(?::(\d+))?\)(\/.*)$/.exec(file)
  const address = match && addressIn(match[2]!)
  if (!match || !address) return undefined
  const protocol = match[1] as 'tftp' | 'http'
  return { protocol, address, port: match[3] === undefined ? 80 : Number(match[3]), path: match[4]! }
}

export const addressIn = (text: string): number | undefined => {
  const parts = text.split('.').map(Number)
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined
}
