/** The doctor: from what the tools of a server print to the finding, and no other. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { allRows, computeEntry, keyOfRow, type MatrixRow } from '#shared/diagnosis/co-hosting.ts'
import { diagnose as judge } from '#shared/diagnosis/doctor.ts'
import { findingIds, type FindingId } from '#shared/diagnosis/doctor/finding.ts'
import { whyHeld } from '#shared/diagnosis/doctor/port-rules.ts'
import { factsSchema } from '#shared/lab/facts.ts'
import {
  dpKey,
  dhcpParametersKey,
  smsSecurityKey,
  wdsAnswerKey,
  wdsKey,
  wdsParametersKey,
  wdsTftpKey,
  wdsUnattendKey,
} from '#shared/lab/registry-keys.ts'
import { randomFor } from '#shared/simulation/random.ts'
import { mtusIn, parseSystemctl, readFacts } from '../../src/main/inspect/facts.ts'
import { windowsCommands, windowsFacts } from '../../src/main/inspect/windows-facts.ts'
import { windowsServer, windowsSources, type WindowsServer } from '../helpers/windows-server.ts'
import { spoken } from '../helpers/spoken.ts'

const diagnose = (...given: Parameters<typeof judge>) => spoken(judge(...given))

const option60 = 'set optionvalue 60 STRING "PXEClient" '
const together = { DHCPServer: 'running', WDSServer: 'running' } as const
const responder = { DHCPServer: 'running', SccmPxe: 'running' } as const

const pxePorts = (more: string, ports: readonly number[] = [67, 69, 4011]): string[] =>
  ports.map((port) => `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17${more}|LPort=${port}|Name=PXE ${port}|`)
const [open68] = pxePorts('', [68]) as [string]
const profilesKey = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy'
const policyKey = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall'

/** A server that is right: WDS and DHCP together, as documented. */
const coHosted: WindowsServer = {
  services: together,
  registry: { [wdsKey]: { UseDHCPPorts: 0 } },
  options: [option60],
  udp: [
    ['0.0.0.0', 67, 'DHCPServer'],
    ['0.0.0.0', 69, 'WDSServer'],
    ['0.0.0.0', 4011, 'WDSServer'],
  ],
}

const wdsAlone: WindowsServer = {
  services: { WDSServer: 'running' },
  registry: { [wdsKey]: { UseDHCPPorts: 1 } },
  udp: [67, 69, 4011].map((port) => ['0.0.0.0', port, 'WDSServer'] as const),
}

/** An event of the DHCP server; those of one server are the newest first. */
const dhcpEvent = (id: number, ...data: string[]) =>
  ['System', 'Microsoft-Windows-DHCP-Server', id, '2026-01-02T03:00:00.0000000Z', ...data] as const

const clean: Readonly<Record<string, WindowsServer>> = {
  'WDS and DHCP together, as documented': coHosted,
  'WDS alone': wdsAlone,
  'a DHCP server of a workgroup': { ...coHosted, domain: '', authorised: [] },
  'a DHCP server that asks nobody whether it may serve': {
    ...coHosted,
    authorised: ['10.1.1.1'],
    registry: { ...coHosted.registry, [dhcpParametersKey]: { DisableRogueDetection: 1 } },
    events: [dhcpEvent(1046)],
  },
  'a DHCP server that said since that it serves': {
    ...coHosted,
    authorised: [],
    events: [dhcpEvent(1044), dhcpEvent(1046), dhcpEvent(1041)],
  },
  'an error of an earlier run of the DHCP server': {
    ...coHosted,
    events: [['System', 'Microsoft-Windows-DHCP-Server', 1041, '2020-01-02T03:00:00Z']],
  },
  'WDS that asks whether it may serve, and may': {
    ...wdsAlone,
    registry: { [wdsKey]: { UseDHCPPorts: 1, DisableRogueDetection: 0 } },
    authorised: [],
    events: [['Application', 'WDSPXE', 771, '2026-01-02T03:00:00Z']],
  },
  'the responder beside DHCP': {
    services: responder,
    registry: { [dpKey]: { DoNotListenOnDhcpPort: 1, RamDiskTFTPBlockSize: 1456 } },
    options: [option60],
    udp: [
      ['0.0.0.0', 67, 'DHCPServer'],
      ['0.0.0.0', 69, 'SccmPxe'],
      ['0.0.0.0', 4011, 'SccmPxe'],
    ],
  },
  'the responder alone': { services: { SccmPxe: 'running' } },
  'DHCP alone': { services: { DHCPServer: 'running' }, udp: [['0.0.0.0', 67, 'DHCPServer']] },
  'a server without boot services': {},
  'DHCP beside a WDS that is disabled': {
    services: { DHCPServer: 'running', WDSServer: 'disabled' },
    udp: [['0.0.0.0', 67, 'DHCPServer']],
  },
  'a read filter as installed, and every interface bound': {
    ...coHosted,
    registry: {
      [wdsKey]: { UseDHCPPorts: 0, BindPolicy: 1, BindInterfaces: ['192.168.77.10'] },
      [wdsTftpKey]: { ReadFilter: ['\\boot\\*', '\\tmp\\*', 'boot\\*', 'tmp\\*'] },
      [wdsParametersKey]: { UdpStartPort: 50000, UdpEndPort: 60000 },
    },
  },
  'rules of the profile that the network has, and one that blocks in another': {
    ...coHosted,
    profiles: ['Private'],
    firewall: [
      ...pxePorts('|Profile=Private'),
      open68,
      'v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|Profile=Public|LPort=69|Name=No|',
    ],
  },
  'rules about the own subnet where every client is in it, and a rule that blocks senders elsewhere': {
    ...coHosted,
    firewall: [
      ...pxePorts('', [67, 68]),
      ...pxePorts('|RA42=LocalSubnet', [69, 4011]),
      'v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|LPort=69|RA4=10.0.0.0-10.255.255.255|Name=No|',
    ],
  },
  'a firewall that group policy switches off': {
    ...coHosted,
    firewall: [],
    registry: { ...coHosted.registry, [`${policyKey}\\DomainProfile`]: { EnableFirewall: 0 } },
  },
  'ports that an administrator keeps, and those that others keep elsewhere': {
    ...coHosted,
    excluded: [
      [67, 67, '*'],
      [4011, 4011, '*'],
      [50_000, 50_059],
    ],
  },
  'rules by service instead of by port': {
    ...coHosted,
    firewall: [
      'v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=%systemroot%\\system32\\svchost.exe|Svc=WDSServer|Name=WDS|',
      'v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort2_10=60-70|Name=DHCP|',
    ],
  },
}

const partner = (scopes: string): string => `F|dhcp2.corp.example|LoadBalance|Normal|${scopes}|both`

/** For each finding servers that have it. */
type Untold =
  'ports-need-rights' | 'ports-redirected' | 'clients-do-not-boot' | 'dhcpv6-port-held' | 'dhcpv6-firewall-closed'
