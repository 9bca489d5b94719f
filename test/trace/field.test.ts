/** What the field sends is told as what it is: what each capture must say, and what it must never say. */
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import type { Outcome } from '#shared/diagnosis/explain/explanation.ts'
import type { Explanation } from '../helpers/told.ts'
import type { FailureKind } from '#shared/diagnosis/failures.ts'
import { explainedLadder } from '#shared/diagnosis/report.ts'
import { explain, framesOf, kept, sessionOfFrames, wordsOf } from '../helpers/explained.ts'
import { fieldNames, fieldSession } from '../helpers/fixtures.ts'

interface Right {
  readonly outcome: Outcome
  readonly failure?: FailureKind
  readonly says?: readonly RegExp[]
}

/** Of the first attempt in each capture. */
const right: Readonly<Record<string, Right>> = {
  'autoexec-then-ok': { outcome: 'started', says: [/autoexec\.ipxe does not exist/, /loaded vmlinuz/] },
  'bios-gets-efi': { outcome: 'failed', failure: 'wrong-program' },
  'bios-two-offers-no-request': { outcome: 'unknown', says: [/does not show what the client did with the 2 offers/] },
  bootp: { outcome: 'failed', failure: 'no-bootp-reply', says: [/AM335x|system on a chip/, /BOOTREQUEST 3 times/] },
  'bootp-only': { outcome: 'address', says: [/BOOTREPLY/] },
  'decline-edk2': { outcome: 'failed', failure: 'address-conflict', says: [/52:54:00:00:00:99/, /DECLINE/] },
  'decline-loop': { outcome: 'failed', failure: 'address-conflict', says: [/declined 192\.0\.2\.60/] },
  'dhcp-offer-fragmented': { outcome: 'unknown' },
  'duplicate-address': { outcome: 'loaded' },
  duplicated: { outcome: 'loaded', says: [/more than once/] },
  'fail-http404-uefi-x64': { outcome: 'failed', failure: 'http-error', says: [/404/] },
  'fail-mute4011-bios-legacy-cut': { outcome: 'failed', failure: 'boot-server-mute', says: [/Nothing to boot/] },
  'fail-no4011-bios-legacy-cut': { outcome: 'failed', failure: 'boot-server-closed', says: [/ICMP port unreachable/] },
  'http-keepalive-get-get': { outcome: 'started', says: [/\/grubx64\.efi .*600 bytes/, /\/grub\.cfg .*20 bytes/] },
  'http-second-get-reset': { outcome: 'failed', failure: 'http-reset', says: [/GRUB runs/, /GET \/grub\.cfg/] },
  'http-slow': { outcome: 'address', says: [/321 bytes\/s/] },
  'http-tftp-name': { outcome: 'failed', failure: 'offers-dropped', says: [/is no URL/] },
  'http-tftp-name-ovmf': { outcome: 'failed', failure: 'offers-dropped', says: [/is no URL/] },
  'inform-unanswered': { outcome: 'idle', says: [/INFORM/] },
  'ipv6-after-ipv4-failed': { outcome: 'failed', failure: 'file-missing', says: [/10\.77\.0\.1 refused missing\.efi/] },
  'ipv6-file-missing': { outcome: 'failed', failure: 'file-missing', says: [/sent DHCPv6 SOLICIT/, /refused missing\.efi: TFTP error 1/, /boot file URL \(option 59\) is misspelt/, /not part of the boot/] },
  'ipv6-http': { outcome: 'failed', failure: 'url-not-tftp', says: [/PXE-E53/] },
  'ipv6-http-url-for-pxe': { outcome: 'failed', failure: 'url-not-tftp', says: [/told to load http:\/\/\[2001:db8:77::1\]:8080\/boot\.efi/, /PXE-E53/] },
  'ipv6-no-address': { outcome: 'failed', failure: 'no-address6', says: [/NoAddrsAvail \("no addresses available"\) \(4 times\)/, /M flag not set/] },
  'ipv6-no-server': { outcome: 'failed', failure: 'no-advertise', says: [/SOLICIT 4 times in 37\.1 s/, /asked for a router 3 times/] },
  'ipv6-no-url': { outcome: 'failed', failure: 'no-boot-url', says: [/no boot file URL \(option 59\)/, /PXE-E21/] },
  'ipv6-pxe': { outcome: 'loaded', says: [/sent DHCPv6 SOLICIT/, /loaded ipxe\.efi from fe80::fe/] },
  'ipv6-tftp-closed': { outcome: 'failed', failure: 'tftp-closed', says: [/boot\.efi from 2001:db8:77::1 by TFTP once, and 2001:db8:77::1 answered that the port is closed \(ICMPv6/, /PXE-E99/] },
  'tls13-hangs-up': { outcome: 'unknown', says: [/whose content cannot be read/] },
  'tls13-only-ipxe': { outcome: 'failed', failure: 'tls-failed', says: [/192\.168\.77\.1:8443 ended the TLS handshake with the alert "protocol version": client and server have no TLS version in common/] },
  'tls13-unknown-ca': { outcome: 'failed', failure: 'tls-failed', says: [/It ended the TLS handshake with 192\.168\.77\.1:443 with the alert "unknown CA": it does not trust the CA that issued the certificate/] },
  'tls-no-suite': { outcome: 'failed', failure: 'tls-failed', says: [/192\.168\.79\.1:443 ended the TLS handshake with the alert "handshake failure"/] },
  'tls-not-trusted': { outcome: 'failed', failure: 'tls-failed', says: [/\(for 192\.168\.79\.1, issued by Exp CA, .* RSA 3072\) and closed the connection without an alert\. Name and dates are correct: most likely it does not trust the certificate authority Exp CA/] },
  'tls-other-name': { outcome: 'failed', failure: 'tls-failed', says: [/The certificate of the server is not for 192\.168\.79\.1\./, /The certificate is for 192\.168\.79\.9, other\.test, and the client went to 192\.168\.79\.1/] },
  leasequery: { outcome: 'idle', says: [/LEASEQUERY/] },
  'nak-then-lease': { outcome: 'address', says: [/DHCPNAK/, /acknowledged 10\.0\.0\.50/] },
  'no-router': { outcome: 'failed', failure: 'no-router', says: [/option 3/] },
  'oack-unasked': { outcome: 'failed', failure: 'tftp-options-refused', says: [/tsize=26000/] },
  'offer-without-54': { outcome: 'failed', failure: 'offers-dropped', says: [/option 54/] },
  'offer-without-54-ovmf': { outcome: 'failed', failure: 'offers-dropped', says: [/option 54/] },
  'opt66-name': { outcome: 'failed', failure: 'no-next-server', says: [/fog\.example\.org/] },
  'opt66-zero': { outcome: 'waiting', says: [/names the TFTP server 192\.0\.2\.5 in siaddr, and 0\.0\.0\.0 in option 66/] },
  'option250-not-wds': { outcome: 'idle' },
  'os-dhcp-after-boot': { outcome: 'started', says: [/started system/] },
  'pxe-good': { outcome: 'loaded' },
  'raspberry-pi-3': { outcome: 'loaded', says: [/Raspberry Pi/, /bootcode\.bin/] },
  'relay-82-missing': { outcome: 'failed', failure: 'offers-dropped', says: [/No offer reaches the client.*option 82/] },
  'relay-port-68': { outcome: 'failed', failure: 'offers-dropped', says: [/No offer reaches the client.*port 68/] },
  'release-first': { outcome: 'idle', says: [/RELEASE, which has no answer/] },
  'rrq-ff': { outcome: 'failed', failure: 'file-name-damaged', says: [/option 67/] },
  'shim-stops': { outcome: 'unknown', says: [/shim runs/, /second stage/] },
  'siaddr-zero': { outcome: 'failed', failure: 'no-next-server', says: [/siaddr is 0\.0\.0\.0/] },
  snaplen96: { outcome: 'loaded', says: [/96 of 363 bytes kept/] },
  'tftp-other-source': { outcome: 'failed', failure: 'tftp-other-address', says: [/172\.17\.0\.2 answered/] },
  'tftp-reply-from-other-address-ovmf': { outcome: 'failed', failure: 'tftp-other-address', says: [/10\.66\.0\.1 answered/] },
  'tftp-wrap-gap': { outcome: 'failed', failure: 'transfer-wrapped', says: [/block 65,536/, /ICMP port unreachable/] },
  'tftp-write': { outcome: 'address', says: [/sent config\.bak/] },
  'url-given-to-pxe-client': { outcome: 'failed', failure: 'url-for-pxe' },
  vlan: { outcome: 'failed', failure: 'no-offer', says: [/VLAN tag 100/] },
  'web-404': { outcome: 'address' },
  'windows-optional-then-winpe': { outcome: 'started', says: [/Windows or Windows PE uses the network/] },
  'wrong-xid': { outcome: 'failed', failure: 'offers-dropped', says: [/No offer reaches the client.*0x999/] },
} // prettier-ignore

describe('each capture of the field says what is right', () => {
  const named = fieldNames.map((name) => name.replace('.pcap', '')).filter((name) => name !== 'teredo-as-tftp')
  test('every capture has its right answer', () => expect(Object.keys(right).sort()).toEqual([...named].sort()))

  test.each(named)('%s', (name) => {
    const [told] = explain(fieldSession(`${name}.pcap`))
    const { outcome, failure, says = [] } = right[name]!
    expect({ outcome: told!.outcome, failure: told!.failure }, told!.headline).toEqual({ outcome, failure })
    for (const text of says) expect(wordsOf(told!)).toMatch(text)
  })

  test('what is no TFTP is no transfer', () => expect(fieldSession('teredo-as-tftp.pcap').trace.attempts).toEqual([]))

  test('one address acknowledged to two machines is told at the second', () => {
    const [, second] = explain(fieldSession('duplicate-address.pcap'))
    expect(wordsOf(second!)).toMatch(/two machines have one address/)
  })

  test('numbers have three significant digits at most', () => {
    const numbers = fieldNames
      .flatMap((name) => explain(fieldSession(name)))
      .flatMap((told) =>
        [...wordsOf(told).matchAll(/([\d.,]+) (?:s|ms|µs|bytes|KiB|MiB)\b/g)].map(([, number]) => number!),
      )
    expect(numbers.length).toBeGreaterThan(100)
    for (const number of numbers)
      expect(number.replace(/[.,]/g, '').replace(/^0+|0+$/g, '').length, number).toBeLessThan(5)
    expect(
      numbers.filter((number) => number.includes('.') && number.replace(/[.,]/g, '').replace(/^0+/, '').length > 3),
    ).toEqual([])
  })
})

describe('nothing is taken and not taken', () => {
  test.each(fieldNames)('%s', (name) => {
    for (const told of explain(fieldSession(name))) {
      const taken = told.offers.filter((one) => ['whole', 'address', 'boot'].includes(one.taken))
      if (told.failure === 'offers-not-taken' || told.failure === 'offers-dropped') expect(taken).toEqual([])
    }
  })
})

const plainText = (told: Explanation): string =>
  wordsOf(told).replace(/\n\d+ packets? (is|are) in the capture more than once.*/, '')

test('no ladder calls an offer taken that the words call dropped, or that no REQUEST took', () => {
  for (const name of fieldNames.filter((one) => one !== 'teredo-as-tftp.pcap')) {
    const session = fieldSession(name)
    for (const [index, told] of explain(session).entries()) {
      const { rows } = explainedLadder(session, session.trace.attempts[index]!, told)
      const won = new Set(rows.flatMap((row) => (row.kind === 'arrow' && row.mark === 'won' ? row.frames : [])))
      for (const one of told.offers.filter(
        ({ taken }) => taken === 'dropped' || taken === 'acceptable' || taken === 'no',
      ))
        expect(won, `${name} #${one.frame}`).not.toContain(one.frame)
    }
  }
})

describe('every packet twice changes nothing but a note', () => {
  test.each(kept)('%s', (_, session) => {
    const once = session()
    const twice = framesOf(once).flatMap((frame) => {
      const later = frame.nanoseconds + 10_000
      return [frame, { ...frame, seconds: frame.seconds + Math.floor(later / 1e9), nanoseconds: later % 1e9 }]
    })
    const before = explain(once)
    const after = explain(sessionOfFrames(twice))
    expect(after.map((one) => [one.outcome, one.failure])).toEqual(before.map((one) => [one.outcome, one.failure]))
    expect(after.map(plainText)).toEqual(before.map(plainText))
  })
})

describe('a snap length accuses nobody whom the whole capture does not', () => {
  test.each(kept)('%s', (_, session) => {
    const whole = session()
    const failed = new Set(explain(whole).map((one) => one.failure))
    const frames = framesOf(whole)
    for (const length of [54, 64, 96, 128, 200, 256, 290, 300, 320, 342, 400, 512]) {
      const cut = frames.map((frame) => ({ ...frame, bytes: frame.bytes.subarray(0, length) }))
      for (const told of explain(sessionOfFrames(cut)))
        if (told.outcome === 'failed') expect(failed, `${length} bytes: ${told.headline}`).toContain(told.failure)
    }
  })
})

describe('a boot that succeeds is accused at none of its moments', () => {
  const good = kept.filter(([, session]) => {
    const { trace, store, endNs } = session()
    return trace.attempts.every((one) => ['started', 'loaded', 'address', 'idle'].includes(explainAttempt(store, one, { nowNs: endNs }).outcome)) // prettier-ignore
  })
  test('there are some', () => expect(good.length).toBeGreaterThan(15))
  test.each(good)('%s', (_, session) => {
    const frames = framesOf(session())
    const step = Math.max(1, Math.floor(frames.length / 60))
    for (let end = 1; end <= frames.length; end += step)
      for (const told of explain(sessionOfFrames(frames.slice(0, end)))) expect(told.outcome, `${end} frames: ${told.headline}`).not.toBe('failed') // prettier-ignore
  })
})
