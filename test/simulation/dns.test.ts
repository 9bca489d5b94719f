/** Host names in boot file URLs on the simulated network: who is asked, for what, and what stands on the screen where nothing comes of it. */
import { describe, expect, test } from 'vitest'
import type { FirmwareName } from '#shared/machines/pxe-client/firmwares.ts'
import type { Simulation } from '#shared/simulation/simulation.ts'
import { storyOf } from '#shared/simulation/story.ts'
import { textOf } from '#messages/text.ts'
import { explain, wordsOf } from '../helpers/explained.ts'
import { scenarioOf, sessionOfSimulation, simulated } from '../helpers/simulate.ts'

const names = { 'boot.example': ['2001:db8:77::1', '192.168.77.1'] }
const own = { DNS: { names } }
const oldOnly = { DNS: { names: { 'boot.example': ['192.168.77.1'] } } }
const other = { DNS: { names: { 'other.example': ['2001:db8:77::1'] } } }

interface Wanted {
  readonly url: string
  readonly dns?: object
  /** Options of DHCPv6 beside the URL. */
  readonly told?: object
  readonly router?: object
  readonly v4?: object
  readonly script?: string
}

const server6 = '2001:db8:77::53'

/** A server with everything, a DNS server of its own address, and one machine. */
function boot(
  firmware: FirmwareName,
  {
    url,
    dns = own,
    told = { 23: server6 },
    router = {},
    v4,
    script = '#!ipxe\necho runs\nkernel http://boot.example/vmlinuz\nboot\n',
  }: Wanted,
): Simulation {
  return simulated(
    scenarioOf({
      segments: { lan: { network: '192.168.77.0/24', network6: '2001:db8:77::/64' } },
      hosts: {
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          on6: { lan: '2001:db8:77::1' },
          services: {
            DHCPv6Server: {
              options: { ...told, 59: url },
              subnets: [{ subnet: '2001:db8:77::/64', start: '2001:db8:77::100', end: '2001:db8:77::1ff' }],
            },
            'router-advertisement': router,
            ...(v4 ? { DHCPServer: v4 } : {}),
            tftp: {},
            http: {},
          },
          files: {
            'boot.efi': { program: 'plain', architecture: 'x64-uefi', size: 20_000 },
            'boot.ipxe': { text: script },
            vmlinuz: { size: 50_000 },
          },
        },
        dns1: { kind: 'linux', on: { lan: '192.168.77.53' }, on6: { lan: server6 }, services: dns },
      },
      clients: { pc1: { firmware, on: 'lan' } },
    } as never),
  )
}

const screenOf = (simulation: Simulation): string => simulation.screens().get('pc1')!.join('\n')
const sentencesOf = (simulation: Simulation): string[] => storyOf(simulation).steps.map(({ sentence }) => textOf(sentence)) // prettier-ignore
const asked = (simulation: Simulation): string[] => storyOf(simulation).steps.map(({ label }) => textOf(label)).filter((label) => label.startsWith('DNS ')) // prettier-ignore