const faulty: Readonly<Record<Exclude<FindingId, Untold>, readonly WindowsServer[]>> = {
  'dhcp-silent': [
    { ...coHosted, events: [dhcpEvent(1041)] },
    { ...coHosted, domain: '', authorised: [], events: [dhcpEvent(1045, '192.168.77.9', 'corp.example')] },
    { ...coHosted, authorised: [], events: [dhcpEvent(1051), dhcpEvent(1043, 'earlier')] },
  ],
  'pxe-service-not-listening': [{ ...coHosted, udp: [['0.0.0.0', 67, 'DHCPServer']] }],
  'boot-files-missing': [
    { ...coHosted, more: ['Q|False', 'B|31124|6.3||Boot\\x86\\wdsnbp.com', 'B|0|||Boot\\x64\\wdsmgfw.efi'] },
    {
      services: { SccmPxe: 'running' },
      more: ['Q|False', 'B|1410000|10.0.26100.1|CN=Windows UEFI CA 2023|SMSBoot\\x64\\wdsmgfw.efi'],
    },
  ],
  'boot-programs-signed-2011': [
    {
      ...coHosted,
      more: [
        'Q|False',
        'B|31124|6.3||Boot\\x86\\wdsnbp.com',
        'B|1410000|10.0|CN=Microsoft Windows Production PCA 2011, O=Microsoft|Boot\\x64\\wdsmgfw.efi',
      ],
    },
  ],
  'certificate-expired': [
    { services: { SccmPxe: 'running' }, more: ['Q|False', 'X|133801632000000000|CN=SMS Role SSL Certificate'] },
  ],
  'dhcp-failover': [
    { ...coHosted, options: [`Scope 192.168.77.0 ${option60}`], more: ['Q|False', partner('192.168.77.0')] },
  ],
  'hands-free': [
    { ...coHosted, registry: { ...coHosted.registry, [wdsUnattendKey]: { AllowHandsFreeFunctionality: 1 } } },
  ],
  'issuing-list-missing': [{ services: { SccmPxe: 'running' }, registry: { [smsSecurityKey]: {} } }],
  'mac-ignore-list': [
    { services: { SccmPxe: 'running' }, registry: { [dpKey]: { MACIgnoreListFile: 'C:\\ignore.txt' } } },
  ],
  'restart-pending': [{ ...coHosted, more: ['Q|True'] }],
  'dhcp-stopped': [{ services: { DHCPServer: 'stopped' } }],
  'scope-inactive': [
    { ...coHosted, scopes: [], options: [option60, 'add scope 192.168.77.0 255.255.255.0 "a" ""', 'Scope 192.168.77.0 set state 0'] },
    { ...coHosted, scopes: [] },
  ], // prettier-ignore
  'both-want-67': [
    { ...coHosted, registry: {} },
    {
      ...coHosted,
      registry: { [wdsKey]: { UseDHCPPorts: 1 } },
      options: [],
      services: { ...together, WDSServer: 'stopped' },
    },
  ],
  'option-60-missing': [
    { ...coHosted, options: [] },
    { services: responder, registry: { [dpKey]: { DoNotListenOnDhcpPort: 1 } } },
  ],
  'option-60-left-over': [
    { services: { DHCPServer: 'running' }, options: [option60] },
    { services: { DHCPServer: 'running' }, options: [`Scope 192.168.77.0 ${option60}`] },
    {
      services: { DHCPServer: 'running' },
      options: ['Scope 192.168.77.0 set reservedoptionvalue 192.168.77.50 60 STRING "PXEClient" '],
    },
    { services: { DHCPServer: 'running' }, policies: ['UEFI|60|PXEClient'] },
  ],
  'option-60-wrong': [{ ...coHosted, options: ['set optionvalue 60 STRING "pxeclient" '] }],
  'use-dhcp-ports-left-at-0': [
    { services: { WDSServer: 'running' }, registry: { [wdsKey]: { UseDHCPPorts: 0 } } },
    { services: { SccmPxe: 'running' }, registry: { [dpKey]: { DoNotListenOnDhcpPort: 1 } } },
  ],
  'pxe-service-stopped': [
    { ...coHosted, services: { ...together, WDSServer: 'stopped' } },
    { services: { SccmPxe: 'stopped' } },
  ],
  'responder-takes-67': [{ services: responder, options: [option60] }],
  'boot-file-options': [
    { ...coHosted, options: [option60, 'set optionvalue 67 STRING "boot\\x64\\wdsnbp.com" '] },
    { ...coHosted, options: [option60, 'Scope 192.168.77.0 set optionvalue 66 STRING "192.168.77.10" '] },
  ],
  'dhcp-not-authorised': [{ ...coHosted, authorised: ['10.1.1.1'] }],
  'wds-not-authorised': [
    {
      ...wdsAlone,
      registry: { [wdsKey]: { UseDHCPPorts: 1, DisableRogueDetection: 0 } },
      authorised: [],
      events: [['Application', 'WDSPXE', 770, '2026-01-02T03:00:00Z']],
    },
  ],
  'wds-answers-nobody': [
    { ...wdsAlone, registry: { [wdsKey]: { UseDHCPPorts: 1 }, [wdsAnswerKey]: { netbootAnswerRequests: 'FALSE' } } },
  ],
  'wds-answers-known': [
    {
      ...coHosted,
      registry: {
        ...coHosted.registry,
        [wdsAnswerKey]: { netbootAnswerRequests: 'TRUE', netbootAnswerOnlyValidClients: 'TRUE' },
      },
    },
  ],
  'firewall-closed': [
    { ...coHosted, firewall: ['v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=67|LPort=69|Name=PXE|'] },
    { ...coHosted, firewall: ['v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\\x\\teams.exe|Name=Teams|'] },
    {
      ...coHosted,
      firewall: [
        'v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|Name=All|',
        'v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|LPort=4011|Name=No|',
      ],
    },
    // A rule of one profile in the network of another.
    { ...coHosted, profiles: ['Public'], firewall: [...pxePorts('|Profile=Domain|Profile=Private'), open68] },
    // One that is about the own subnet, and clients behind a router.
    {
      ...coHosted,
      scopes: ['192.168.77.0', '10.2.0.0'],
      firewall: [...pxePorts('', [67]), ...pxePorts('|RA4=LocalSubnet|RA6=LocalSubnet', [69, 4011]), open68],
    },
    {
      ...coHosted,
      scopes: ['10.2.0.0'],
      firewall: [...pxePorts('', [67]), ...pxePorts('|RA4=10.1.0.0/255.255.0.0', [69, 4011]), open68],
    },
    // A rule that blocks wins, in the profile that it is about.
    {
      ...coHosted,
      firewall: [
        ...pxePorts(''),
        open68,
        'v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|Profile=Domain|LPort=69|Name=No|',
      ],
    },
    {
      ...coHosted,
      registry: {
        ...coHosted.registry,
        [`${profilesKey}\\DomainProfile`]: { EnableFirewall: 1, DoNotAllowExceptions: 1 },
      },
    },
    { ...coHosted, registry: { ...coHosted.registry, [`${policyKey}\\DomainProfile`]: { AllowLocalPolicyMerge: 0 } } },
    // Apps of packages and of users, and what has to be secured, let no firmware in.
    { ...coHosted, firewall: ['v2.31|Action=Allow|Active=TRUE|Dir=In|Name=App|LUOwn=S-1-5-21-1|AppPkgId=S-1-15-2-1|'] },
    { ...coHosted, firewall: ['v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|Name=Safe|Security=Authenticate|'] },
  ],
  'ports-excluded': [
    { ...coHosted, udp: [['0.0.0.0', 67, 'DHCPServer'], ['0.0.0.0', 69, 'WDSServer']], excluded: [[3990, 4089]] },
    { ...coHosted, udp: [['0.0.0.0', 67, 'DHCPServer']], excluded: [[1, 100]] },
    { ...coHosted, excluded: [[64_001, 64_500], [64_501, 65_100]] },
    { ...coHosted, excluded: [[63_950, 64_980]] },
  ], // prettier-ignore
  'dns-holds-tftp-ports': [
    {
      ...coHosted,
      services: { ...together, DNS: 'running' },
      udp: [...coHosted.udp!, ...Array.from({ length: 900 }, (_, index) => ['0.0.0.0', 64001 + index, 'DNS'] as const)],
    },
  ],
  'tftp-port-range': [
    { ...coHosted, registry: { ...coHosted.registry, [wdsParametersKey]: { UdpStartPort: 64001, UdpEndPort: 64010 } } },
    { ...coHosted, registry: { ...coHosted.registry, [wdsParametersKey]: { UdpStartPort: 65000, UdpEndPort: 64001 } } },
  ],
  'tftp-read-filter': [
    { ...coHosted, registry: { ...coHosted.registry, [wdsTftpKey]: { ReadFilter: ['\\tmp\\*', 'tmp\\*'] } } },
    { ...coHosted, registry: { ...coHosted.registry, [wdsTftpKey]: { ReadFilter: ['\\boot\\*'] } } },
  ],
  'bind-policy': [
    {
      ...coHosted,
      registry: { [wdsKey]: { UseDHCPPorts: 0, BindPolicy: 0, BindInterfaces: ['192.168.77.10'] } },
    },
    { ...coHosted, registry: { [wdsKey]: { UseDHCPPorts: 0, BindPolicy: 1, BindInterfaces: ['10.9.9.9'] } } },
  ],
  'tftp-blocks-too-large': [
    { ...coHosted, registry: { ...coHosted.registry, [wdsTftpKey]: { MaximumBlockSize: 16384 } } },
    {
      services: { SccmPxe: 'running' },
      registry: { [dpKey]: { RamDiskTFTPBlockSize: 8192 } },
    },
  ],
  'two-pxe-services': [
    {
      ...coHosted,
      services: { ...together, SccmPxe: 'running' },
      registry: { ...coHosted.registry, [dpKey]: { DoNotListenOnDhcpPort: 1 } },
    },
  ],
  'foreign-owner': [{ ...coHosted, udp: [['0.0.0.0', 69, 'tftpd64.exe']] }],
}

