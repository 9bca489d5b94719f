import { textOf } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { inspectBootProgram, mismatchOf } from '#shared/wire/boot-program.ts'
import { encodeText } from '#shared/wire/bytes.ts'
import { unwrapUdp, wrapArp, wrapIcmp, wrapIcmp6, wrapTcp, wrapUdp } from '#shared/wire/frame.ts'
import { architectureByKey } from '#shared/wire/iana/architecture.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { icmp6, mac, tcp6, udp6 } from '../helpers/ipv6.ts'

describe('frames', () => {
  test('wrapping and unwrapping gives the datagram back, with checksums that add up', () => {
    const udp = {
      sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1), destinationMac: Uint8Array.of(255, 255, 255, 255, 255, 255),
      sourceAddress: 0xc0a84d01, destinationAddress: 0xffffffff, sourcePort: 67, destinationPort: 68, payload: Uint8Array.from([1, 2, 3]),
    } // prettier-ignore
    const frame = wrapUdp(udp)
    expect(unwrapUdp(frame)).toEqual(udp)
    const sum = (from: number, to: number, start: number): number => {
      let total = start
      for (let at = from; at < to; at += 2) total += (frame[at]! << 8) | (at + 1 < to ? frame[at + 1]! : 0)
      while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
      return total
    }
    expect(sum(14, 34, 0)).toBe(0xffff)
    expect(sum(26, frame.length, 17 + 11)).toBe(0xffff)
  })
})

describe('frames of other protocols', () => {
  const ends = { sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 1), destinationMac: Uint8Array.of(2, 0, 0, 0, 0, 2), source: 0x0a00_0001, destination: 0x0a00_0002 } // prettier-ignore
  /** The sum of RFC 1071 over big-endian words; one that is right comes to all ones with its checksum in it. */
  const sumOf = (frame: Uint8Array, from: number, start: number): number => {
    let total = start
    for (let at = from; at < frame.length; at += 2) total += (frame[at]! << 8) | (frame[at + 1] ?? 0)
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
    return total
  }
  const tcp = { ...ends, sourcePort: 80, destinationPort: 5000, sequence: 7, acknowledgement: 0xffff_fffe, flags: 0x18 }

  test.each([[0], [1], [4], [333]])('TCP with %i bytes: every field, and a checksum that adds up', (length) => {
    const payload = new Uint8Array(length).fill(0xab)
    const frame = wrapTcp({ ...tcp, payload, payloadLength: length })
    expect([...frame.subarray(26, 34)]).toEqual([10, 0, 0, 1, 10, 0, 0, 2])
    expect(frame).toHaveLength(54 + length)
    expect([...frame.subarray(34, 50)]).toEqual([0, 80, 0x13, 0x88, 0, 0, 0, 7, 255, 255, 255, 254, 0x50, 0x18, 255, 255]) // prettier-ignore
    expect([...frame.subarray(52, 54)]).toEqual([0, 0])
    // Addresses, protocol and length stand in front of what is summed (RFC 9293 section 3.1).
    expect(sumOf(frame, 26, 6 + 20 + length)).toBe(0xffff)
  })

  test('of a part of a segment there is no checksum, and the length is that of the whole', () => {
    const frame = wrapTcp({ ...tcp, payload: Uint8Array.of(1, 2), payloadLength: 900 })
    expect(frame).toHaveLength(56)
    expect([frame[50], frame[51], (frame[16]! << 8) | frame[17]!]).toEqual([0, 0, 940])
  })

  test('ICMP (RFC 792) and ARP (RFC 826)', () => {
    const icmp = wrapIcmp({ ...ends, type: 3, code: 1, original: Uint8Array.from({ length: 28 }, (_, at) => at) })
    expect([icmp[23], icmp[34], icmp[35], icmp.length]).toEqual([1, 3, 1, 70])
    expect([...icmp.subarray(38, 44)]).toEqual([0, 0, 0, 0, 0, 1])
    expect(sumOf(icmp, 34, 0)).toBe(0xffff)
    const arp = wrapArp({ ...ends, operation: 2, senderMac: ends.sourceMac, sender: 0x0a00_0001, targetMac: ends.destinationMac, target: 0x0a00_0002 }) // prettier-ignore
    expect([...arp.subarray(12)]).toEqual([8, 6, 0, 1, 8, 0, 6, 4, 0, 2, ...ends.sourceMac, 10, 0, 0, 1, ...ends.destinationMac, 10, 0, 0, 2]) // prettier-ignore
  })
})

