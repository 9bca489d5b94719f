/** What public reports have of HTTP boot, shim, IPv6 and small machines, as captures: the cause that the thread found, and nobody else. */
import { describe, expect, test } from 'vitest'
import { explain, wordsOf } from '../helpers/explained.ts'
import { peProgram } from '../helpers/boot-programs.ts'
import { HttpWire } from '../helpers/http-wire.ts'
import { address, bytes, text, Wire } from '../helpers/wire.ts'
import { causesOf, failures, type FailureKind } from '#shared/diagnosis/failures.ts'
import { fixesOf } from '#shared/diagnosis/fixes.ts'
import { encodeTftp } from '#shared/wire/tftp.ts'
import { spoken } from '../helpers/spoken.ts'
import type { Explanation } from '../helpers/told.ts'

const url = 'http://10.0.0.1/boot.efi'
const program = [peProgram(0x8664), new Uint8Array(10)]

function told(wire: Wire): Explanation {
  wire.silence(120)
  return explain(wire.session)[0]!
}

function refuses(wire: Wire, at: number, filename: string, port: number, code = 1, message = 'File not found'): void {
  wire.tftp(at, { kind: 'rrq', filename, mode: 'octet', options: [] }, true, port)
  wire.tftp(at + 0.001, { kind: 'error', code, message }, false, port)
}

