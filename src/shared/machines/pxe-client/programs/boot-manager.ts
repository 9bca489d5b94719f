/**
 * The Windows boot manager over TFTP: boot configuration data, boot.sdi, boot.wim, and the status it shows where one of
 * them does not come. Names with backslashes, blocks and windows as the configuration says.
 */
import { say, type Phrase } from '#messages/message.ts'
import type { IpAddress } from '../../../wire/ip-address.ts'
import { readBootConfiguration } from '../../../wire/boot-configuration.ts'
import { decodeText, encodeText } from '../../../wire/bytes.ts'
import { findOptionData } from '../../../wire/dhcp/message.ts'
import { optionCodes } from '../../../wire/dhcp/options.ts'
import { failed, shown, type ClientContext, type ClientResult, type Step } from '../client.ts'
import { download, tftpOptions, type Downloaded, type NotDownloaded } from '../download.ts'
import { booted, type BootContext, type ProgramEnd } from '../boot-context.ts'

/** What a simulated BCD store says; the real one is a registry hive. */
export interface BootConfigurationData {
  readonly sdi: string
  readonly wim: string
  /** ramdisktftpblocksize, in bytes, and ramdisktftpwindowsize, in blocks. */
  readonly blockSize: number
  readonly windowSize: number
}

const marker = 'regf PXELAB-BCD '
export const bcdImage = (data: BootConfigurationData): Uint8Array => encodeText(marker + JSON.stringify(data))

const defaults: BootConfigurationData = {
  sdi: '\\Boot\\boot.sdi',
  wim: '\\Boot\\x64\\Images\\boot.wim',
  blockSize: 1456,
  windowSize: 4,
}

/** A store of a real server, where its file is there whole; else what simulated files say. */
function configurationOf(store: Uint8Array): BootConfigurationData {
  const text = decodeText(store.subarray(0, marker.length))
  if (text === marker)
    return { ...defaults, ...(JSON.parse(decodeText(store.subarray(marker.length))) as BootConfigurationData) }
  const read = readBootConfiguration(store)
  if (!read) return defaults
  return {
    sdi: read.sdi ?? defaults.sdi,
    wim: read.images[0] ?? '',
    blockSize: read.blockSize ?? defaults.blockSize,
    windowSize: read.windowSize ?? defaults.windowSize,
  }
}

const retryMs = [1000, 2000, 4000, 4000, 4000]

function* load(
  client: ClientContext,
  server: IpAddress,
  file: string,
  blockSize: number,
  windowSize: number,
): Step<Downloaded | NotDownloaded> {
  client.stage('file', file)
  return yield* download(client, {
    server,
    file,
    sourcePort: client.randomPort(),
    options: tftpOptions(
      ['tsize', 0],
      ['blksize', blockSize],
      ...(windowSize > 1 ? [['windowsize', windowSize] as const] : []),
    ),
    retryMs,
  })
}

/** The screen of the boot manager. */
function stop(client: ClientContext, status: string, info: string, file: string, because: Phrase): ClientResult {
  client.print('\f')
  client.line('Windows Boot Manager')
  client.line()
  client.line('Windows failed to start. A recent hardware or software change might be the cause.')
  client.line()
  client.line(`    File: ${file}`)
  client.line()
  client.line(`    Status: ${status}`)
  client.line()
  client.line(`    Info: ${info}`)
  return failed(status, `Status: ${status}`, because)
}

export function* runBootManager(client: ClientContext, context: BootContext): Step<ProgramEnd> {
  const { server } = context
  const named = findOptionData(context.reply, optionCodes.bcd)
  const store = named && named.length > 0 ? decodeText(named) : '\\Boot\\BCD'
  const bcd = yield* load(client, server, store, 1456, 1)
  if (!bcd.ok)
    return stop(
      client,
      '0xc000000f',
      'An error occurred while attempting to read the boot configuration data.',
      store,
      say('pxe-client.boot-configuration-data-did-not', { store, message: bcd.message }),
    )
  const data = configurationOf(bcd.head)
  if (data.wim === '')
    return stop(
      client,
      '0xc0000098',
      'The Windows Boot Configuration Data file does not contain a valid OS entry.',
      store,
      say('pxe-client.no-entry-architecture', { store }),
    )
  // A font that is missing does no harm.
  yield* load(client, server, '\\Boot\\Fonts\\wgl4_boot.ttf', 1456, 1)
  client.print('\f')
  client.line('Windows is loading files...')
  client.line()
  for (const file of [data.sdi, data.wim]) {
    client.line(`IP: ${shown(server)}, File: ${file}`)
    const answer = yield* load(client, server, file, data.blockSize, data.windowSize)
    if (answer.ok) continue
    if (answer.why === 'error')
      return stop(
        client,
        '0xc000000f',
        'The selected entry could not be loaded because the application is missing or corrupt.',
        file,
        say('pxe-client.did-not-come', { file, message: answer.message }),
      )
    return stop(
      client,
      '0xc0000001',
      'A required device is not connected or cannot be accessed.',
      file,
      say('pxe-client.transfer-stopped-after-bytes', { file, bytes: answer.bytes, message: answer.message }),
    )
  }
  client.print('\f')
  client.line('Starting Windows')
  return booted(client, say('pxe-client.windows-pe-starts', { wim: data.wim }))
}
