/** HTTPS boot by what a machine trusts: the screens that OVMF 2022.11 showed, what later releases mind, and iPXE's numbers. */
import { inEnglish } from '#messages/text.ts'
import { describe, expect, test } from 'vitest'
import { explainAttempt } from '../helpers/told.ts'
import type { Simulation } from '#shared/simulation/simulation.ts'
import { scenarioOf, sessionOfSimulation, simulated } from '../helpers/simulate.ts'

interface Case {
  readonly https?: object
  readonly tls?: object | null
  readonly firmware?: string
  readonly url?: string
  readonly port?: number
}

const noSize = 'Error: Could not retrieve NBP file size from HTTP server.'
const lab = { authorities: ['PXE Lab CA'] }

function boot({ https, tls = {}, firmware = 'edk2-http', url = 'https://192.168.77.1/x.efi', port }: Case): Simulation {
  return simulated(
    scenarioOf({
      hosts: {
        boot1: {
          kind: 'linux',
          on: { lan: '192.168.77.1' },
          services: {
            DHCPServer: {
              type: 'DHCPServer',
              options: { 60: 'HTTPClient', 67: url },
              subnets: [{ subnet: '192.168.77.0/24', start: '192.168.77.100', end: '192.168.77.199' }],
            },
            http: {
              type: 'http',
              ...(tls === null ? { port: 443 } : { tls }),
              ...(port === undefined ? {} : { port }),
            },
          },
          files: { 'x.efi': { program: 'plain', architecture: 'x64-uefi', size: 200_000, prints: ['it runs'] } },
        },
      } as never,
      clients: { pc: { firmware: firmware as never, on: 'lan', ...(https === undefined ? {} : { https }) } },
    }),
  )
}

const screenOf = (simulation: Simulation): string[] => simulation.outcomes()[0]!.screen.map((line) => line.trim())
const tcpOf = (simulation: Simulation): number => simulation.transmissions.filter(({ packet }) => packet.kind === 'tcp').length // prettier-ignore
const told = (simulation: Simulation) => {
  const session = sessionOfSimulation(simulation)
  return explainAttempt(session.store, session.trace.attempts[0]!, { nowNs: session.endNs + 120e9 })
}

test('EDK2 in which no authority is enrolled opens no connection', () => {
  for (const https of [undefined, {}]) {
    const simulation = boot(https === undefined ? {} : { https })
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'failed', because: expect.stringContaining('trusts no certificate authority') }) // prettier-ignore
    expect(screenOf(simulation)).toEqual(expect.arrayContaining(['URI: https://192.168.77.1/x.efi', noSize, 'Error: Remote boot cancelled.'])) // prettier-ignore
    expect(tcpOf(simulation)).toBe(0)
    const { outcome, headline, sentences } = told(simulation)
    expect([outcome, headline]).toEqual(['unknown', expect.stringMatching(/perhaps it trusts no CA yet/)])
    expect(sentences.map(({ text }) => text).join('\n')).toMatch(/EDK2 opens no connection to an https address until a CA certificate is enrolled/) // prettier-ignore
  }
})

describe('EDK2 boots over HTTPS', () => {
  test.each<[string, Case]>([
    ['where the authority is enrolled', { https: lab }],
    ['where it is one of several', { https: { authorities: ['Other CA', 'PXE Lab CA'] } }],
    ['whatever the dates are, in 2022.11', { https: lab, tls: { from: '2030-01-01', until: '2031-01-01' } }],
    ['with a key of 2048 bits, before 2025.11', { https: { ...lab, release: '2025.08' }, tls: { keyBits: 2048 } }],
    ['on another port', { https: lab, url: 'https://192.168.77.1:8443/x.efi', port: 8443 }],
  ])('%s', (_, one) => {
    const simulation = boot(one)
    expect(simulation.outcomes()[0], inEnglish(simulation.outcomes()[0]!.because)).toMatchObject({ state: 'booted' })
    expect(screenOf(simulation)).toEqual(expect.arrayContaining(['File Size: 200000 Bytes', 'it runs']))
    // What passed cannot be read, and is not called a failure.
    expect(told(simulation).outcome).not.toBe('failed')
  })
})