describe('the MTU of its interfaces', () => {
  const [large] = faulty['tftp-blocks-too-large']
  const facts = windowsServer(large!)
  const withMtus = (...mtus: (number | undefined)[]) =>
    diagnose({ ...facts, interfaces: { ...facts.interfaces!, value: mtus.map((mtu, at) => ({ name: `eth${at}`, address: `192.168.77.${at + 1}`, prefixLength: 24, ...(mtu === undefined ? {} : { mtu }) })) } }).findings.find((one) => one.id === 'tftp-blocks-too-large') // prettier-ignore

  test('decides whether blocks travel in fragments, and where it is unknown nothing is accused', () => {
    expect(withMtus(1500)).toMatchObject({
      severity: 'warning',
      title: 'TFTP blocks are larger than an Ethernet frame',
    })
    expect(withMtus(17_000)).toBeUndefined()
    for (const mtus of [[undefined], [17_000, undefined]]) {
      const told = withMtus(...mtus)
      expect(told).toMatchObject({ severity: 'note', title: 'TFTP blocks may be larger than an Ethernet frame' })
      expect(told!.says).toContain('the MTU of this server is unknown')
    }
  })

  test('as ifconfig of macOS prints it', () => {
    const printed =
      'lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384\n\tinet 127.0.0.1 netmask 0xff000000\nen0: flags=8863<UP,BROADCAST> mtu 1400\n\tether 02:00:00:00:00:01\n'
    expect([...mtusIn(printed)]).toEqual([
      ['lo0', 16384],
      ['en0', 1400],
    ])
    expect([...mtusIn('')]).toEqual([])
  })
})

describe('a server that is right', () => {
  test.each(Object.entries(clean))('%s', (name, server) => {
    const diagnosis = diagnose(windowsServer(server))
    expect(diagnosis.findings).toEqual([])
    expect(diagnosis).toMatchObject({ health: 'healthy', unknown: [] })
    expect(diagnosis.verdict).toMatch(name === 'a server without boot services' ? /^No DHCP or PXE service is installed here: / : /^Nothing is wrong on SRV1: /) // prettier-ignore
  })
})

