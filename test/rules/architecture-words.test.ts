/** One thing has one name: architectures and firmware are called as `wire/iana/architecture.ts` and `trace/firmware.ts` call them. */
import { expect, test } from 'vitest'
import { encodeText } from '#shared/wire/bytes.ts'
import { architectureName, architectures, numberedArchitecture } from '#shared/wire/iana/architecture.ts'
import { blankMessage, type DhcpMessage, type DhcpOption } from '#shared/wire/dhcp/message.ts'
import { identityOf } from '#shared/machines/client-identity.ts'
import { recogniseFirmware } from '#shared/trace/firmware.ts'
import { machinesWord } from '#shared/lab/known-programs.ts'
import { firmwareOf } from '../../src/main/backend/client-book.ts'
import { projectFiles, readProjectFile } from '../helpers/source-files.ts'

/** Other orders and spellings of the same. */
const others = /\b(x64|x86|ARM64|AArch64|64-bit|32-bit) UEFI\b|\bx86 BIOS\b|UEFI PXE'|UEFI firmware \(EDK2\)|BIOS PXE ROM|HTTP boot (x64|ARM64)\b|UEFI (AArch64|AMD64|x86-64)/i // prettier-ignore

test('no text for people names an architecture in other words', () => {
  const found = projectFiles()
    .filter((file) => /^src\/.*\.tsx?$/.test(file))
    .flatMap((file) => readProjectFile(file).split('\n').flatMap((line, at) => (others.test(line) && !/^\s*(\*|\/\/|\/\*\*)/.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : []))) // prettier-ignore
  expect(found).toEqual([])
})

test('the number stands only where a packet is shown', () => {
  for (const { code, key, name } of architectures) {
    expect(architectureName(code)).toBe(name)
    expect(machinesWord(key)).toBe(name)
    expect(machinesWord(code)).toBe(name)
    expect(numberedArchitecture(code)).toBe(`${name} (${code})`)
  }
})

function discover(vendorClass: string, architecture: number | undefined, userClass?: string): DhcpMessage {
  const options: DhcpOption[] = [
    { code: 53, data: Uint8Array.of(1) },
    { code: 60, data: encodeText(vendorClass) },
    { code: 97, data: new Uint8Array(17).fill(1) },
  ]
  if (architecture !== undefined) options.push({ code: 93, data: Uint8Array.of(0, architecture) })
  if (userClass !== undefined) options.push({ code: 77, data: encodeText(userClass) })
  return {
    ...blankMessage,
    op: 1,
    htype: 1,
    hlen: 6,
    chaddr: Uint8Array.of(0x52, 0x54, 0, 0, 0, 9),
    options,
  }
}

test.each([
  ['UEFI x64 (EDK2)', discover('PXEClient:Arch:00007:UNDI:003016', 7)],
  ['UEFI ARM64 (EDK2)', discover('PXEClient:Arch:00011:UNDI:003016', 11)],
  ['BIOS boot ROM', discover('PXEClient:Arch:00000:UNDI:002001', 0)],
  ['BIOS boot ROM', discover('PXEClient', undefined)],
  ['UEFI x64 HTTP boot', discover('HTTPClient:Arch:00016:UNDI:003001', 16)],
  ['iPXE, UEFI x64', discover('PXEClient:Arch:00007:UNDI:003010', 7, 'iPXE')],
  ['iPXE, BIOS', discover('PXEClient:Arch:00000:UNDI:002001', 0, 'iPXE')],
  ['U-Boot ARM64', discover('U-Boot.armv8', 22)],
  ['Windows or Windows PE', discover('MSFT 5.0', undefined)],
])('Clients and Flows call it %s', (name, message) => {
  expect(recogniseFirmware(message).name).toBe(name)
  expect(firmwareOf(identityOf(message))).toBe(name)
})