describe('EDK2 over IPv6', () => {
  const pxe = 'tftp://boot.example/boot.efi'
  const http = 'http://boot.example/boot.efi'

  test.each([
    ['edk2-ipv6', pxe],
    ['edk2-http-ipv6', http],
  ] as const)('%s boots from a name that has an AAAA record, by one question', (firmware, url) => {
    const simulation = boot(firmware, { url })
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'booted' })
    expect(asked(simulation)).toEqual(['DNS AAAA boot.example', 'DNS AAAA boot.example: 2001:db8:77::1'])
    expect(sentencesOf(simulation)).toContain('pc1 asks the DNS server dns1 for the IPv6 address of boot.example.')
    const words = wordsOf(explain(sessionOfSimulation(simulation))[0]!)
    expect(words).toContain(`DNS (${server6}) says that boot.example is 2001:db8:77::1.`)
  })

  test('the web server is asked by its name', () => {
    const { store } = sessionOfSimulation(boot('edk2-http-ipv6', { url: http }))
    const sent = Array.from({ length: store.count }, (_, at) => Buffer.from(store.bytesOf(at + 1)).toString('latin1'))
    expect(sent.filter((one) => one.includes('GET /boot.efi')).every((one) => one.includes('Host: boot.example\r\n'))).toBe(true) // prettier-ignore
    expect(sent.some((one) => one.includes('GET /boot.efi'))).toBe(true)
  })

  test.each([
    ['no DNS server', {}, own, 'PXE-E99: Unexpected network error.', undefined],
    ['an unknown name', undefined, other, 'PXE-E53: No boot filename received.', 'dns-no-name'],
    ['a name with an IPv4 address alone', undefined, oldOnly, 'PXE-E07: Network device error.', 'dns-no-record'],
    ['a DNS server that is off', undefined, { DNS: { names, state: 'stopped' } }, 'PXE-E18: Server response timeout.', 'dns-mute'], // prettier-ignore
  ])('PXE with %s', (_, told, dns, line, failure) => {
    const simulation = boot('edk2-ipv6', { url: pxe, dns, ...(told ? { told } : {}) })
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'failed', line })
    expect(screenOf(simulation)).toContain(`  ${line}`)
    expect(asked(simulation).filter((label) => label === 'DNS AAAA boot.example')).toHaveLength(failure ? 1 : 0)
    const session = sessionOfSimulation(simulation)
    const [explained] = explain(session, session.endNs + 60e9)
    expect(explained).toMatchObject({ outcome: 'failed', failure: failure ?? 'url-unreadable' })
    if (failure) expect(explained!.screen[0]).toContain(line)
  })

  test.each([
    ['an unknown name', other, 'Error: Unexpected network error.', 'dns-no-name'],
    ['a name with an IPv4 address alone', oldOnly, 'Error: Network device error.', 'dns-no-record'],
    ['a DNS server that is off', { DNS: { names, state: 'stopped' } }, 'Error: Server response timeout.', 'dns-mute'],
  ])('HTTP with %s', (_, dns, line, failure) => {
    const simulation = boot('edk2-http-ipv6', { url: http, dns })
    expect(screenOf(simulation)).toContain(`  Error: Could not retrieve the host address from DNS server.\n  Error: Could not retrieve NBP file size from HTTP server.\n  ${line}`) // prettier-ignore
    const session = sessionOfSimulation(simulation)
    expect(explain(session, session.endNs + 60e9)[0]).toMatchObject({ outcome: 'failed', failure })
  })

  test('HTTP takes no URL with a name where no DNS server is told, and says so', () => {
    const simulation = boot('edk2-http-ipv6', { url: http, told: {} })
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'failed', line: 'Error: Remote boot cancelled.' })
    expect(asked(simulation)).toEqual([])
    const session = sessionOfSimulation(simulation)
    const [told] = explain(session, session.endNs + 60e9)
    expect(JSON.stringify(told)).toContain('names its server by a name, and it gives no DNS server (option 23)')
  })

  test('a DNS server that a router names is none to it', () => {
    const simulation = boot('edk2-ipv6', { url: pxe, told: {}, router: { dns: [server6] } })
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'failed', line: 'PXE-E99: Unexpected network error.' })
  })
})