describe('a server that is wrong has this finding and no other', () => {
  test.each(
    findingIds.flatMap((id) =>
      id === 'ports-need-rights' ||
      id === 'ports-redirected' ||
      id === 'clients-do-not-boot' ||
      id === 'dhcpv6-port-held' ||
      id === 'dhcpv6-firewall-closed'
        ? []
        : faulty[id].map((server, index) => [id, index + 1, server] as const),
    ),
  )('%s, %i', (id, _, server) => {
    const { findings, health, verdict } = diagnose(windowsServer(server))
    expect(findings.map((one) => one.id)).toEqual([id])
    const [finding] = findings
    const isNote = finding!.severity === 'note'
    expect(health).toBe(isNote ? 'healthy' : 'findings')
    if (!isNote) expect(verdict).toBe(`${finding!.title}.`)
    expect(finding!.evidence.length).toBeGreaterThan(0)
    // Evidence quotes what a command printed.
    const { sources } = windowsServer(server)
    for (const { says, source, raw } of finding!.evidence) {
      expect(says).toMatch(/\w{2}/)
      expect(Object.keys(sources)).toContain(source)
      if (raw !== undefined) expect(sources[source]!.output).toContain(raw)
    }
    expect(finding!.reference).toMatch(/^(https:\/\/|Microsoft,? |RFC \d|PXE 2\.1 section \d|\S+\(\d\))/)
    // What is to be done can be undone.
    if (finding!.remedy && finding!.remedy.commands.length + finding!.remedy.undo.length > 0) {
      expect(finding!.remedy.commands.length).toBeGreaterThan(0)
      expect(finding!.remedy.undo.length).toBeGreaterThan(0)
    }
  })

  test.each([
    ['the profile of the network', { ...coHosted, profiles: ['' as const], firewall: [...pxePorts('|Profile=Domain'), open68] }, /by the profile of its network/],
    ['what an address of a relay agent is to a rule', { ...coHosted, scopes: ['10.2.0.0'], firewall: [...pxePorts('|RA4=LocalSubnet', [67]), ...pxePorts('', [69, 4011]), open68] }, /UDP 67 in from every client/],
    ['what Intranet is', { ...coHosted, firewall: [...pxePorts('|RA42=Intranet', [69]), ...pxePorts('', [67, 4011]), open68] }, /UDP 69 in/],
    ['a rule that is about some interfaces', { ...coHosted, firewall: [...pxePorts('|IFType=Lan', [69]), ...pxePorts('', [67, 4011]), open68] }, /UDP 69 in/],
    ['whether a rule blocks here', { ...coHosted, profiles: ['' as const], firewall: [...pxePorts(''), open68, 'v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|Profile=Public|LPort=69|Name=No|'] }, /UDP 69 in/],
  ])('%s is not known: no fault, and no all-clear', (_, server, told) => {
    const { findings, health, unknown, prediction, checks } = diagnose(windowsServer(server))
    expect(findings).toEqual([])
    expect(health).toBe('unknown')
    expect(unknown.join()).toMatch(told)
    expect(prediction!.cells.edk2.state).toBe('unknown')
    expect(checks.find((one) => one.title === 'The firewall allows the boot ports inbound')!.state).toBe('unknown')
  }) // prettier-ignore

  /** Boot programs of WDS by folder. */
  const programs = (...folders: readonly string[]): string[] => ['Q|False', 'B|31124|6.3||Boot\\x86\\wdsnbp.com', ...folders.map((one) => `B|1410000|10.0|CN=Windows UEFI CA 2023|Boot\\${one}\\wdsmgfw.efi`)] // prettier-ignore
  const arm = (...options: readonly string[]): string[] => ['K|Vendor|PXEClient:Arch:00011|ARM', 'P|192.168.77.0|1|True|Or|arm', 'C|192.168.77.0|VendorClass|EQ,ARM*|arm', ...options.map((one) => `O|192.168.77.0|${one}|arm`)] // prettier-ignore
  const judged = (more: Partial<WindowsServer>) => diagnose(windowsServer({ ...coHosted, ...more }))

  test('of several certificates some that have ended are noted, for which one counts is not told; of none nothing is known', () => {
    const point = (...more: string[]) => diagnose(windowsServer({ services: { SccmPxe: 'running' }, more: ['Q|False', ...more] })) // prettier-ignore
    const [ended, good] = ['X|133801632000000000|CN=old', 'X|143801632000000000|CN=new'] as const
    expect(point(ended, good)).toMatchObject({ findings: [{ id: 'certificate-expired', severity: 'note' }], health: 'healthy', prediction: { boots: true } }) // prettier-ignore
    expect(point(ended).prediction!.cells.edk2).toMatchObject({ state: 'failed', because: expect.stringMatching(/certificate/) }) // prettier-ignore
    expect(point()).toMatchObject({ findings: [], health: 'unknown' })
  })

  test('UDP 68 is needed where authorisation is asked for: a warning where it stands, not known where that is not', () => {
    const closed = (more: Partial<WindowsServer>) => diagnose(windowsServer({ ...coHosted, firewall: pxePorts(''), ...more })) // prettier-ignore
    expect(closed({})).toMatchObject({ findings: [{ id: 'firewall-closed', severity: 'warning' }], prediction: { boots: true } }) // prettier-ignore
    expect(closed({ authorised: [] })).toMatchObject({ findings: [{ severity: 'warning' }], prediction: { cells: { edk2: { state: 'unknown' } } } }) // prettier-ignore
    expect(closed({ domain: '', authorised: [] }).findings).toEqual([])
    expect(closed({ registry: { ...coHosted.registry, [dhcpParametersKey]: { DisableRogueDetection: 1 } } }).findings).toEqual([]) // prettier-ignore
    expect(closed(wdsAlone).findings).toEqual([])
  })

  test('a failover partner has what belongs to its scopes; what belongs to the server it may have or not', () => {
    const scopes = ['192.168.77.0', '10.2.0.0']
    expect(judged({ more: ['Q|False', partner('192.168.77.0')] })).toMatchObject({ findings: [], health: 'unknown', unknown: [expect.stringMatching(/dhcp2\.corp\.example sends option 60/)] }) // prettier-ignore
    // Option 60 of a scope that is in no relationship is no matter of the partner.
    const apart = judged({ scopes, options: scopes.map((one) => `Scope ${one} ${one === '10.2.0.0' ? option60 : 'set optionvalue 3 IPADDRESS "10.1.1.1" '}`), more: ['Q|False', partner('192.168.77.0')] }) // prettier-ignore
    expect(apart.findings.map((one) => one.id)).toEqual(['option-60-missing'])
  })

  test('architectures that nothing here is for are not judged, and that is said', () => {
    const { verdict, health, prediction } = judged({ more: programs('x64') })
    expect(prediction!.clients).toEqual(['bios', 'edk2', 'edk2-2016', 'ipxe'])
    expect(health).toBe('healthy')
    expect(verdict).toMatch(/This server has nothing for UEFI ARM64 \(EDK2\) and UEFI x86 \(EDK2\), so these clients were not checked\.$/) // prettier-ignore
  })

  test('an architecture that the server has a program for is judged in every scope', () => {
    const good = judged({ more: programs('x64', 'arm64', 'x86') })
    expect(good.prediction!.clients).toContain('edk2-arm64')
    expect(good).toMatchObject({ health: 'healthy', prediction: { boots: true } })
    expect(good.verdict).not.toMatch(/not checked/)
    const wrong = judged({ more: programs('x64', 'arm64'), policies: arm('60|no PXE') })
    expect(wrong.findings).toMatchObject([{ id: 'option-60-wrong', severity: 'error' }])
    expect(wrong.prediction!.cells).toMatchObject({ edk2: { state: 'booted' }, 'edk2-arm64': { state: 'failed' } })
  })

  test('a policy of an architecture without its program is a fault; without a look at the files it is not known', () => {
    const missing = judged({ more: programs('x64'), policies: arm('60|PXEClient') })
    expect(missing.findings).toMatchObject([{ id: 'boot-files-missing', severity: 'error', title: 'The server has no boot program for UEFI ARM64 (arm64\\wdsmgfw.efi)' }]) // prettier-ignore
    expect(missing.prediction!.cells['edk2-arm64']!.state).toBe('failed')
    const unseen = judged({ policies: arm('60|PXEClient') })
    expect(unseen).toMatchObject({ findings: [], health: 'unknown' })
    expect(unseen.unknown.join()).toMatch(/boot program for UEFI ARM64/)
    // A policy of every machine is about no architecture.
    expect(judged({ policies: ['P||1|True|Or|all', 'C||MacAddress|EQ,*|all', 'O||60|PXEClient|all'] }).health).toBe('healthy') // prettier-ignore
  })

  test.each([
    ['nobody was asked', {}, /whether Active Directory lists the DHCP server/],
    ['no directory server was reached', { events: [dhcpEvent(1059)] }, /event 1059 says that it reached no directory server/],
    ['a server of a workgroup met one of a domain', { domain: '', events: [dhcpEvent(1052)] }, /event 1052/],
  ])('authorisation: %s: no fault, and no all-clear', (_, more, told) => {
    const { findings, health, unknown, checks, prediction } = diagnose(windowsServer({ ...coHosted, authorised: [], ...more })) // prettier-ignore
    expect(findings).toEqual([])
    expect(health).toBe('unknown')
    expect(unknown.join()).toMatch(told)
    expect(checks.find((one) => one.title === 'The DHCP server is authorised')!.state).toBe('unknown')
    expect(prediction!.assumes.join()).toMatch(/whether Active Directory lets it is not known/)
  }) // prettier-ignore

  test('a name on the list of Active Directory that has another address is no proof of either', () => {
    const sources = windowsSources(coHosted)
    const output = 'Server [srv1.corp.example] Address [10.9.9.9] Ds location: cn=srv1.corp.example'
    const facts = { ...windowsServer(coHosted), dhcpAuthorised: undefined }
    const read = windowsFacts({ ...sources, 'dhcp-authorised': { command: 'netsh', output } })
    expect(read.dhcpAuthorised).toBeUndefined()
    expect(diagnose({ ...facts, ...read })).toMatchObject({ findings: [], health: 'unknown' })
  })

  test('where another host gives addresses a rule about the own subnet is noted', () => {
    const server = { ...clean['WDS alone']!, firewall: [...pxePorts('', [67, 68]), ...pxePorts('|RA4=LocalSubnet', [69, 4011])] } // prettier-ignore
    const { findings, health } = diagnose(windowsServer(server))
    expect(findings).toMatchObject([{ severity: 'note', title: 'The firewall lets UDP 69 and 4011 in from the subnet of this server only' }]) // prettier-ignore
    expect(health).toBe('healthy')
  })

  test('a closed firewall says where, by which profile, and what opens it', () => {
    const [byProfile, bySender, byAddress] = faulty['firewall-closed'].slice(3).map((one) => diagnose(windowsServer(one)).findings[0]!) // prettier-ignore
    expect(byProfile!.says).toMatch(/"PXE 67".* appl(?:y|ies) to the domain and private profile, and the network of Ethernet 0 is public/) // prettier-ignore
    expect(byProfile!.remedy!.commands[0]).toBe('netsh advfirewall firewall add rule name=PXE-UDP-67 dir=in action=allow protocol=UDP localport=67') // prettier-ignore
    expect(bySender!.title).toBe('The firewall blocks UDP 69 and 4011 inbound from scope 10.2.0.0 (clients)')
    expect(bySender!.says).toMatch(/lets? only LocalSubnet in, and these clients are behind a router/)
    expect(byAddress!.title).toBe('The firewall blocks UDP 69 and 4011 inbound')
    const [all, merge] = faulty['firewall-closed'].slice(7).map((one) => diagnose(windowsServer(one)).findings[0]!)
    expect(all!.remedy).toMatchObject({ commands: ['netsh advfirewall set domainprofile firewallpolicy blockinbound,allowoutbound'] }) // prettier-ignore
    expect(merge!.remedy).toMatchObject({ commands: [], says: expect.stringContaining('group policy') })
  })

  test.each([
    [49, ['tftp-port-range']],
    [50, []],
  ])('a range of %i ports', (count, ids) => {
    const range = { UdpStartPort: 64_001, UdpEndPort: 64_000 + count }
    const { findings } = diagnose(
      windowsServer({ ...coHosted, registry: { ...coHosted.registry, [wdsParametersKey]: range } }),
    )
    expect(findings.map((one) => one.id)).toEqual(ids)
  })

  test('the remedy for a narrow range is the range that WDS is installed with', () => {
    const [server] = faulty['tftp-port-range']
    const { commands } = diagnose(windowsServer(server!)).findings[0]!.remedy!
    expect(commands.join('\n')).toMatch(/UdpStartPort .*64001\b[^]*UdpEndPort .*65000\b/)
  })

  test('of two networks one that the bind policy leaves out is noted, and is no fault', () => {
    const { findings, health } = diagnose(
      windowsServer({
        ...coHosted,
        addresses: ['192.168.77.10', '10.1.1.10'],
        registry: { [wdsKey]: { UseDHCPPorts: 0, BindPolicy: 1, BindInterfaces: ['10.1.1.10'] } },
      }),
    )
    expect(findings).toMatchObject([{ id: 'bind-policy', severity: 'note', title: 'WDS answers on 10.1.1.10 only' }])
    expect(health).toBe('healthy')
  })

  test('the evidence carries the lines it stands in', () => {
    const { findings } = diagnose(windowsServer(faulty['both-want-67'][1]!))
    expect(findings[0]!.evidence).toContainEqual({
      says: `${wdsKey}\\UseDHCPPorts is 1`,
      source: 'registry-wdspxe',
      raw: 'UseDHCPPorts    REG_DWORD    0x1',
    })
    expect(findings[0]!.remedy).toMatchObject({
      says: expect.stringContaining('wdsutil /Set-Server /UseDHCPPorts:No /DHCPOption60:Yes'),
      commands: [
        `reg add ${wdsKey} /v UseDHCPPorts /t REG_DWORD /d 0 /f`,
        'netsh dhcp server \\\\SRV1 add optiondef 60 PXEClient STRING 0 comment=PXE',
        'netsh dhcp server \\\\SRV1 set optionvalue 60 STRING PXEClient',
        'net stop WDSServer',
        'net start WDSServer',
      ],
    })
  })

  test('every remedy that writes a value starts the service again that reads it when it starts', () => {
    const readers: Readonly<Record<string, RegExp>> = { [wdsKey]: /^WDSServer$/, [wdsTftpKey]: /^WDSServer$/, [wdsParametersKey]: /^WDSServer$/, [dpKey]: /^(SccmPxe|WDSServer)$/ } // prettier-ignore
    let written = 0
    for (const server of Object.values(faulty).flat())
      for (const { id, remedy } of diagnose(windowsServer(server)).findings) {
        for (const [index, change] of (remedy?.changes ?? []).entries()) {
          if (change.kind !== 'registry') continue
          const after = remedy!.changes.slice(index + 1).flatMap((one) => (one.kind === 'restart' ? one.name : []))
          expect({ id, restarted: after.some((name) => readers[change.key]!.test(name)) }).toEqual({ id, restarted: true }) // prettier-ignore
          written++
        }
        // By hand as well.
        const commands = remedy?.commands ?? []
        const last = commands.findLastIndex((one) => one.startsWith('reg add '))
        if (last >= 0) expect(commands.slice(last + 1).join(';'), id).toMatch(/net start \w+/)
      }
    expect(written).toBeGreaterThan(8)
  })

  test('undo of a value that was absent deletes it', () => {
    const { findings } = diagnose(windowsServer(faulty['both-want-67'][0]!))
    expect(findings[0]!.remedy!.undo[0]).toBe(`reg delete ${wdsKey} /v UseDHCPPorts /f`)
  })
})