describe('boot programs', () => {
  const pe = (machine: number, subsystem = 10, more: readonly [at: number, text: string][] = []): Uint8Array => {
    const program = peProgram(machine, 1024)
    program[0x80 + 24 + 68] = subsystem
    for (const [at, text] of more) program.set(encodeText(text), at)
    return program
  }
  const kernel = new Uint8Array(1024)
  kernel.set(encodeText('HdrS'), 0x202)

  // Machines and subsystems of the Microsoft PE format, sections 3.3.1 and 3.4.2; HdrS of the Linux boot protocol.
  test.each<[what: string, head: Uint8Array, name: string, kind: string, description: string]>([
    ...([[0x14c, 'x86'], [0x8664, 'x64'], [0x1c0, 'ARM32'], [0x1c2, 'ARM32'], [0xaa64, 'ARM64'], [0x200, 'Itanium'], [0xebc, 'EFI byte code'], [0x5032, 'RISC-V 32'], [0x5064, 'RISC-V 64'], [0x6232, 'LoongArch 32'], [0x6264, 'LoongArch 64'], [0x1234, 'machine 0x1234']] as const).map(
      ([machine, words]): [string, Uint8Array, string, string, string] => [words, pe(machine), 'x.efi', 'uefi', `UEFI program, ${words}`],
    ),
    ...[10, 11, 12, 13].map((subsystem): [string, Uint8Array, string, string, string] => [`subsystem ${subsystem}`, pe(0x8664, subsystem), 'x.efi', 'uefi', 'UEFI program, x64']),
    ...[2, 3, 9, 14].map((subsystem): [string, Uint8Array, string, string, string] => [`subsystem ${subsystem}`, pe(0x8664, subsystem), 'x.exe', 'other', 'Windows program, x64']),
    ['a head that ends before the subsystem', pe(0x8664, 2).subarray(0, 0x80 + 24 + 69), 'x.exe', 'uefi', 'UEFI program, x64'],
    ['a head that ends before the machine is whole', pe(0x8664).subarray(0, 0x80 + 25), 'x.efi', 'other', 'file'],
    ['a kernel that is both', pe(0x8664, 10, [[0x202, 'HdrS']]), 'vmlinuz', 'linux', 'Linux kernel with EFI stub, x64'],
    ['a kernel', kernel, 'vmlinuz', 'linux', 'Linux kernel'],
    ['an image', encodeText('MSWIM'), 'x', 'windows-image', 'Windows image (WIM)'],
    ['a script', encodeText('#!ipxe'), 'x', 'script', 'iPXE script'],
    ['a hive', encodeText('regf'), 'BCD', 'boot-configuration', 'boot configuration data (BCD)'],
    ['ELF', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), 'x.0', 'other', 'ELF file'],
    ...['cfg', 'conf', 'ipxe', 'txt', 'ini', 'LST'].map((end): [string, Uint8Array, string, string, string] => [end, encodeText('x'), `x.${end}`, 'configuration', 'configuration text']),
    ...['0', 'com', 'n12', 'pxe', 'kpxe', 'kkpxe', 'kkkpxe', 'bin', 'LKRN'].map((end): [string, Uint8Array, string, string, string] => [end, encodeText('x'), `x.${end}`, 'bios', 'BIOS boot program']),
    ['anything else', encodeText('x'), 'x', 'other', 'file'],
    ['nothing', new Uint8Array(0), 'x.efi', 'empty', 'empty file'],
    // What is saved under the name of a program by mistake, whatever that name says.
    ['a web page', encodeText('\n<!DOCTYPE html><title>404'), 'ipxe.efi', 'other', 'web page (HTML)'],
    ['a web page without a type', encodeText('<html><body>'), 'undionly.kpxe', 'other', 'web page (HTML)'],
    ['an archive', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), 'ipxe.efi', 'other', 'ZIP archive'],
    ['a compressed file', Uint8Array.of(0x1f, 0x8b, 8, 0), 'ipxe.efi', 'other', 'gzip archive'],
    ['text', encodeText('version https://git-lfs.github.com/spec/v1\n'), 'undionly.kpxe', 'other', 'text file'],
    ['what begins like text', Uint8Array.of(...encodeText('not only text'), 0), 'x.kpxe', 'bios', 'BIOS boot program'],
  ])('%s', (_, head, name, kind, description) => {
    expect(inspectBootProgram(head, name)).toMatchObject({ kind, description })
  }) // prettier-ignore

  test.each([
    ['x64-uefi', peProgram(0x8664), undefined],
    ['x86-uefi', peProgram(0x8664), 'UEFI program, x64 cannot start on UEFI x86'],
    ['arm64-uefi', peProgram(0x8664), 'cannot start on UEFI ARM64'],
    ['bios', peProgram(0x8664), 'it hangs without a word'],
    ['bios', Uint8Array.of(0xea, 5, 0), undefined],
    ['x64-uefi', Uint8Array.of(0xea, 5, 0), 'UEFI firmware starts only PE programs'],
    ['x64-uefi', new Uint8Array(), 'the file is empty'],
    ['x64-uefi', pe(0x8664, 2), 'Windows program, x64, not a UEFI program'],
    ['x64-uefi', new Uint8Array(600).fill(0x90), 'UEFI firmware starts only PE programs'],
    ['bios', encodeText('#!ipxe\nchain http://x/y\n'), 'iPXE script, not a BIOS program'],
    ['bios', encodeText('<html>not found</html>'), 'web page (HTML), not a BIOS program'],
  ] as const)('%s', (key, head, complaint) => {
    const found = mismatchOf(inspectBootProgram(head, 'program.0'), architectureByKey(key)!)
    if (complaint === undefined) expect(found).toBeUndefined()
    else expect(textOf(found)).toContain(complaint)
  })

  // The image type is told by the name, where the server does not say it (UEFI 2.10, HTTP Boot).
  test.each([
    ['x64-uefi-http', 'debian.iso', undefined],
    ['arm64-uefi-http', 'rescue.IMG', undefined],
    ['x64-uefi', 'debian.iso', 'disc image, not a UEFI program'],
    ['bios', 'debian.iso', undefined],
    ['x64-uefi-http', 'debian.bin', 'UEFI firmware starts only PE programs'],
  ] as const)('%s is handed %s', (key, name, complaint) => {
    const found = mismatchOf(inspectBootProgram(new Uint8Array(600).fill(0x90), name), architectureByKey(key)!)
    if (complaint === undefined) expect(found).toBeUndefined()
    else expect(textOf(found)).toContain(complaint)
  })
})

