/** PXELINUX 6: its modules, the order in which it searches its configuration, and what that tells it to load. */
import { say } from '#messages/message.ts'
import { decodeText, formatHex } from '../../../wire/bytes.ts'
import { failed, type ClientContext, type Step } from '../client.ts'
import { download, tftpOptions, type Downloaded, type NotDownloaded } from '../download.ts'
import type { ProgramDescription } from '../program-image.ts'
import { booted, type BootContext, type ProgramEnd } from '../boot-context.ts'

const firstPort = 49_152
const retryMs = [500, 1000, 2000, 4000, 8000]
const greeting = 'PXELINUX 6.04 PXE 20200816 Copyright (C) 1994-2015 H. Peter Anvin et al'

/** Names of the configuration, the most special first: hardware address, address in ever shorter prefixes, default. */
export const configurationNames = (mac: Uint8Array, address: number): string[] => {
  const digits = address.toString(16).toUpperCase().padStart(8, '0')
  return [
    `01-${formatHex(mac, '-')}`,
    ...Array.from({ length: 8 }, (_, index) => digits.slice(0, 8 - index)),
    'default',
  ]
}

export function* runPxelinux(
  client: ClientContext,
  context: BootContext,
  program: ProgramDescription,
): Step<ProgramEnd> {
  let port = firstPort
  const folder = context.file.slice(0, context.file.lastIndexOf('/') + 1)
  const load = (name: string): Step<Downloaded | NotDownloaded> =>
    download(client, {
      server: context.server,
      // An absolute name is put behind the folder all the same.
      file: folder + name,
      sourcePort: port++,
      options: tftpOptions(['tsize', 0], ['blksize', 1408]),
      retryMs,
    })
  client.line()
  client.line(greeting)
  for (const line of program.prints) client.line(line)
  yield* client.sleep(30)
  const module = yield* load('ldlinux.c32')
  if (!module.ok) {
    const line = 'Failed to load ldlinux.c32'
    client.line(line)
    return failed('', line, say('pxe-client.pxelinux-asked-ldlinux-c32', { folder, message: module.message }))
  }
  client.line(greeting)
  yield* client.sleep(15)
  let text: string | undefined
  for (const name of configurationNames(client.mac, client.lease?.address ?? 0)) {
    client.stage('file', `pxelinux.cfg/${name}`)
    const configuration = yield* load(`pxelinux.cfg/${name}`)
    if (!configuration.ok) continue
    text = decodeText(configuration.head)
    break
  }
  if (text === undefined) {
    const line = 'ERROR: No configuration file found'
    client.line('')
    client.line(line)
    return failed('', line, say('pxe-client.none-names-configuration-exists-server'))
  }
  const pending = text.split(/\r?\n/)
  const labels = new Map<string, { kernel?: string; append?: string; says: string[] }>()
  let label: { kernel?: string; append?: string; says: string[] } | undefined
  let first: string | undefined
  for (let line = pending.shift(); line !== undefined; line = pending.shift()) {
    const [, word = '', value = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? []
    switch (word.toLowerCase()) {
      case 'include': {
        client.stage('file', value)
        const included = yield* load(value.trim())
        if (included.ok) pending.unshift(...decodeText(included.head).split(/\r?\n/))
        break
      }
      case 'say':
        client.line(value)
        break
      case 'default':
        first = value.trim()
        break
      case 'label':
        labels.set(value.trim(), (label = { says: [] }))
        first ??= value.trim()
        break
      case 'kernel':
      case 'linux':
        if (label) label.kernel = value.trim()
        break
      case 'append':
        if (label) label.append = value.trim()
        break
      case 'initrd':
        if (label) label.append = `${label.append ?? ''} initrd=${value.trim()}`
        break
    }
  }
  const chosen = labels.get(first ?? '')
  if (!chosen?.kernel) {
    client.line('boot:')
    return booted(client, say('pxe-client.pxelinux-runs-shows-prompt'))
  }
  const initrd = /(?:^|\s)initrd=(\S+)/.exec(chosen.append ?? '')?.[1]
  for (const name of [chosen.kernel, ...(initrd === undefined ? [] : initrd.split(','))]) {
    client.print(`Loading ${name}... `)
    client.stage('file', name)
    const file = yield* load(name)
    if (!file.ok) {
      client.line('failed: No such file or directory')
      client.line('boot:')
      return failed(
        '',
        'failed: No such file or directory',
        say('pxe-client.pxelinux-asked', { folder, name, message: file.message }),
      )
    }
    client.line('ok')
  }
  return booted(client, say('pxe-client.pxelinux-started', { kernel: chosen.kernel }))
}