/** The rows whose every value this server can tell: of a DHCP server elsewhere the options are not known. */
const tellable = allRows().filter(
  ({ dhcp, pxe, option60: value, files, listen, service }) =>
    pxe !== 'elsewhere' &&
    (dhcp === 'this' || (dhcp === 'other' && value === 'unset' && files === 'unset')) &&
    (pxe !== 'none' || (listen === 'default' && service === 'running')),
)

function serverOfRow(row: MatrixRow): WindowsServer {
  const name = row.pxe === 'SccmPxe' ? 'SccmPxe' : 'WDSServer'
  const value = row.listen === 'default' ? {} : row.listen === '0' ? 0 : 1
  const has = row.pxe !== 'none'
  return {
    services: {
      ...(row.dhcp === 'this' ? { DHCPServer: 'running' } : {}),
      ...(has ? { [name]: row.service } : {}),
    },
    registry:
      typeof value === 'number'
        ? row.pxe === 'SccmPxe'
          ? { [dpKey]: { DoNotListenOnDhcpPort: value } }
          : { [wdsKey]: { UseDHCPPorts: value } }
        : {},
    options: [
      ...(row.option60 === 'server'
        ? [option60]
        : row.option60 === 'left-over'
          ? [`Scope 192.168.77.0 ${option60}`]
          : []),
      ...(row.files === 'set'
        ? ['set optionvalue 66 STRING "192.168.77.10" ', 'set optionvalue 67 STRING "boot\\x86\\wdsnbp.com" ']
        : []),
    ],
    udp: [
      ...(row.dhcp === 'this' || has
        ? [['0.0.0.0', 67, has && row.starts === 'first' ? name : 'DHCPServer'] as const]
        : []),
      ...(has && row.service === 'running' ? [69, 4011].map((port) => ['0.0.0.0', port, name] as const) : []),
    ],
  }
}

describe('every row of the co-hosting matrix that a server can tell', () => {
  test.each(tellable.map((row) => [keyOfRow(row), row] as const))('%s', (_, row) => {
    const diagnosis = diagnose(windowsServer(serverOfRow(row)))
    const expected = row.pxe === 'none' ? { ...row, starts: 'second' } : row
    expect(diagnosis.row).toEqual(
      row.pxe === 'none' ? expect.objectContaining({ dhcp: row.dhcp, pxe: 'none' }) : expected,
    )
    if (row.pxe === 'none') return
    const outcomes = (cells: Readonly<Record<string, { state: string; code: string }>>) => Object.fromEntries(Object.entries(cells).map(([client, { state, code }]) => [client, `${state} ${code}`])) // prettier-ignore
    expect(outcomes(diagnosis.prediction!.cells)).toEqual(outcomes(computeEntry(row).cells))
    const boots = (['first', 'second'] as const).every((starts) => computeEntry({ ...row, starts }).boots)
    const serious = diagnosis.findings.filter((one) => one.severity !== 'note')
    // What the simulation boots in either order is healthy; what it does not boot has a finding that says why.
    if (boots && row.files === 'unset') expect(serious).toEqual([])
    if (!boots) expect(serious).not.toEqual([])
  })
})

