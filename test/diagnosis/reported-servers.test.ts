/** Set-ups that administrators report again and again, each with what is right about it. */
import { describe, expect, test } from 'vitest'
import { matrixClients } from '#shared/diagnosis/co-hosting.ts'
import { diagnose as judge } from '#shared/diagnosis/doctor.ts'
import type { Diagnosis } from '#shared/diagnosis/doctor/finding.ts'
import { dpKey, wdsKey } from '#shared/lab/registry-keys.ts'
import { windowsServer, type WindowsServer } from '../helpers/windows-server.ts'
import { spoken } from '../helpers/spoken.ts'

const diagnose = (...given: Parameters<typeof judge>) => spoken(judge(...given))

const together = { DHCPServer: 'running', WDSServer: 'running' } as const
const shared: WindowsServer = { services: together, registry: { [wdsKey]: { UseDHCPPorts: 0 } } }
const sixty = 'set optionvalue 60 STRING "PXEClient" '
const ids = ({ findings }: Diagnosis): string[] => findings.map((one) => `${one.severity} ${one.id}`)
const outcomes = ({ prediction }: Diagnosis, scope: string): string =>
  prediction!.scopes
    .filter((one) => one.scope === scope)
    .map((one) => matrixClients.map((client) => one.cells[client].state).join(' '))
    .join(', ')
const policy = (scope: string, name: string, data: string, ...options: string[]): string[] => [
  `K|Vendor|${data}|class ${name}`,
  `P|${scope}|1|True|Or|${name}`,
  `C|${scope}|VendorClass|EQ,class ${name}*|${name}`,
  ...options.map((one) => `O|${scope}|${one}|${name}`),
]

describe('healthy', () => {
  test.each<[string, WindowsServer]>([
    ['WDS alone, with nothing written down', { services: { WDSServer: 'running' } }],
    ['a DHCP server that is disabled beside WDS', { services: { DHCPServer: 'disabled', WDSServer: 'running' } }],
    ['option 60 at each of two scopes', { ...shared, scopes: ['192.168.77.0', '10.1.0.0'], options: [`Scope 192.168.77.0 ${sixty}`, `Scope 10.1.0.0 ${sixty}`] }],
    ['the responder beside DHCP', { services: { DHCPServer: 'running', SccmPxe: 'running' }, registry: { [dpKey]: { DoNotListenOnDhcpPort: 1 } }, options: [sixty] }],
    ['option 60 that was defined as bytes', { ...shared, options: ['set optionvalue 60 BYTE "80" "88" "69" "67" "108" "105" "101" "110" "116" '] }],
    ['policies for both kinds of machine at the server', { ...shared, policies: [...policy('', 'UEFI', 'PXEClient:Arch:00007', '60|PXEClient'), ...policy('', 'BIOS', 'PXEClient:Arch:00000', '60|PXEClient')] }],
    ['a policy for two virtual machines that sets something else', { ...shared, options: [sixty], policies: ['P||1|True|Or|vm', 'C||MacAddress|EQ,00155D*|vm', 'O||67|other.efi|vm'] }],
    ['a policy that is switched off', { ...shared, options: [sixty], policies: ['K|Vendor|PXEClient|PXE', 'P||1|False|Or|old', 'C||VendorClass|EQ,PXE*|old', 'O||60|nothing|old'].slice(0, 3) }],
    ['rules of the firewall that come from group policy', { ...shared, options: [sixty], firewall: [], registry: { [wdsKey]: { UseDHCPPorts: 0 }, 'HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules': { pxe: 'v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort2_10=67-69|LPort=4011|Name=PXE|' } } }],
  ])('%s', (_, server) => {
    const told = diagnose(windowsServer(server))
    expect({ faults: told.findings.filter((one) => one.severity !== 'note').map((one) => one.title), unknown: told.unknown }).toEqual({ faults: [], unknown: [] })
    expect(told.health).toBe('healthy')
    expect(told.prediction!.boots).toBe(true)
  }) // prettier-ignore
})

