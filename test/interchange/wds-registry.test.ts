import { expect, test } from 'vitest'
import { readConfiguration } from '#shared/interchange/read.ts'
import { readText } from '#shared/lab/text-form.ts'
import { labSchema } from '#shared/lab/lab.ts'
import { labOfConfiguration } from '#shared/twin/lab-of-configuration.ts'
import { networkOf } from '#shared/twin/network.ts'

const key = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers'
const answers = `${key}\\WDSPXE\\Providers\\BINLSVC`
/** Text as octets of a multi-string in a .reg file, broken as regedit breaks it. */
const multi = (width: 1 | 2, ...list: string[]): string =>
  Array.from(`${list.join('\0')}\0\0`).flatMap((one) => [one.charCodeAt(0), ...(width === 2 ? [0] : [])]).map((one) => one.toString(16).padStart(2, '0')).join(',').replaceAll(/(.{60},)/g, '$1\\\n  ') // prettier-ignore

const body = (width: 1 | 2): string =>
  [
    `[${key}\\WDSPXE]`,
    '"UseDhcpPorts"=dword:00000000',
    `"ProvidersOrder"=hex(7):${multi(width, 'WDSDCPXE', 'BINLSVC')}`,
    `[${answers}]`,
    '"netbootAnswerRequests"="TRUE"',
    '"netbootAnswerOnlyValidClients"="TRUE"',
    '"ResponseDelay"=dword:00000004',
    '"Surprise"=dword:00000001',
    '"netbootAnswerRequests"=-',
    `[${answers}\\BootPrograms\\x64uefi]`,
    '"Default"="boot\\\\x64\\\\wdsmgfw.efi"',
    `[${answers}\\AutoApprove]`,
    '"Policy"=dword:00000001',
    '"PendingMessage"="Say \\"hello\\""',
    `[${key.replace('CurrentControlSet', 'ControlSet001')}\\WDSTFTP]`,
    '"MaximumBlockSize"=dword:00000000',
    `"ReadFilter"=hex(7):${multi(width, '\\boot\\*', '\\tmp\\*', 'boot\\*', 'tmp\\*')}`,
    '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SMS\\DP]',
    '"RamDiskTFTPWindowSize"=dword:00000008',
    '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Other]',
    '"Anything"="x"',
    '',
  ].join('\n')

const expected = {
  UseDhcpPorts: 0,
  ProvidersOrder: ['WDSDCPXE', 'BINLSVC'],
  netbootAnswerRequests: 'TRUE',
  netbootAnswerOnlyValidClients: 'TRUE',
  ResponseDelay: 4,
  'BootPrograms\\x64uefi\\Default': 'boot\\x64\\wdsmgfw.efi',
  Policy: 1,
  PendingMessage: 'Say "hello"',
  MaximumBlockSize: 0,
  ReadFilter: ['\\boot\\*', '\\tmp\\*', 'boot\\*', 'tmp\\*'],
  RamDiskTFTPWindowSize: 8,
}
const told = (text: string) => readConfiguration({ name: 'wds.reg', text })!.notUnderstood.map(({ line }) => text.split('\n')[line - 1]) // prettier-ignore

test.each([
  ['Windows Registry Editor Version 5.00', 2],
  ['REGEDIT4', 1],
] as const)('a file of %s', (head, width) => {
  const whole = `${head}\n\n${body(width)}`
  // As reg.exe writes it.
  const bytes = width === 2 ? Uint8Array.from([0xff, 0xfe, ...Buffer.from(whole.replaceAll('\n', '\r\n'), 'utf16le')]) : Uint8Array.from(Buffer.from(whole)) // prettier-ignore
  const { text } = readText(bytes, (encoding, options) => new TextDecoder(encoding, options))
  const configuration = readConfiguration({ name: 'wds.reg', text })!
  expect(configuration.engine).toBe('wds')
  expect(Object.fromEntries(configuration.settings!.map(({ name, value }) => [name, value]))).toEqual(expected)
  expect(configuration.settings![0]!.source).toEqual({ file: 'wds.reg', line: 4 })
  expect(new Set(told(text))).toEqual(new Set(['[HKEY_LOCAL_MACHINE\\SOFTWARE\\Other]', '"Surprise"=dword:00000001', '"netbootAnswerRequests"=-'])) // prettier-ignore
})

test('what reg query /s prints', () => {
  const text = [
    '',
    `${key}\\WDSPXE`,
    '    UseDhcpPorts    REG_DWORD    0x1',
    '    BindInterfaces    REG_MULTI_SZ    MAC:020000000001\\0IP:10.0.0.2',
    '',
    answers,
    '    netbootAnswerRequests    REG_SZ    FALSE',
    '    Odd    REG_BINARY    00FF',
    'Ende der Suche: 3 Übereinstimmungen gefunden.',
  ].join('\r\n')
  const configuration = readConfiguration({ name: 'q.txt', text })!
  expect(configuration.settings!.map(({ name, value, source }) => [name, value, source.line])).toEqual([
    ['UseDhcpPorts', 1, 3],
    ['BindInterfaces', ['MAC:020000000001', 'IP:10.0.0.2'], 4],
    ['netbootAnswerRequests', 'FALSE', 7],
  ])
  expect(new Set(configuration.notUnderstood.map(({ line }) => line))).toEqual(new Set([8, 9]))
})

test('its lab file stands in for it, and what that cannot say is told; the twin says that it does not play it', () => {
  const file = { name: 'wds.reg', text: `REGEDIT4\n${body(1)}` }
  const { lab, left } = labOfConfiguration(readConfiguration(file)!)
  expect(labSchema.parse(lab)).toMatchObject({ mode: 'boot-server', role: 'wds', wds: { answer: 'known', approve: true, delaySeconds: 4, message: 'Say "hello"' } }) // prettier-ignore
  expect(left.some(({ text }) => text.startsWith('RamDiskTFTPWindowSize'))).toBe(true)
  const network = networkOf([file])
  expect(network.servers).toEqual([])
  expect(network.assumes).toHaveLength(1)
})