describe('what is not known', () => {
  test.each(Object.keys(windowsCommands))('without %s nothing is assumed, and nothing fails', (name) => {
    const { [name]: _, ...rest } = windowsSources(coHosted)
    const { health, findings, checks } = diagnose(
      factsSchema.parse({ ...windowsServer(coHosted), ...cleared, sources: rest, ...windowsFacts(rest) }),
    )
    expect(findings).toEqual([])
    if (name.startsWith('service-')) expect(health).toBe('unknown')
    const state = (title: string) => checks.find((one) => one.title === title)?.state
    if (name === 'processes') expect(state('No other program uses the boot ports')).toBe('unknown')
    if (name === 'registry-wdspxe') expect(state('Only one service uses UDP 67')).toBe('unknown')
  })

  test('a denied registry is unknown, an empty key is a default', () => {
    const sources = windowsSources({ ...coHosted, registry: {} })
    expect(windowsFacts(sources).registry?.value).toContainEqual({ key: wdsKey, name: 'UseDHCPPorts', data: null })
    const denied = {
      ...sources,
      'registry-wdspxe': { command: 'reg.exe', output: 'FEHLER: Zugriff verweigert', problem: 'reg.exe ended with 1' },
    }
    expect(windowsFacts(denied).registry?.value.some((one) => one.key === wdsKey)).toBe(false)
    const facts = factsSchema.parse({
      ...windowsServer(coHosted),
      ...cleared,
      sources: denied,
      ...windowsFacts(denied),
    })
    const judged = diagnose(facts)
    expect(judged).toMatchObject({ health: 'unknown', row: undefined })
    expect(judged.checks.find((one) => one.title === 'Only one service uses UDP 67')!.state).toBe('unknown')
  })
})

/** Takes the facts away, so that only what the sources tell is there. */
const cleared = {
  interfaces: undefined,
  udp: undefined,
  services: undefined,
  registry: undefined,
  dhcpOptions: undefined,
  dhcpAuthorised: undefined,
  firewall: undefined,
}

describe('reading', () => {
  test.each(['de', 'fr', 'ja'] as const)('the tools in another language tell the same: %s', (language) => {
    for (const server of [...Object.values(clean), ...Object.values(faulty).flat()]) {
      const { sources: ours, ...english } = windowsServer(server)
      const { sources: theirs, ...other } = windowsServer({ ...server, language })
      expect(theirs.udp).not.toEqual(ours.udp)
      expect(other).toEqual(english)
    }
  })

  test('policies, values of a class and other options do not mix', () => {
    const facts = windowsServer({
      ...coHosted,
      options: [option60, 'set optionvalue 60 STRING user="iPXE" "x"', 'set optionvalue 3 IPADDRESS "192.168.77.1"'],
      policies: ['UEFI x64|67|boot\\x64\\wdsmgfw.efi'],
    })
    expect(facts.dhcpOptions?.value).toEqual([
      { level: 'server', at: '', option: 60, value: ['PXEClient'] },
      { level: 'server', at: '', option: 60, value: ['x'], userClass: 'iPXE' },
      { level: 'policy', at: 'UEFI x64', option: 67, value: ['boot\\x64\\wdsmgfw.efi'] },
    ])
  })

  test('outputs cut off and garbled at random never throw, and what comes out is of the right shape', () => {
    const random = randomFor(7, 'outputs')
    const below = (limit: number): number => Math.floor(random() * limit)
    const servers = Object.values(faulty).flat()
    for (let round = 0; round < 400; round++) {
      const sources = windowsSources(servers[round % servers.length]!)
      for (const source of Object.values(sources)) {
        if (below(3) > 0) continue
        const cut = below(source.output.length + 1)
        source.output =
          below(2) === 0
            ? source.output.slice(0, cut)
            : `${source.output.slice(0, cut)}${String.fromCharCode(below(0x3000))}${source.output.slice(cut + below(20))}`
      }
      const facts = factsSchema.parse({
        version: 1,
        collectedAt: '2026-01-02T03:04:05Z',
        host: 'SRV1',
        system: 'windows',
        sources,
        ...windowsFacts(sources),
      })
      expect(diagnose(facts).verdict).not.toBe('')
    }
  })

  test('a program that was signed in 2023 as well is not said to stop with the authority of 2011', () => {
    const file = (name: string, ...issuers: string[]): string => `B|950000||${issuers.map((one) => `CN=${one}, O=Microsoft`).join(';')}|Boot\\x64\\${name}.efi` // prettier-ignore
    const [old, both, windows] = [
      file('old', 'Microsoft Corporation UEFI CA 2011'),
      file('both', 'Microsoft Corporation UEFI CA 2011', 'Microsoft UEFI CA 2023'),
      file('wdsmgfw', 'Microsoft Windows Production PCA 2011'),
    ]
    const found = (...files: string[]) => diagnose(windowsServer({ ...coHosted, more: ['Q|False', ...files] })).findings.find((one) => one.id === 'boot-programs-signed-2011') // prettier-ignore
    expect(found(both)).toBeUndefined()
    // That of others is revoked by nobody.
    expect(found(old, both)).toMatchObject({
      title: 'A boot program is signed by the 2011 authority alone',
      says: expect.stringMatching(/KB5025885 does not revoke this authority.*One more bears a signature of 2023/),
    })
    expect(found(windows, old)?.title).toBe('2 boot programs stop where the 2011 authority is revoked')
  })

  test('the script runs the same commands under the same names', () => {
    const script = readFileSync(new URL('../../resources/collect-facts.ps1', import.meta.url), 'utf8')
    const lines = [...script.matchAll(/^Add-Source (.*)$/gm)].map(([, rest = '']) =>
      [...rest.matchAll(/'([^']*)'/g)].map((match) => match[1]),
    )
    const commands = Object.entries(windowsCommands)
    const isInside = ([, [program]]: (typeof commands)[number]): boolean => program === 'powershell.exe'
    expect(lines).toEqual(commands.filter((one) => !isInside(one)).map(([name, values]) => [name, ...values]))
    // What needs PowerShell it does itself.
    for (const [name] of commands.filter(isInside)) expect(script).toContain(`Add-Lines '${name}' {`)
  })

  test('a file of the script, which has no facts but outputs, is judged like one of the doctor', () => {
    const written = { ...windowsServer(coHosted), ...cleared }
    const read = readFacts(`\uFEFF${JSON.stringify(written)}`)
    expect(read).toMatchObject({ ok: true })
    if (read.ok) expect(diagnose(read.facts)).toEqual(diagnose(windowsServer(coHosted)))
  })

  test.each<[string, RegExp]>([
    ['{', /^it is no JSON/],
    ['{}', /^version /],
    [JSON.stringify({ ...windowsServer(coHosted), version: 3 }), /^version .*\(it is 3\)/],
    [JSON.stringify({ ...windowsServer(coHosted), udb: 1 }), /^udb is no key of a facts file.*Did you mean udp\?/],
  ])('%.20s is refused with the field and the remedy', (text, told) => {
    const read = readFacts(text)
    expect(read.ok).toBe(false)
    if (!read.ok) expect(read.problems[0]).toMatch(told)
  })
})