describe('HTTP boot', () => {
  test('a redirect, which EDK2 does not follow (edk2 9714, smee 229)', () => {
    const wire = new HttpWire().leased(url).asksTwice('/boot.efi', 'HTTP/1.1 302 Found\r\nLocation: https://mirror.example/b.efi')
    const one = told(wire)
    expect(one).toMatchObject({ outcome: 'failed', failure: 'http-error' })
    expect(one.headline).toBe('The HTTP server sends the client to another address.')
    expect(one.screen.slice(0, 3)).toEqual(['HTTP ERROR: Resource Redirected.', 'New Location: https://mirror.example/b.efi', 'Redirection: 302 Found'])
    expect(wordsOf(one)).toMatch(/do not follow a redirect \(to https:\/\/mirror\.example\/b\.efi\)/)
    expect(wordsOf(one)).not.toMatch(/misspelt|0 bytes/)
  }) // prettier-ignore

  test('a redirect of what iPXE loads, after which nothing is seen: the answer is told, and no failure', () => {
    const wire = new HttpWire()
    wire.as('ipxe').getsAddress(0, [], 'http://10.0.0.1/boot.ipxe')
    wire.connects(2).request(2.1, 'GET', '/boot.ipxe', { head: 'HTTP/1.1 301 Moved Permanently\r\nLocation: https://boot.example/x\r\nContent-Length: 0' }) // prettier-ignore
    const one = told(wire)
    expect(one.outcome).toBe('waiting')
    expect(wordsOf(one)).toMatch(/answered \/boot\.ipxe with HTTP 301 Moved Permanently, to https:\/\/boot\.example\/x/)
    expect(wordsOf(one)).not.toMatch(/no answer|the rest of/)
  })

  test('a redirect that is followed fails nothing', () => {
    const wire = new HttpWire().leased(url)
    wire.connects(5).request(5.01, 'GET', '/boot.efi', { head: 'HTTP/1.1 301 Moved Permanently\r\nLocation: /x/boot.efi\r\nContent-Length: 0' })
    wire.connects(6).request(6.01, 'GET', '/x/boot.efi', { head: 'HTTP/1.1 200 OK\r\nContent-Length: 512', body: program[0]! })
    expect(told(wire)).toMatchObject({ outcome: 'loaded' })
  }) // prettier-ignore

  test.each([
    ['403 Forbidden', /does not let this client read the file/, /^The HTTP server refused the file/],
    ['401 Unauthorized', /asks for a user name and password/, /^The HTTP server refused the file/],
    ['502 Bad Gateway', /an application behind it, failed/, /^The HTTP server failed: 502 Bad Gateway/],
    ['405 Method Not Allowed', /does not accept GET/, /^The HTTP server refused the file/],
    ['404 Not Found', /path is misspelt/, /^The HTTP server refused the file/],
  ])('%s is on the screen, and its cause is told (xcat, cobbler, smee)', (answer, cause, headline) => {
    const one = told(new HttpWire().leased(url).asksTwice('/boot.efi', `HTTP/1.1 ${answer}`))
    expect(one.screen[0]).toBe(`${answer.startsWith('5') ? 'Server' : 'Client'} Error: ${answer}`)
    expect(one.headline).toMatch(headline)
    expect(one.causes).toHaveLength(1)
    expect(one.causes[0]).toMatch(cause)
    expect(one.fixes.length).toBeGreaterThan(0)
  })

  test('HEAD that is refused is no failure where GET brings the file', () => {
    const wire = new HttpWire().leased(url)
    wire.connects(5).request(5.01, 'HEAD', '/boot.efi', { head: 'HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0' })
    wire.connects(6).request(6.01, 'GET', '/boot.efi', { head: 'HTTP/1.1 200 OK\r\nContent-Length: 512', body: program[0]! })
    expect(told(wire)).toMatchObject({ outcome: 'loaded' })
  }) // prettier-ignore

  test.each([undefined, 'reset', 'fin'] as const)('a server that closes behind HEAD, GET %s (edk2 9920)', (end) => {
    const wire = new HttpWire().leased(url).connects(5)
    wire.request(5.01, 'HEAD', '/boot.efi', { head: 'HTTP/1.0 200 OK\r\nContent-Length: 900', closes: true })
    wire.request(5.02, 'GET', '/boot.efi', end)
    const one = told(wire)
    expect(one).toMatchObject({ outcome: 'failed', failure: 'http-reset' })
    expect(one.causes).toEqual([expect.stringMatching(/closes the connection after an answer \(HTTP\/1\.0/)])
    expect(wordsOf(one)).not.toMatch(/firewall/i)
  })

  test('a server that closes in place of its first answer keeps no silence', () => {
    const one = told(new HttpWire().leased(url).connects(5).request(5.01, 'GET', '/boot.efi', 'fin'))
    expect(one).toMatchObject({ outcome: 'failed', failure: 'http-reset' })
    expect(wordsOf(one)).toMatch(/closed the connection without an answer to GET/)
    expect(wordsOf(one)).not.toMatch(/firewall|HTTP\/1\.0/i)
  })
})

describe('shim looks for its second stage', () => {
  test('in the top folder, where option 67 alone names the file (shim 710)', () => {
    const wire = new Wire('uefi')
    wire.getsAddress(0, [text(67, 'boot/shimx64.efi\0')])
    wire.loads(1, 'boot/shimx64.efi', program)
    refuses(wire, 1.5, 'revocations.efi', 2001)
    refuses(wire, 1.6, 'grubx64.efi', 2002)
    const one = told(wire)
    expect(one).toMatchObject({ failure: 'program-file-missing', headline: 'shim did not find grubx64.efi.' })
    expect(one.causes).toEqual([expect.stringMatching(/came from boot\/, but looks for grubx64\.efi in the top folder: .*file field.*empty; option 67 does not count/)]) // prettier-ignore
  })

  test('in the top folder, where its path has backslashes (shim 300, 524)', () => {
    const wire = new Wire('uefi')
    wire.getsAddress(0, [], '\\PXE\\rhel\\EFI\\BOOT\\BOOTX64.EFI')
    wire.loads(1, '\\PXE\\rhel\\EFI\\BOOT\\BOOTX64.EFI', program)
    refuses(wire, 1.6, 'grubx64.efi', 2002, 2, 'Access violation')
    expect(told(wire).causes).toEqual([expect.stringMatching(/shim before 15\.8 does not take a backslash/)])
  })

  test('beside itself, and the file is not there: nothing more is claimed', () => {
    const wire = new Wire('uefi')
    wire.getsAddress(0, [], 'efi\\shimx64.efi')
    wire.loads(1, 'efi\\shimx64.efi', program)
    refuses(wire, 1.6, 'efi/grubx64.efi', 2002)
    expect(told(wire).causes[0]).toMatch(/^The file is not where the program looks for it/)
  })

  test.each(['silent', 'refuses'])('on the DHCP server, where it came from the proxyDHCP server; that one %s (shim 137, 165)', (kind) => {
    const wire = new Wire('uefi')
    const proxy = '10.0.0.3'
    wire.asks(0, 1)
    wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50')
    wire.answers(0.2, 2, proxy, '', [text(60, 'PXEClient')])
    wire.asks(1, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.1')])
    wire.answers(1.1, 5, '10.0.0.1', '10.0.0.50')
    wire.asksBootServer(1.5, [], proxy)
    wire.bootServerAnswers(1.6, 'shimx64.efi', [text(60, 'PXEClient')], proxy)
    const up = { from: '10.0.0.50', to: proxy, sourcePort: 2000, destinationPort: 40_000 }
    const down = { from: proxy, to: '10.0.0.50', sourcePort: 40_000, destinationPort: 2000 }
    wire.udp(2, { ...up, destinationPort: 69 }, encodeTftp({ kind: 'rrq', filename: 'shimx64.efi', mode: 'octet', options: [] }), true)
    for (const [index, data] of program.entries()) {
      wire.udp(2.1 + index, down, encodeTftp({ kind: 'data', block: index + 1, data }), false)
      wire.udp(2.2 + index, up, encodeTftp({ kind: 'ack', block: index + 1 }), true)
    }
    if (kind === 'refuses') refuses(wire, 5, 'grubx64.efi', 2001)
    else for (const at of [5, 9, 13, 17, 21, 25]) wire.tftp(at, { kind: 'rrq', filename: 'grubx64.efi', mode: 'octet', options: [] }, true, 2001)
    const one = told(wire)
    expect(one.outcome).toBe('failed')
    expect(one.causes).toEqual([expect.stringMatching(/^shim came from 10\.0\.0\.3, but asks 10\.0\.0\.1 for grubx64\.efi/)])
    expect(one.fixes).toEqual([expect.stringMatching(/name 10\.0\.0\.3 as next server/)])
  }) // prettier-ignore
})

describe('a Raspberry Pi', () => {
  const chaddr = Uint8Array.of(0xdc, 0xa6, 0x32, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  const mark = new TextEncoder().encode('Raspberry Pi Boot')
  const leased = (): Wire => {
    const wire = new Wire('bios')
    const told = [text(60, 'PXEClient'), bytes(43, 6, 1, 3, 10, 4, 0, 0x50, 0x58, 0x45, 9, 20, 0, 0, 17, ...mark, 255)]
    wire.asks(0, 1, [], { chaddr })
    wire.answers(0.1, 2, '10.0.0.1', '10.0.0.50', told, '', { chaddr })
    wire.asks(0.2, 3, [address(50, '10.0.0.50'), address(54, '10.0.0.1')], { chaddr })
    wire.answers(0.3, 5, '10.0.0.1', '10.0.0.50', told, '', { chaddr })
    return wire
  }

  test.each([
    ['Pi 4 (rpi-eeprom 74)', ['d9780558/start4.elf', 'd9780558/start.elf', 'config.txt', 'recover4.elf', 'recovery.elf', 'start4.elf', 'start.elf'], /\(d9780558\)/], // prettier-ignore
    ['Pi 3 (RPi-PXE-Server 8)', ['bootcode.bin'], /start4\.elf/],
  ] as const)('%s whose files are not there: no option is accused', (_, names, folder) => {
    const wire = leased()
    for (const [index, name] of [...names, ...names].entries()) refuses(wire, 1 + index / 10, name, 3000 + index)
    const one = told(wire)
    expect(one).toMatchObject({ outcome: 'failed', failure: 'program-file-missing' })
    expect(one.causes).toEqual([expect.stringMatching(/^A Raspberry Pi looks in a folder named after its serial number/)]) // prettier-ignore
    expect(one.causes[0]).toMatch(folder)
    expect(wordsOf(one)).not.toMatch(/misspelt|reservation level|boot image of this architecture/)
  })
})

describe('names that may be missing', () => {
  test.each(['local-vars.ipxe', 'MAC-525400aa0001.ipxe', 'HOSTNAME-pc7.ipxe'])('%s of netboot.xyz (1632)', (name) => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'netboot.xyz.kpxe')
    wire.loads(1, 'netboot.xyz.kpxe', [new Uint8Array(100)])
    refuses(wire, 2, name, 2001)
    expect(told(wire).outcome).not.toBe('failed')
  })

  test('a script by MAC address is needed where nothing else is asked for', () => {
    const wire = new Wire('bios')
    wire.getsAddress(0, [], 'undionly.kpxe')
    wire.loads(1, 'undionly.kpxe', [new Uint8Array(100)])
    refuses(wire, 2, 'hosts/52-54-00-aa-00-01.ipxe', 2001)
    expect(told(wire)).toMatchObject({ failure: 'program-file-missing' })
  })

  test.each(['\\Boot\\BCD.LOG', '\\Tmp\\{1}.boot.bcd.LOG1', '\\EFI\\Microsoft\\Boot\\CIPolicies\\Active\\{2}.cip'])(
    '%s, which the Windows boot manager asks for beside its BCD',
    (name) => {
      const wire = new Wire('uefi')
      wire.getsAddress(0, [], 'boot\\bootmgfw.efi')
      wire.loads(1, 'boot\\bootmgfw.efi', program)
      refuses(wire, 2, name, 2001)
      expect(told(wire).outcome).not.toBe('failed')
    },
  )
})

describe('over IPv6', () => {
  const known = { family: 'edk2', joinsOffers: false, isRelayed: false, isIpv6: true, othersName: false, wasAnswered: false } as const // prettier-ignore
  /** Failures that exist over IPv4 alone. */
  const only4: ReadonlySet<FailureKind> = new Set(['no-offer', 'no-bootp-reply', 'proxy-only', 'no-boot-information', 'offers-dropped', 'offers-not-taken', 'no-ack', 'nak', 'boot-server-mute', 'boot-server-closed', 'discovery-mute', 'no-arp', 'no-router', 'no-next-server', 'url-for-pxe', 'file-name-damaged', 'not-approved', 'other-server-taken']) // prettier-ignore

  test.each(Object.keys(failures) as FailureKind[])('%s names no option or port of IPv4', (kind) => {
    if (only4.has(kind)) return
    const words = [...spoken(causesOf(kind, known)), ...spoken(fixesOf(kind, known))].join('\n')
    expect(words).not.toMatch(/\boption (?:43|66|67|93|77)\b|siaddr|UDP (?:port )?(?:67|68|4011)\b|IP helper|ReadFilter|option 3\b/)
  }) // prettier-ignore
})