describe('a DHCP server whose PXE server is another host', () => {
  const away: WindowsServer = { services: { DHCPServer: 'running' } }
  const other = ['66|192.168.77.20', '67|boot\\x64\\wdsmgfw.efi']
  const bios = policy('192.168.77.0', 'BIOS', 'PXEClient:Arch:00000', '66|192.168.77.20', '67|boot\\x64\\wdsnbp.com')

  test('policies with 60, 66 and 67 for UEFI: the clients ask the host of option 66, and nothing is left over', () => {
    const x86 = policy('192.168.77.0', 'UEFI x86', 'PXEClient:Arch:00006', '60|PXEClient', '66|192.168.77.20', '67|boot\\x86\\wdsmgfw.efi') // prettier-ignore
    const x64 = policy('192.168.77.0', 'UEFI x64', 'PXEClient:Arch:00007', '60|PXEClient', ...other)
    expect(ids(diagnose(windowsServer({ ...away, policies: [...x64, ...x86, ...bios] })))).toEqual(['note boot-file-options']) // prettier-ignore
  })

  test.each([
    ['without option 66', ['60|PXEClient', other[1]!]],
    ['with this host as option 66', ['60|PXEClient', '66|192.168.77.10', other[1]!]],
    ['with a name, which is in no address field', ['60|PXEClient', '66|wds1.corp.example', other[1]!]],
  ])('a policy with option 60 %s promises what is not here', (_, options) => {
    const told = diagnose(windowsServer({ ...away, policies: policy('192.168.77.0', 'UEFI x64', 'PXEClient:Arch:00007', ...options) })) // prettier-ignore
    expect(ids(told)).toContain('error option-60-left-over')
  })

  test('60, 66 and 67 for all: BIOS firmware asks port 4011 here', () => {
    const told = diagnose(windowsServer({ ...away, options: [sixty, 'set optionvalue 66 STRING "192.168.77.20" ', 'set optionvalue 67 STRING "boot\\x64\\wdsnbp.com" '] })) // prettier-ignore
    expect(ids(told)).toContain('error option-60-left-over')
  })

  test.each([
    ['warning', 'boot\\x86\\wdsnbp.com'],
    ['warning', 'undionly.kpxe'],
    ['note', 'boot\\x64\\wdsmgfw.efi'],
  ])('%s: one program for all, %s', (severity, file) => {
    const told = diagnose(windowsServer({ ...away, options: ['set optionvalue 66 STRING "192.168.77.20" ', `set optionvalue 67 STRING "${file}" `] })) // prettier-ignore
    expect(ids(told)).toEqual([`${severity} boot-file-options`])
  })
})

describe('not healthy', () => {
  test('option 60 at one reservation: that machine boots, and no other', () => {
    const told = diagnose(windowsServer({ ...shared, options: ['Scope 192.168.77.0 set reservedoptionvalue 192.168.77.50 60 STRING "PXEClient" '] })) // prettier-ignore
    expect(ids(told)).toEqual(['error option-60-missing'])
    expect(outcomes(told, '192.168.77.0')).toBe('failed failed failed failed, booted booted booted booted')
  })

  test('a policy for UEFI alone: BIOS machines are told nothing', () => {
    const told = diagnose(windowsServer({ ...shared, policies: policy('', 'UEFI x64', 'PXEClient:Arch:00007', '60|PXEClient') })) // prettier-ignore
    expect(ids(told)).toEqual(['error option-60-missing'])
    expect(told.verdict).toMatch(/does not send option 60 to BIOS clients and iPXE in scope/)
    expect(outcomes(told, '192.168.77.0')).toBe('failed booted booted failed')
  })

  test('a policy of one scope says it in that scope alone, and its commands name the scope', () => {
    const told = diagnose(windowsServer({ ...shared, scopes: ['192.168.77.0', '10.1.0.0'], options: [sixty], policies: policy('10.1.0.0', 'UEFI x64', 'PXEClient:Arch:00007', '60|PXEclient') })) // prettier-ignore
    expect(ids(told)).toEqual(['error option-60-wrong'])
    expect(told.findings[0]!.remedy!.commands.join()).toContain("-PolicyName 'UEFI x64' -ScopeId 10.1.0.0 -OptionId 60")
    expect(outcomes(told, '192.168.77.0')).toBe('booted booted booted booted')
    expect(outcomes(told, '10.1.0.0')).toBe('booted failed failed booted')
  })

  test('internet connection sharing has port 67: nobody gets an address from DHCP', () => {
    const told = diagnose(windowsServer({ services: { ...together, SharedAccess: 'running' }, registry: { [wdsKey]: { UseDHCPPorts: 0 } }, options: [sixty], udp: [['0.0.0.0', 67, 'SharedAccess'], ['0.0.0.0', 69, 'WDSServer'], ['0.0.0.0', 4011, 'WDSServer']] })) // prettier-ignore
    expect(ids(told)).toEqual(['error foreign-owner'])
    expect(told.prediction!.boots).toBe(false)
  })

  test('options 66 and 67 with a BIOS program, and no option 60: UEFI fails, BIOS boots', () => {
    const told = diagnose(windowsServer({ ...shared, options: ['set optionvalue 66 STRING "192.168.77.10" ', 'set optionvalue 67 STRING "boot\\x64\\wdsnbp.com" '] })) // prettier-ignore
    expect(ids(told).filter((one) => one.startsWith('error'))).toContain('error boot-file-options')
    expect(outcomes(told, '192.168.77.0')).toBe('booted failed failed booted')
  })

  test('option 66 names another server: what is there is told as unknown', () => {
    const told = diagnose(windowsServer({ ...shared, options: [sixty, 'set optionvalue 66 STRING "10.9.9.9" ', 'set optionvalue 67 STRING "pxelinux.0" '] })) // prettier-ignore
    expect(told.prediction!.cells.bios.state).toBe('unknown')
    expect(told.unknown.join()).toMatch(/10\.9\.9\.9/)
  })

  test('a rule that blocks the ports of transfers', () => {
    const open = [67, 68, 69, 4011].map((port) => `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=${port}|Name=PXE ${port}|`) // prettier-ignore
    const told = diagnose(windowsServer({ ...shared, options: [sixty], firewall: [...open, 'v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|LPort2_10=50000-65535|Name=High|'] })) // prettier-ignore
    expect(ids(told)).toEqual(['error firewall-closed'])
    expect(told.verdict).toMatch(/blocks the ports of TFTP transfers \(UDP 64001 to 65000\)/)
    expect(told.prediction!.boots).toBe(false)
  })

  test('all three profiles of the firewall allow what comes in: no rule is needed', () => {
    const profile = (name: string) => [`HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\${name}`, { EnableFirewall: 1, DefaultInboundAction: 0 }] // prettier-ignore
    const told = diagnose(windowsServer({ ...shared, options: [sixty], firewall: [], registry: { ...shared.registry, ...Object.fromEntries(['DomainProfile', 'StandardProfile', 'PublicProfile'].map(profile)) } })) // prettier-ignore
    expect(ids(told)).toEqual([])
  })

  test('DHCP stopped beside WDS that leaves it the port', () => {
    const told = diagnose(windowsServer({ ...shared, services: { DHCPServer: 'stopped', WDSServer: 'running' } }))
    expect(ids(told)[0]).toBe('error dhcp-stopped')
    expect(told.prediction!.boots).toBe(false)
  })
})