describe('EDK2 refuses, with the screen that OVMF showed, and the packets say why', () => {
  const unexpected = 'Error: Unexpected network error.'
  const cancelled = 'Error: Remote boot cancelled.'
  test.each<[string, Case, string, RegExp, RegExp]>([
    [
      'another authority',
      { https: { authorities: ['Other CA'] } },
      unexpected,
      /issued by PXE Lab CA, which this machine does not trust/,
      /most likely it does not trust the certificate authority PXE Lab CA/,
    ],
    [
      'another name',
      { https: lab, tls: { names: ['boot.lab.test', '192.168.77.9'] } },
      unexpected,
      /is for boot\.lab\.test, 192\.168\.77\.9, and not for 192\.168\.77\.1/,
      /The certificate is not for 192\.168\.77\.1/,
    ],
    [
      'an end in the past, since 2025.08',
      { https: { ...lab, release: '2025.08' }, tls: { until: '2025-12-31' } },
      unexpected,
      /expired on 2025-12-31, and the clock says 2026-11-26/,
      /certificate of 192\.168\.77\.1/,
    ],
    [
      'a beginning in the future',
      { https: { ...lab, release: '2025.11', date: '1999-01-01' } },
      unexpected,
      /is valid from 2000-01-01, and the clock says 1999-01-01/,
      /certificate of 192\.168\.77\.1/,
    ],
    [
      'a key of 2048 bits in 2025.11',
      { https: { ...lab, release: '2025.11' }, tls: { keyBits: 2048 } },
      unexpected,
      /RSA key of 2048 bits/,
      /has 2048 bits: EDK2 of November 2025/,
    ],
    [
      'an EC key',
      { https: lab, tls: { keyType: 'EC' } },
      cancelled,
      /no cipher suite or version in common/,
      /alert "handshake failure"/,
    ],
    [
      'TLS 1.3 alone',
      { https: lab, tls: { versions: '1.3' } },
      cancelled,
      /offers TLS 1\.2/,
      /alert "protocol version"/,
    ],
    ['a port without TLS', { https: lab, tls: null }, cancelled, /does not speak TLS on TCP port 443/, /./],
  ])('%s', (_, one, line, because, explained) => {
    const simulation = boot(one)
    expect(simulation.outcomes()[0]).toMatchObject({ state: 'failed', because: expect.stringMatching(because) })
    const screen = screenOf(simulation)
    expect(screen.slice(screen.indexOf(noSize)).filter((text) => text !== '')).toEqual([noSize, line, expect.stringMatching(/^BdsDxe: failed to load/)]) // prettier-ignore
    expect(
      told(simulation)
        .sentences.map(({ text }) => text)
        .join('\n'),
    ).toMatch(explained)
  })
})

describe('iPXE over HTTPS', () => {
  const ipxe = { firmware: 'ipxe-uefi' }
  test.each<[string, Case, RegExp]>([
    [
      'in a build without HTTPS',
      {},
      /Could not start download: Operation not supported \(https?:\/\/ipxe\.org\/3c092083\)/,
    ],
    [
      'built to trust another authority',
      { https: { authorities: ['Other CA'] } },
      /Permission denied \(https?:\/\/ipxe\.org\/0216eb8f\)/,
    ],
    [
      'to another name',
      { https: lab, tls: { names: ['192.168.77.9'] } },
      /Permission denied \(https?:\/\/ipxe\.org\/0216ea8f\)/,
    ],
    [
      'with an end in the past',
      { https: lab, tls: { until: '2025-12-31' } },
      /Permission denied \(https?:\/\/ipxe\.org\/0216e48f\)/,
    ],
    [
      'to TLS 1.3 alone',
      { https: lab, tls: { versions: '1.3' } },
      /Operation not permitted \(https?:\/\/ipxe\.org\/410de18f\)/,
    ],
  ])('fails %s', (_, one, line) => {
    const simulation = boot({ ...ipxe, ...one })
    expect(simulation.outcomes()[0]!.state).toBe('failed')
    expect(screenOf(simulation).join('\n')).toMatch(line)
  })
  test('boots where it was built to trust the authority; the length of the key is no matter', () => {
    const simulation = boot({ ...ipxe, https: lab, tls: { keyBits: 2048 } })
    expect(simulation.outcomes()[0], inEnglish(simulation.outcomes()[0]!.because)).toMatchObject({ state: 'booted' })
    expect(screenOf(simulation).join('\n')).toMatch(/https:\/\/192\.168\.77\.1\/x\.efi\.\.\. ok/)
  })
})