describe('a machine of another system', () => {
  test('systemctl show: units that are there, with their state and how they start', () => {
    const text =
      'Id=dnsmasq.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\nId=kea-dhcp4-server.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n\nId=tftpd-hpa.service\nLoadState=loaded\nActiveState=failed\nUnitFileState=disabled\n\nId=atftpd.service\nLoadState=masked\nActiveState=inactive\nUnitFileState=masked\n'
    expect(parseSystemctl(text)).toEqual([
      { name: 'dnsmasq', state: 'running', start: 'auto' },
      { name: 'tftpd-hpa', state: 'stopped', start: 'manual' },
    ])
  })

  test('the lab that looks is no stranger to itself', () => {
    const { findings, verdict } = diagnose(
      factsSchema.parse({
        version: 1,
        collectedAt: '2026-01-02T03:04:05Z',
        host: 'lab',
        system: 'linux',
        sources: {},
        udp: { value: [{ address: '0.0.0.0', port: 67, pid: 12, process: 'pxe-lab', isOwn: true }], source: 'udp' },
        services: { value: [], source: 'services' },
        firewall: { value: { isOn: false, rules: [] }, source: 'firewall' },
        lowPorts: { value: true, source: 'low-ports' },
      }),
    )
    expect(findings).toEqual([])
    expect(verdict).toBe('No fault was found on lab: PXE Lab answers on its ports.')
  })

  test('whoever holds the boot ports is named, and is no fault there', () => {
    const facts = factsSchema.parse({
      version: 1,
      collectedAt: '2026-01-02T03:04:05Z',
      host: 'lab',
      system: 'linux',
      sources: { udp: { command: '/proc/net/udp', output: 'UDP 0.0.0.0:67 12 dnsmasq dnsmasq' } },
      udp: {
        value: [{ address: '0.0.0.0', port: 67, pid: 12, process: 'dnsmasq', services: ['dnsmasq'] }],
        source: 'udp',
      },
      services: { value: [{ name: 'dnsmasq', state: 'running', start: 'auto' }], source: 'services' },
      firewall: { value: { isOn: false, rules: [] }, source: 'firewall' },
      lowPorts: { value: true, source: 'low-ports' },
    })
    const { findings, health } = diagnose(facts)
    expect(health).toBe('healthy')
    expect(findings).toMatchObject([
      {
        id: 'foreign-owner',
        severity: 'note',
        title: 'dnsmasq holds UDP port 67',
        remedy: { commands: ['sudo systemctl stop dnsmasq', 'sudo systemctl disable dnsmasq'] },
      },
    ])
  })
})

describe('a firewall without connection tracking, before the TFTP server of a lab on Linux', () => {
  const boot = { name: 'boot', action: 'allow', protocol: 'udp', ports: [[67, 67], [69, 69], [4011, 4011], [50_000, 50_100]] } // prettier-ignore
  const titles = (letsAnswersIn: boolean, transferPorts?: [number, number]): string[] => {
    const facts = factsSchema.parse({
      version: 1,
      system: 'linux',
      collectedAt: '2026-11-25T12:00:00Z',
      host: 'lab',
      isElevated: true,
      sources: {
        firewall: { command: 'nft', output: '{"hook": "input"}' },
        udp: { command: 'udp', output: '' },
        services: { command: 'systemctl', output: '' },
      },
      udp: { source: 'udp', value: [67, 69, 4011].map((port) => ({ address: '0.0.0.0', port, process: 'node' })) },
      services: { source: 'services', value: [] },
      firewall: { source: 'firewall', value: { isOn: true, rules: [boot], letsAnswersIn } },
      ...(transferPorts ? { transferPorts } : {}),
    })
    return diagnose(facts)
      .findings.filter((one) => one.id === 'firewall-closed')
      .map((one) => one.title)
  }
  test('only the ports of boot services let in: every transfer dies, unless its ports are let in as well', () => {
    expect(titles(false)).toEqual(['The firewall drops what clients answer to TFTP transfers (UDP 32768 to 60999)'])
    expect(titles(false, [40_000, 40_100])).toEqual(['The firewall drops what clients answer to TFTP transfers (UDP 40000 to 40100)']) // prettier-ignore
    expect([titles(true), titles(false, [50_000, 50_100]), titles(false, [69, 69])]).toEqual([[], [], []])
  })
})

describe('rules that redirect ports on Linux', () => {
  const facing = (redirects: readonly object[], process = 'dnsmasq', interfaces = ['eth0', 'docker0']) =>
    diagnose(
      factsSchema.parse({
        version: 2,
        system: 'linux',
        collectedAt: '2026-11-27T12:00:00Z',
        host: 'lab',
        isElevated: true,
        sources: { firewall: { command: 'nft', output: '{"hook": "prerouting"}' }, udp: { command: 'ss', output: '' }, services: { command: 'systemctl', output: '' }, interfaces: { command: 'ip', output: '' } },
        interfaces: { source: 'interfaces', value: interfaces.map((name, index) => ({ name, address: `10.0.${index}.1`, prefixLength: 24 })) },
        udp: { source: 'udp', value: [67, 69].map((port) => ({ address: '0.0.0.0', port, process })) },
        services: { source: 'services', value: [] },
        firewall: { source: 'firewall', value: { isOn: false, rules: [], letsAnswersIn: true, redirects } },
      }),
    )
  const told = (...values: Parameters<typeof facing>) => {
    const { findings, checks } = facing(...values)
    const found = findings.filter(({ id }) => id === 'ports-redirected').map(({ title, says, evidence }) => [title, says, evidence[0]!.says].join(' | '))
    const { state } = checks.find(({ title }) => title === 'No firewall rule redirects the boot ports')!
    return found.length > 0 ? found : state
  }
  const rule = (ports: [number, number][], more: object = {}) => ({ name: 'x', ports, to: '10.0.1.9:69', ...more })

  test('what is listened for here and goes elsewhere is told with where it goes', () => {
    expect(told([rule([[69, 69]], { except: ['docker0'], isUnicast: true })])).toEqual([
      'The firewall redirects UDP 69 | What clients send to UDP 69 by eth0 goes elsewhere. The program that listens there on this machine does not get it. | rule "x" redirects UDP 69 to 10.0.1.9:69',
    ])
    expect(told([rule([[0, 65_535]], { to: '', interfaces: ['eth0'] })])).toEqual([expect.stringMatching(/^The firewall redirects UDP 67 and 69 \| .* \| rule "x" redirects UDP 67 and 69$/)])
    expect(facing([rule([[69, 69]])]).findings.find(({ id }) => id === 'ports-redirected')).toMatchObject({ severity: 'warning', remedy: { changes: [] } })
  })

  test('nobody is accused of what changes nothing, or may be about others', () => {
    expect(told([])).toBe('passed')
    // Another port, another interface, the same port of this machine, nobody who listens there.
    expect(told([rule([[68, 68], [4011, 4011]]), rule([[69, 69]], { interfaces: ['eth9'] }), rule([[69, 69]], { to: '10.0.0.1:69' }), rule([[69, 69]], { to: ':69' }), rule([[69, 69]], { to: '10.0.0.1' })])).toBe('passed')
    // Kea and dhcpd read the card itself.
    expect(told([rule([[67, 67]])], 'kea-dhcp4')).toBe('passed')
    expect(told([rule([[67, 67]])], 'dhcpd')).toBe('passed')
    // Machines without an address ask everybody, and a rule about some is not about all.
    expect(told([rule([[67, 67]], { isUnicast: true })])).toBe('unknown')
    expect(told([rule([[69, 69]], { isBound: true })])).toBe('unknown')
    expect(told([rule([[69, 69]])], 'dnsmasq', [])).toBe('unknown')
  })
}) // prettier-ignore