test.each([
  ['a text that no message can carry', [`set optionvalue 67 STRING "${'é'.repeat(300)}.efi" `, `set optionvalue 60 STRING "${'x'.repeat(600)}" `]],
  ['an empty text', ['set optionvalue 60 STRING "" ', 'set optionvalue 67 STRING "" ']],
  ['letters of any kind', ['set optionvalue 67 STRING "boot/\u2603.efi" ', 'set optionvalue 66 STRING "\u00e4" ', sixty]],
  ['scopes without room, around everything, at the end and where the twin plays', ['0.0.0.0 0.0.0.0', '10.6.0.0 255.255.255.252', '255.255.255.0 255.255.255.0', '198.18.1.0 255.255.255.0'].map((one) => `add scope ${one} "odd" ""`)],
  ['reservations of no scope', ['Scope 192.168.77.0 set reservedoptionvalue 999.1.1.1 60 STRING "PXEClient" ', 'Scope 10.9.9.0 set reservedoptionvalue 10.9.9.9 60 STRING "PXEClient" ']],
])('%s is judged all the same', (_, options) => {
  const { verdict, prediction } = diagnose(windowsServer({ ...shared, options }))
  expect(verdict).not.toBe('')
  expect(prediction!.scopes.length).toBeGreaterThan(0)
}) // prettier-ignore

test.each([32, 31, 0])('a server whose network has %i bits is played in a network with room', (prefixLength) => {
  const facts = windowsServer({ ...shared, options: [sixty] })
  const interfaces = { value: [{ name: 'a', address: '192.168.77.255', prefixLength }, { name: 'b', address: '999.1.1.1', prefixLength: 24 }], source: 'interfaces' } // prettier-ignore
  expect(diagnose({ ...facts, host: 'h'.repeat(200), interfaces }).prediction!.scopes).toHaveLength(1)
})

test('a check says not applicable for what is not there, and none passes unasked', () => {
  const { checks } = diagnose(windowsServer({ services: { WDSServer: 'running' } }))
  const states = Object.fromEntries(checks.map((one) => [one.title, one.state]))
  expect(states).toMatchObject({
    'The DHCP server is authorised': 'not-applicable',
    'Option 60 has the value PXEClient': 'not-applicable',
    'The certificate of the distribution point is valid': 'not-applicable',
    'PXE Lab may open the boot ports': 'not-applicable',
    'The PXE service runs': 'passed',
    'Every kind of client boots in every scope': 'passed',
  })
})