describe('iPXE over IPv6', () => {
  const url = 'http://boot.example/boot.ipxe'

  test.each([
    ['DHCPv6', { url }],
    ['a router', { url, told: {}, router: { dns: [server6] } }],
  ])('boots from a name by the DNS server of %s', (_, wanted) => {
    const simulation = boot('ipxe-uefi', wanted)
    expect(screenOf(simulation)).toContain(`${url}... ok`)
    expect(asked(simulation).slice(0, 2)).toEqual(['DNS AAAA boot.example', 'DNS AAAA boot.example: 2001:db8:77::1'])
    expect(screenOf(simulation)).toContain('http://boot.example/vmlinuz... ok')
  })

  test('asks for A where there is no AAAA, and cannot get there without an IPv4 address', () => {
    const simulation = boot('ipxe-uefi', { url, dns: oldOnly })
    expect(asked(simulation).slice(0, 4)).toEqual([
      'DNS AAAA boot.example', 'DNS AAAA boot.example: no record', 'DNS A boot.example', 'DNS A boot.example: 192.168.77.1',
    ]) // prettier-ignore
    expect(screenOf(simulation)).toContain(`${url}... Network unreachable (http://ipxe.org/280a6090)`)
  })

  test('an unknown name: AAAA, A and an alias are asked for', () => {
    const simulation = boot('ipxe-uefi', { url, dns: other })
    expect(asked(simulation).filter((label) => !label.includes(': '))).toEqual(['DNS AAAA boot.example', 'DNS A boot.example', 'DNS CNAME boot.example']) // prettier-ignore
    expect(screenOf(simulation)).toContain(`${url}... No such device or address (http://ipxe.org/3e11618e)`)
  })

  test('nslookup in a script asks the same server, and keeps what it says', () => {
    const script = '#!ipxe\nnslookup a boot.example && echo = ${a} ||\nnslookup b none.example || echo = none\nshell\n'
    const literal = 'http://[2001:db8:77::1]/boot.ipxe'
    const simulation = boot('ipxe-uefi', { url: literal, script })
    expect(asked(simulation).filter((label) => !label.includes(': '))).toEqual(['DNS AAAA boot.example', 'DNS AAAA none.example', 'DNS A none.example', 'DNS CNAME none.example']) // prettier-ignore
    expect(screenOf(simulation)).toContain('= 2001:db8:77::1\n')
    expect(screenOf(simulation)).toContain(
      'Could not resolve none.example: No such device or address (http://ipxe.org/3e11618e)\n= none',
    )
    const alone = boot('ipxe-uefi', { url: literal, script, told: {} })
    expect(screenOf(alone)).toContain(
      'Could not resolve none.example: No such device or address (http://ipxe.org/3e11628e)\n= none',
    )
    expect(asked(alone)).toEqual([])
  })

  test('no DNS server, and one that does not answer', () => {
    expect(screenOf(boot('ipxe-uefi', { url, told: {} }))).toContain(`${url}... No such device or address (http://ipxe.org/3e11628e)`) // prettier-ignore
    const off = boot('ipxe-uefi', { url, dns: { DNS: { names, state: 'stopped' } } })
    expect(screenOf(off)).toContain(`${url}... Connection timed out (http://ipxe.org/4c116092)`)
    expect(asked(off)).toHaveLength(6)
    const session = sessionOfSimulation(off)
    expect(explain(session, session.endNs + 60e9)[0]).toMatchObject({ outcome: 'failed', failure: 'dns-mute' })
  })
})

describe('over IPv4', () => {
  const scope = {
    options: { 60: 'HTTPClient', 67: 'http://boot.example/boot.efi', 6: '192.168.77.53' },
    subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.199' }],
  }

  test('HTTP boot asks the server of option 6 for A', () => {
    const simulation = boot('edk2-http', { url: 'http://[2001:db8:77::1]/boot.efi', v4: scope })
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'booted' })
    expect(asked(simulation)).toEqual(['DNS A boot.example', 'DNS A boot.example: 192.168.77.1'])
  })

  test('an unknown name: HEAD and GET ask once each, and the screen does not say that it is the name', () => {
    const simulation = boot('edk2-http', { url: 'http://[2001:db8:77::1]/boot.efi', v4: scope, dns: other })
    expect(asked(simulation).filter((label) => !label.includes(': '))).toHaveLength(2)
    expect(screenOf(simulation)).toContain('  Error: Could not retrieve NBP file size from HTTP server.\n  Error: Unexpected network error.') // prettier-ignore
    const session = sessionOfSimulation(simulation)
    expect(explain(session, session.endNs + 60e9)[0]).toMatchObject({ outcome: 'failed', failure: 'dns-no-name' })
  })
})