describe('a lab that answers over IPv6', () => {
  type Holder = readonly [address: string, process: string, services?: readonly string[]]
  const rule = (ports: [number, number][], more: object = {}) => ({ name: 'x', action: 'allow', protocol: 'udp', ports, ...more }) // prettier-ignore
  const linux = (holders: readonly Holder[], ipv6: object | undefined, ipv6Ports?: number[]) =>
    diagnose(
      factsSchema.parse({
        version: 2,
        system: 'linux',
        collectedAt: '2026-11-25T12:00:00Z',
        host: 'lab',
        isElevated: true,
        sources: { firewall: { command: 'nft', output: '{"hook": "input"}' }, udp: { command: 'udp', output: '' } },
        udp: {
          source: 'udp',
          value: holders.map(([address, process, services = []]) => ({ address, port: 547, pid: 7, process, services })),
        },
        services: { source: 'services', value: [] },
        firewall: { source: 'firewall', value: { isOn: false, rules: [], letsAnswersIn: true, ...(ipv6 ? { ipv6 } : {}) } },
        lowPorts: { source: 'low-ports', value: true },
        ...(ipv6Ports ? { ipv6Ports } : {}),
      }),
    ) // prettier-ignore
  const open = { isOn: false, rules: [] }
  const said = (told: ReturnType<typeof diagnose>) => told.findings.map((one) => `${one.severity} ${one.id}: ${one.title}`) // prettier-ignore

  test('whoever else has 547 is named, with what it is there for and how to end it', () => {
    const told = linux([['::', 'kea-dhcp6', ['kea-dhcp6-server']]], open, [547, 69])
    expect(said(told)).toEqual(['warning dhcpv6-port-held: kea-dhcp6-server holds UDP port 547, which the lab needs for DHCPv6']) // prettier-ignore
    expect(told.findings[0]!.says).toMatch(
      /^Typical purpose: gives IPv6 addresses\. Unless it is bound to another network interface/,
    )
    expect(told.findings[0]!.remedy!.commands).toEqual(['sudo systemctl stop kea-dhcp6-server', 'sudo systemctl disable kea-dhcp6-server']) // prettier-ignore
    expect(told.findings[0]!.remedy!.undo.length).toBeGreaterThan(0)
  })

  test('at one address it may be another network: a note', () => {
    expect(said(linux([['fe80::1', 'dnsmasq']], open, [547]))[0]).toMatch(/^note dhcpv6-port-held: dnsmasq/)
  })

  test('nobody is accused where the lab does not answer DHCPv6, has the port itself, or the holder is loopback alone', () => {
    const kea: Holder = ['::', 'kea-dhcp6']
    expect(said(linux([kea], open))).toEqual([])
    expect(said(linux([kea], open, [4011, 69]))).toEqual([])
    expect(said(linux([kea, ['::', 'pxe-lab']], open, [547]))).toEqual([])
    expect(said(linux([['::1', 'kea-dhcp6']], open, [547]))).toEqual([])
    expect(linux([], open).checks.filter((one) => /547|over IPv6/.test(one.title)).map((one) => one.state)).toEqual(['not-applicable', 'not-applicable']) // prettier-ignore
  })

  test('a firewall that closes IPv6 alone is told, with the chain that is to let it in, and how to take it back', () => {
    const closed = { isOn: true, rules: [rule([[69, 69]])], chain: 'ip6 filter input' }
    const told = linux([], closed, [547, 69])
    expect(said(told)).toEqual(['error dhcpv6-firewall-closed: The firewall blocks UDP 547 inbound over IPv6'])
    expect(told.findings[0]!.remedy!.commands).toEqual(['sudo nft insert rule ip6 filter input udp dport 547 accept comment PXE-UDP-547']) // prettier-ignore
    expect(told.findings[0]!.remedy!.changes).toEqual([{ kind: 'firewall', port: 547, family: 'ipv6' }])
    expect(said(linux([['::', 'kea-dhcp6']], closed))).toEqual(['warning dhcpv6-firewall-closed: The firewall blocks UDP 547 inbound over IPv6']) // prettier-ignore
    expect(said(linux([], closed))).toEqual([])
    expect(said(linux([], { ...closed, rules: [rule([[547, 547]]), rule([[69, 69]])] }, [547, 69]))).toEqual([])
  })

  test('what a rule lets in from some interfaces, and facts that do not tell of IPv6, leave it open', () => {
    const some = linux([], { isOn: true, rules: [rule([], { isBound: true })] }, [547])
    expect([said(some), some.unknown]).toEqual([[], ['whether the firewall lets UDP 547 in over IPv6 from every client']]) // prettier-ignore
    expect(linux([], undefined, [547]).unknown).toEqual(['whether the firewall lets IPv6 in'])
  })

  test('on Windows the DHCP server keeps to IPv4 by its binding, and WDS is not said to answer', () => {
    const windows = (service: string) =>
      diagnose({ ...windowsServer({ ...coHosted, udp: [...coHosted.udp!, ['[::]', 547, service]] }), ipv6Ports: [547, 69] }) // prettier-ignore
    const [dhcp] = windows('DHCPServer').findings
    expect(dhcp).toMatchObject({ id: 'dhcpv6-port-held', severity: 'warning' })
    expect(dhcp!.remedy!.commands.join()).toMatch(/Set-DhcpServerv6Binding -InterfaceAlias '.+' -BindingState \$false/)
    expect(dhcp!.remedy!.undo.join()).toMatch(/\$true/)
    expect(windows('WDSServer').findings[0]!.says).toMatch(/whether it answers machines there is not documented/)
    expect(diagnose(windowsServer({ ...coHosted, udp: [...coHosted.udp!, ['[::]', 547, 'DHCPServer']] })).findings).toEqual([]) // prettier-ignore
  })
})

test('who holds a port of clients is no server', () => {
  const held = (port: number, process: string, services: string[] = []) => spoken(whyHeld({ address: '::', port, process, services })) // prettier-ignore
  for (const port of [68, 546]) expect(held(port, 'systemd-network', ['systemd-networkd'])).toBe('asks for the address of this machine itself') // prettier-ignore
  expect(held(546, 'NetworkManager')).toBe('asks for the address of this machine itself')
  expect(held(67, 'systemd-network')).toMatch(/DHCPServer=yes/)
  expect(held(547, 'kea-dhcp6')).toBe('gives IPv6 addresses')
})

describe('why WDS does not start, from its events', () => {
  const stopped: WindowsServer = { ...coHosted, services: { ...together, WDSServer: 'stopped' }, udp: [['0.0.0.0', 67, 'DHCPServer']] } // prettier-ignore
  const at = '2026-01-02T03:00:00.0000000Z'
  test.each([
    ['0x2740', /a UDP port that it wants is taken \(10048\)/],
    ['0x271D', /reserved, or held exclusively/],
    ['0x36B1', /Visual C\+\+ runtime/],
    ['0x80092002', /certificate/],
    ['0xC1030136', /image store/],
    ['0x2', /is missing/],
    ['0x99', /event 257 \(WDSServer, 0x99\)\./],
  ])('%s', (code, told) => {
    const { findings } = diagnose(
      windowsServer({ ...stopped, events: [['Application', 'WDSServer', 257, at, code], ['Application', 'Other', 257, at, '0x5']] }), // prettier-ignore
    )
    expect(findings.map((one) => one.id)).toEqual(['pxe-service-stopped'])
    expect(findings[0]!.says).toMatch(told)
    expect(findings[0]!.evidence.map((one) => one.says).join()).toMatch(/WDSServer event 257/)
  })

  test('without events nothing is said about why', () => {
    const { findings } = diagnose(windowsServer(stopped))
    expect(findings[0]!.says).toBe('WDS does not run, but option 60 still sends clients to it.')
  })
})

describe('the verdict claims no health that was not looked at', () => {
  const bare = windowsServer({ services: {}, udp: [] })

  test('no service is installed', () => {
    const told = diagnose(bare)
    expect(told.verdict).toBe('No DHCP or PXE service is installed here: SRV1 answers no PXE clients, and UDP 67, 69 and 4011 are free.') // prettier-ignore
    expect(told.checks.filter(({ state }) => state === 'not-applicable').length).toBeGreaterThan(25)
  })

  test('a service of another system is named, and its configuration said not to be known', () => {
    const told = diagnose({
      ...bare,
      system: 'linux',
      services: { value: [{ name: 'dnsmasq', state: 'running', start: 'auto' }], source: 'services' },
      lowPorts: { value: true, source: 'lowPorts' },
    })
    expect(told.verdict).toMatch(/dnsmasq/)
    expect(told.verdict).not.toMatch(/as it should|Nothing is wrong/)
  })

  test('what is missing is said where nothing can be judged', () => {
    expect(diagnose({ ...bare, services: undefined }).verdict).toMatch(/^Too little is known about SRV1 for a verdict\. Missing: /) // prettier-ignore
  })
})