describe('frames of IPv6', () => {
  const ends = { source: 'fe80::1', destination: 'ff02::1:2', sourceMac: '02:00:00:00:00:01', destinationMac: '33:33:00:01:00:02' } // prettier-ignore
  const macs = { sourceMac: mac(ends.sourceMac), destinationMac: mac(ends.destinationMac) }
  const payload = Uint8Array.of(1, 2, 3, 4, 5)

  test('are those that the RFCs draw: UDP and ICMPv6 to the octet', () => {
    const udp = { ...macs, sourceAddress: ends.source, destinationAddress: ends.destination, sourcePort: 546, destinationPort: 547, payload } // prettier-ignore
    expect(wrapUdp(udp)).toEqual(udp6(ends, 546, 547, payload))
    const made = wrapIcmp6({ ...macs, source: ends.source, destination: ends.destination }, Uint8Array.of(133, 0, 9, 9, 0, 0, 0, 0)) // prettier-ignore
    const drawn = icmp6(ends, 133, 0, Uint8Array.of(0, 0, 0, 0))
    // Neighbour discovery has a hop limit of its own.
    drawn[21] = 255
    expect(made).toEqual(drawn)
  })

  test('TCP has a checksum that adds up, and a part of a datagram none', () => {
    const tcp = { ...macs, source: '2001:db8::1', destination: '2001:db8::2', sourcePort: 80, destinationPort: 5000, sequence: 1, acknowledgement: 1, flags: 0x18 } // prettier-ignore
    const frame = wrapTcp({ ...tcp, payload, payloadLength: 5 })
    const drawn = tcp6({ ...ends, source: tcp.source, destination: tcp.destination }, 80, 5000, 1, 0x18, payload)
    // The window is another one, and so is the sum.
    for (const one of [frame, drawn]) one.fill(0, 68, 72)
    expect(frame).toEqual(drawn)
    const udp = { ...macs, sourceAddress: 'fe80::1', destinationAddress: 'fe80::2', sourcePort: 1, destinationPort: 2, payload, payloadLength: 900 } // prettier-ignore
    const cut = wrapUdp(udp)
    expect([cut[18], cut[19], cut[60], cut[61]]).toEqual([908 >> 8, 908 & 255, 0, 0])
  })

  test('addresses of two families have no frame', () => {
    const udp = { ...macs, sourceAddress: 1, destinationAddress: 'fe80::2', sourcePort: 1, destinationPort: 2, payload }
    expect(() => wrapUdp(udp)).toThrow('is no IPv6 address')
  })
})
