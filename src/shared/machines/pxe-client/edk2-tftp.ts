/** The last part of a PXE boot in EDK2, over either family: the size, the file, what Secure Boot says of it, its start. */
import { say, type Phrase } from '#messages/message.ts'
import type { DhcpMessage } from '../../wire/dhcp/message.ts'
import type { IpAddress } from '../../wire/ip-address.ts'
import type { BootContext } from './boot-context.ts'
import { failed, type ClientContext, type ClientResult, type Step } from './client.ts'
import { at } from './dhcp-dialogue.ts'
import { download, tftpOptions } from './download.ts'
import { failLine, refusalOf, startFailLine, startLines } from './edk2-common.ts'

export interface Lost {
  readonly code: string
  readonly text: string
  readonly because: Phrase
}

export const e16 = (because: Phrase): Lost => ({ code: 'PXE-E16', text: 'No valid offer received.', because })
export const e18 = (because: Phrase): Lost => ({ code: 'PXE-E18', text: 'Server response timeout.', because })

const tftpRetryMs = [4000, 4000, 4000, 4000, 4000, 4000]
/** What a message takes on its way through the driver. */
const settleMs = 5
/** How much memory an emulated machine makes ready for a file in a millisecond: 60 MiB took half a second to a second. */
const roomBytesPerMs = 120_000

export interface TftpBoot<Address extends IpAddress> {
  readonly architecture: number
  /** Of the boot option, and its device path. */
  readonly name: string
  readonly path: string
  readonly server: Address
  readonly file: string
  readonly blockSize: number
  /** In bytes, where DHCP told it; otherwise the server is asked. */
  readonly size: number | undefined
  readonly show: (address: Address) => string
  readonly ack: DhcpMessage
  readonly reply: DhcpMessage
  readonly letGo?: () => void
}

export function* bootFromTftp<Address extends IpAddress>(
  client: ClientContext,
  boot: TftpBoot<Address>,
): Step<ClientResult> {
  const { architecture, name, path, server, file, blockSize, show, ack, reply } = boot
  const giveUp = ({ code, text, because }: Lost): ClientResult => {
    const line = `${code}: ${text}`
    client.line(`  ${line}`)
    client.line(failLine(client, name, path))
    return failed(code, line, because)
  }
  client.line(`  Server IP address is ${show(server)}`)
  client.line(`  NBP filename is ${file}`)
  client.stage('file', file)
  let sourcePort = 1025 + Math.floor(client.random() * 1000)
  const probe =
    boot.size === undefined
      ? yield* download(client, {
          server,
          file,
          sourcePort,
          options: tftpOptions(['tsize', 0], ['blksize', blockSize], ['windowsize', 4]),
          retryMs: tftpRetryMs,
          isProbe: true,
          heedsIcmp: true,
        })
      : ({ ok: true, size: boot.size } as const)
  const size = probe.ok ? probe.size : 0
  client.line(`  NBP filesize is ${size} Bytes`)
  if (!probe.ok) {
    if (probe.why === 'error')
      return giveUp({
        code: 'PXE-E23',
        text: 'Client received TFTP error from server.',
        because: say('pxe-client.request-error', { file, code: probe.code, message: probe.message }),
      })
    if (probe.why === 'unreachable' || probe.why === 'no-oack')
      return giveUp({
        code: 'PXE-E99',
        text: 'Unexpected network error.',
        because: say('pxe-client.port-69-of', { server: at(server), message: probe.message }),
      })
    if (probe.why === 'no-size')
      return giveUp({ code: 'PXE-E53', text: 'No boot filename received.', because: probe.message })
    return giveUp(e18(say('pxe-client.request-for', { file, server: at(server), message: probe.message })))
  }
  client.line(' Downloading NBP file...')
  // It makes room for the whole file and clears it before it asks for the first block.
  yield* client.sleep(settleMs + size / roomBytesPerMs)
  sourcePort++
  const loaded = yield* download(client, {
    server,
    file,
    sourcePort,
    options: tftpOptions(['blksize', blockSize], ['windowsize', 4]),
    retryMs: tftpRetryMs,
    heedsIcmp: true,
  })
  if (!loaded.ok) {
    if (loaded.why === 'error')
      return giveUp({
        code: 'PXE-E23',
        text: 'Client received TFTP error from server.',
        because: say('pxe-client.transfer-error', { file, code: loaded.code, message: loaded.message }),
      })
    return giveUp(
      e18(say('pxe-client.transfer-stopped-after-bytes', { file, bytes: loaded.bytes, message: loaded.message })),
    )
  }
  client.line()
  client.line('  NBP file downloaded successfully.')
  client.stage('program', file)
  yield* client.sleep(20)
  const refusal = refusalOf(client, architecture, loaded.head, file)
  if (refusal !== undefined) {
    if (refusal.isLoading) client.line(startLines(client, name, path)[0])
    const line = failLine(client, name, path, refusal.status)
    client.line(line)
    return failed('', line, refusal.because)
  }
  for (const line of startLines(client, name, path)) client.line(line)
  const context: BootContext = {
    platform: 'uefi',
    architecture: architecture,
    server,
    file,
    ack: ack,
    reply: reply,
    transport: 'tftp',
    port: 69,
    ...(boot.letGo ? { letGo: boot.letGo } : {}),
    failedToStart: (status) => startFailLine(client, name, path, status),
  }
  const end = yield* client.run(client, context, loaded.head)
  if (end !== 'returned') return end
  client.line(failLine(client, name, path))
  return failed('', failLine(client, name, path), say('pxe-client.ended-itself-2', { file }))
}
