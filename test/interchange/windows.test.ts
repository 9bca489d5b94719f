/**
 * Labs as PowerShell and netsh for the DHCP server of Windows. Neither runs here: the scripts are parsed with a grammar of
 * PowerShell and run on a server that knows the documented cmdlets; what it then offers is held against the responder, its
 * configuration is judged by the Doctor, and the undo script leaves what was there before.
 */
import { inEnglish } from '#messages/text.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { givenTo } from '#shared/diagnosis/scope-options.ts'
import { wdsKey } from '#shared/lab/registry-keys.ts'
import type { Facts } from '#shared/lab/facts.ts'
import { labSchema, type Lab } from '#shared/lab/lab.ts'
import { planOfLab } from '#shared/interchange/writers/lab-plan.ts'
import { writeNetsh } from '#shared/interchange/writers/netsh.ts'
import type { Exported } from '#shared/interchange/writers/plan.ts'
import { powershellText, writePowershell } from '#shared/interchange/writers/powershell.ts'
import { randomFor } from '#shared/simulation/random.ts'
import { formatHex, parseIpv4 } from '#shared/wire/bytes.ts'
import { bootFileOf, decodeDhcp, findOptionData } from '#shared/wire/dhcp/message.ts'
import { clientsOf, labOf, offersOf, server, type TestClient } from '../helpers/export-labs.ts'
import { parsePowershell, Powershell, syntaxErrors, type Value } from '../helpers/powershell.ts'
import { cmdletsOf, newServer, runNetsh, toldBy, windowsOffer, type DhcpState, type SeenClient } from '../helpers/windows-dhcp.ts' // prettier-ignore
import { stateOf, WindowsDouble } from '../helpers/windows-double.ts'
import { factsOfDouble } from '../helpers/windows-server.ts'

const seeds = Array.from({ length: Number(process.env['PXE_LAB_EXPORT_LABS'] ?? 16) }, (_, at) => at + 1)
const planOf = (lab: Lab) => planOfLab({ lab, addresses: [parseIpv4(server)!], lineOf: () => 0 })

class Machine {
  readonly state: DhcpState
  readonly files = new Map<string, Value>()
  warnings: readonly string[] = []
  constructor(state: DhcpState = newServer()) {
    this.state = state
  }
  run(script: string): void {
    const shell = new Powershell(cmdletsOf(this.state, this.files), { PSScriptRoot: 'C:\\lab' })
    shell.run(script)
    this.warnings = shell.warnings
  }
}
const fileOf = (exported: Exported, name: string): string => exported.files.find((one) => one.name === name)!.text
const applied = (exported: Exported, machine = new Machine()): Machine => {
  machine.run(fileOf(exported, 'pxe-lab-dhcp.ps1'))
  return machine
}

function seen({ asks, relay }: TestClient): SeenClient {
  const agent = asks.options?.find(({ code }) => code === 82)?.data
  const sub = (wanted: number): string | undefined => {
    if (!agent) return undefined
    for (let at = 0; at + 1 < agent.length; at += 2 + agent[at + 1]!)
      if (agent[at] === wanted) return formatHex(agent.subarray(at + 2, at + 2 + agent[at + 1]!)).toUpperCase()
    return undefined
  }
  return {
    at: parseIpv4(relay ?? server)!,
    vendorClass: asks.vendorClass ?? '',
    userClass: asks.userClass ?? '',
    mac: asks.mac!.replaceAll(':', '').toUpperCase(),
    clientId: asks.clientId,
    circuitId: sub(1),
    remoteId: sub(2),
  }
}

/** Options that nobody sets by themselves: times, masks, and what a server says of itself and of the client. */
const ownToServer: ReadonlySet<number> = new Set([1, 51, 53, 54, 58, 59, 61, 82, 97])

/** What the responder and Windows say otherwise to a client, by option. */
function differences(state: DhcpState, lab: Lab, client: TestClient, ours: Uint8Array | undefined): string[] {
  const theirs = windowsOffer(state, seen(client))
  if (!ours || !theirs) return !ours === !theirs ? [] : [`answer: ${ours ? 'offered' : 'none'}, ${theirs ? 'offered' : 'none'}`] // prettier-ignore
  const { message } = decodeDhcp(ours)
  const said = new Map<number, string>()
  for (const { code } of message.options) if (!ownToServer.has(code)) said.set(code, formatHex(findOptionData(message, code)!)) // prettier-ignore
  if (!said.has(67) && bootFileOf(message) !== '') said.set(67, Buffer.from(bootFileOf(message), 'latin1').toString('hex')) // prettier-ignore
  const found: string[] = []
  const bare = (hex: string): string => hex.replace(/(00)+$/, '')
  const hexOf = (code: number, values: readonly string[]): string => {
    const { type } = state.definitions.get(code)!
    const width = { Byte: 2, BinaryData: 2, Word: 4, DWord: 8 }[type]
    if (type === 'IPv4Address') return values.map((one) => parseIpv4(one)!.toString(16).padStart(8, '0')).join('')
    if (width === undefined) return Buffer.from(values[0]!, 'latin1').toString('hex')
    return values.map((one) => Number(one).toString(16).padStart(width, '0')).join('')
  }
  for (const code of new Set([...said.keys(), ...theirs.options.keys()])) {
    const [a, b] = [said.get(code), theirs.options.has(code) ? hexOf(code, theirs.options.get(code)!) : undefined]
    if (a === b || (a !== undefined && b !== undefined && bare(a) === bare(b))) continue
    found.push(`option ${code}: ${a ?? 'absent'}, ${b ?? 'absent'}`)
  }
  const place = lab.dhcp.subnets.flatMap(({ reservations }) => reservations).find(({ address }) => parseIpv4(address) === message.yiaddr) // prettier-ignore
  if (place?.address !== theirs.reserved) found.push(`reservation: ${place?.address ?? 'none'}, ${theirs.reserved ?? 'none'}`) // prettier-ignore
  const lease = Number.parseInt(formatHex(findOptionData(message, 51)!), 16)
  if (lease !== theirs.lease) found.push(`lease: ${lease}, ${theirs.lease}`)
  return found
}

/** The PXE form of a file, which Windows is not told: every firmware takes the file without it. */
const plainForm = /^option (60: 505845436c69656e74|43: 060108ff), absent$/
/** What a client makes of itself that Windows does not see, with the note that told so. */
const unseen: readonly (readonly [client: RegExp, note: RegExp])[] = [
  [/^(iPXE with a length|iPXE without a user class)/, /sends a length before it/],
  [/^(U-Boot|rpiboot)/, /identifies firmware only by option 60/],
  // Reserved ones have hardware addresses of the test.
  [/^Raspberry Pi (3|4, reserved)/, /identifies a Raspberry Pi by its hardware address/],
]

function untold(exported: Exported, { name }: TestClient, found: readonly string[]): string[] {
  const tells = (note: RegExp): boolean => exported.notes.some(({ text }) => note.test(inEnglish(text)))
  if (unseen.some(([client, note]) => client.test(name) && tells(note))) return []
  return found.filter((one) => {
    if (plainForm.test(one)) return !tells(/not in the PXE form/)
    if (/reserved|denied|another maker/.test(name) && one.startsWith('answer')) return !tells(/is still answered/)
    if (/^option (66|67|17|43|60):/.test(one)) return !tells(/cannot distinguish relay agents|machine identifier \(option 97\): no client matches the rule/) // prettier-ignore
    return true
  })
}

/** What the Doctor is told of a server set up so. */
function factsOf(state: DhcpState, hasBootServer: boolean): Facts {
  const double = stateOf({ services: { DHCPServer: 'running' }, addresses: [server], udp: [['0.0.0.0', 67, 'DHCPServer'], ...(hasBootServer ? ([['0.0.0.0', 4011, 'pxe-lab.exe']] as const) : [])] }) // prettier-ignore
  const { dump, rules } = toldBy(state)
  const facts = factsOfDouble(new WindowsDouble({ ...double, dhcp: dump, policies: rules }))
  // The boot server that the export says to keep is this program's.
  return { ...facts, udp: { ...facts.udp!, value: facts.udp!.value.map((one) => (one.port === 4011 ? { ...one, isOwn: true } : one)) } } // prettier-ignore
}

describe('PowerShell', () => {
  test('each client is offered what the responder offers, or told otherwise', () => {
    let answered = 0
    const bad: string[] = []
    for (const seed of seeds) {
      const lab = labOf(seed)
      const exported = writePowershell(planOf(lab))
      const { state } = applied(exported)
      const clients = clientsOf(seed, lab)
      const ours = offersOf(lab, clients)
      for (const [at, client] of clients.entries()) {
        if (ours[at]) answered++
        if (ours[at]) answered++
        bad.push(...untold(exported, client, differences(state, lab, client, ours[at])).map((one) => `seed ${seed}, ${client.name}: ${one}`)) // prettier-ignore
      }
    }
    expect(bad).toEqual([])
    expect(answered).toBeGreaterThan(seeds.length * 5)
  })

  test('the Doctor finds nothing wrong, and reads the same offers', () => {
    for (const seed of seeds) {
      const lab = labOf(seed)
      const { state } = applied(writePowershell(planOf(lab)))
      const facts = factsOf(state, true)
      // Options 66 and 67 that the lab names for everybody, or for one machine, are told as what they are.
      const isNamed = /"6[67]":/.test(JSON.stringify(lab.dhcp)) || [...state.values.keys()].some((key) => /^scope .*\|6[67]$/.test(key)) // prettier-ignore
      const wrong = diagnose(facts).findings.filter(({ id, severity }) => severity !== 'note' && !(isNamed && id === 'boot-file-options')) // prettier-ignore
      expect(wrong.map(({ title }) => title), `seed ${seed}`).toEqual([]) // prettier-ignore
      for (const client of clientsOf(seed, lab)) {
        const known = seen(client)
        const offer = windowsOffer(state, known)
        // What a relay adds is not among what the Doctor asks with.
        if (!offer || known.circuitId !== undefined || known.remoteId !== undefined) continue
        const asker = { architecture: 0, vendorClass: known.vendorClass, userClass: known.userClass, mac: known.mac, ...(offer.reserved === undefined ? {} : { reservation: offer.reserved }) } // prettier-ignore
        for (const code of [60, 66, 67])
          expect(givenTo(facts, offer.scope, asker, code)?.value, `seed ${seed}, ${client.name}, option ${code}`).toEqual(offer.options.get(code)?.join(' ')) // prettier-ignore
      }
    }
  })

  describe('the undo script leaves what was there', () => {
    /** A server that has a scope of the lab with options, a reservation, and classes under names of its own. */
    function busyServer(seed: number, lab: Lab): Machine {
      const machine = new Machine()
      const [subnet] = lab.dhcp.subnets
      const id = subnet!.subnet.split('/')[0]!
      const random = randomFor(seed, 'busy')
      machine.run(
        [
          `Add-DhcpServerv4Scope -Name 'Old' -StartRange '${id.replace(/0$/, '10')}' -EndRange '${id.replace(/0$/, '126')}' -SubnetMask '255.255.255.0' -LeaseDuration ([TimeSpan]::FromSeconds(691200)) -State Active`,
          `Set-DhcpServerv4OptionValue -ScopeId '${id}' -OptionId 3 -Value @('${id.replace(/0$/, '9')}')`,
          ...(random() < 0.5 ? [`Set-DhcpServerv4OptionValue -ScopeId '${id}' -OptionId 67 -Value @('old.0')`] : []),
          ...(random() < 0.5 ? [`Set-DhcpServerv4OptionValue -OptionId 66 -Value @('10.0.0.1')`] : []),
          ...(random() < 0.5 ? [`Add-DhcpServerv4Class -Name 'Our iPXE' -Type User -Data 'iPXE'`] : []),
          ...(random() < 0.5 ? [`Add-DhcpServerv4OptionDefinition -OptionId 60 -Name 'PXEClient' -Type String`] : []),
        ].join('\n'),
      )
      return machine
    }
    test('on an empty server, and on one that has a scope of the lab', () => {
      for (const seed of seeds) {
        const lab = labOf(seed)
        const exported = writePowershell(planOf(lab))
        for (const machine of [new Machine(), busyServer(seed, lab)]) {
          const before = structuredClone(machine.state)
          machine.run(fileOf(exported, 'pxe-lab-dhcp.ps1'))
          expect(machine.state, `seed ${seed}`).not.toEqual(before)
          expect(machine.files.size).toBe(1)
          machine.run(fileOf(exported, 'pxe-lab-dhcp-undo.ps1'))
          expect(machine.state, `seed ${seed}`).toEqual(before)
          expect(machine.warnings).toEqual([])
          expect(machine.files.size).toBe(0)
        }
      }
    })
    test('of a script that stopped half-way', () => {
      const lab = labSchema.parse({ interface: 'srv0', mode: 'dhcp', boot: { programs: [{ userClass: 'iPXE', file: 'menu.ipxe' }] }, dhcp: { subnets: [{ subnet: '10.0.0.0/24', pools: [{ start: '10.0.0.10', end: '10.0.0.20' }], reservations: [{ mac: '52:54:00:00:00:01', address: '10.0.0.15' }] }] } }) // prettier-ignore
      const exported = writePowershell(planOf(lab))
      const machine = new Machine()
      machine.run(
        `Add-DhcpServerv4Scope -Name 'Old' -StartRange '10.0.0.1' -EndRange '10.0.0.254' -SubnetMask '255.255.255.0' -LeaseDuration ([TimeSpan]::FromSeconds(3600)) -State Active
        Add-DhcpServerv4Reservation -ScopeId '10.0.0.0' -IPAddress '10.0.0.15' -ClientId '02-02-02-02-02-02' -Name 'other'`,
      )
      const before = structuredClone(machine.state)
      expect(() => machine.run(fileOf(exported, 'pxe-lab-dhcp.ps1'))).toThrow('10.0.0.15 is reserved for 02-02-02-02-02-02 here') // prettier-ignore
      expect(machine.state).not.toEqual(before)
      machine.run(fileOf(exported, 'pxe-lab-dhcp-undo.ps1'))
      expect(machine.state).toEqual(before)
    })
    test('what is set up is not set up again', () => {
      const exported = writePowershell(planOf(labOf(2)))
      const machine = applied(exported)
      expect(() => machine.run(fileOf(exported, 'pxe-lab-dhcp.ps1'))).toThrow('Run pxe-lab-dhcp-undo.ps1 first')
    })
  })

  test('any text is a text and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const script = powershellText(text)
        expect(script).toMatch(/^[ -~]*$/)
        expect(syntaxErrors(parsePowershell(`Write-Output ${script}`))).toEqual([])
        const got: Value[] = []
        new Powershell({ keep: ({ positional }) => (got.push(positional[0]!), []) }, {}).run(`keep ${script}`)
        expect(got).toEqual([text])
      }),
    )
  })

  test('a lab of hostile names stays what it is', () => {
    const hostile = [`'; Remove-Item C:\\ -Recurse; '`, '$(Get-Date)"`n', 'caf\u00e9 \u2019 \u201d', 'x\ny', '@{a=1}', '%PATH% & calc', '"quoted"'] // prettier-ignore
    for (const name of hostile) {
      const lab = labSchema.parse({
        interface: 'srv0', mode: 'dhcp',
        dhcp: { options: { 15: name, 17: name }, subnets: [{ subnet: '10.0.0.0/24', pools: [{ start: '10.0.0.10', end: '10.0.0.20' }], reservations: [{ mac: '52:54:00:00:00:01', address: '10.0.0.30', hostname: name.slice(0, 63) }] }] },
        boot: { programs: [{ userClass: name, file: `${name}.efi` }, { vendorClass: name, architecture: 'bios', circuitId: name, file: 'x.0' }] },
      }) // prettier-ignore
      const exported = writePowershell(planOf(lab))
      expect(fileOf(exported, 'pxe-lab-dhcp.ps1')).toMatch(/^[\n -~]*$/)
      const { state } = applied(exported)
      const isPlain = /^[ -~]+$/.test(name)
      expect(state.values.get('scope 10.0.0.0|15')).toEqual(isPlain ? [name] : undefined)
      expect(state.scopes.get('10.0.0.0')!.reservations[0]!.name).toBe(name.slice(0, 63))
      expect(state.classes.some(({ data }) => data === name)).toBe(isPlain)
      if (!isPlain) expect(exported.notes.filter(({ kind }) => kind === 'left-out').length).toBeGreaterThan(3)
      const netsh = writeNetsh(planOf(lab))
      for (const { text } of netsh.files) expect(text).toMatch(/^[\r\n -~]*$/)
      runNetsh(newServer(), fileOf(netsh, 'pxe-lab-dhcp.txt'))
    }
  })
})

describe('netsh', () => {
  test('what it sets is what the responder offers; what it cannot set is told', () => {
    for (const seed of seeds) {
      const lab = labOf(seed)
      const exported = writeNetsh(planOf(lab))
      const state = newServer()
      runNetsh(state, fileOf(exported, 'pxe-lab-dhcp.txt'))
      const clients = clientsOf(seed, lab)
      const ours = offersOf(lab, clients)
      const leftOut = exported.notes.flatMap(({ text }) => /(?:netsh has no policies: option|cannot set option) (\d+)/.exec(inEnglish(text))?.[1] ?? []) // prettier-ignore
      for (const [at, client] of clients.entries()) {
        if (client.name.startsWith('HTTP')) continue
        const found = untold(exported, client, differences(state, lab, client, ours[at])).filter((one) => !leftOut.some((code) => one.startsWith(`option ${code}:`))) // prettier-ignore
        const isFiltered = lab.clients.allow.length + lab.clients.deny.length > 0
        expect(found.filter((one) => !(isFiltered && one === 'answer: none, offered')), `seed ${seed}, ${client.name}`).toEqual([]) // prettier-ignore
      }
      const wrong = diagnose(factsOf(state, true)).findings.filter(({ id, severity }) => severity !== 'note' && id !== 'boot-file-options') // prettier-ignore
      expect(wrong.map(({ title }) => title), `seed ${seed}`).toEqual([]) // prettier-ignore
    }
  })
  test('nothing is run where a scope is there, and only what was added is taken back', () => {
    const lab = labSchema.parse({ interface: 'srv0', mode: 'dhcp', dhcp: { options: { 150: ['10.0.0.9'] }, subnets: [{ subnet: '10.0.0.0/24', pools: [{ start: '10.0.0.10', end: '10.0.0.20' }] }] }, boot: { programs: [{ userClass: 'iPXE', file: 'menu.ipxe' }] } }) // prettier-ignore
    const exported = writeNetsh(planOf(lab))
    const apply = fileOf(exported, 'pxe-lab-dhcp.cmd')
    expect(apply).toContain('findstr /i /c:" add scope 10.0.0.0 " pxe-lab-dhcp-before.txt > nul && (')
    expect(apply.indexOf('dump >')).toBeLessThan(apply.indexOf('netsh exec'))
    expect(fileOf(exported, 'pxe-lab-dhcp-undo.cmd').split('\r\n').filter((line) => / delete /.test(line))).toEqual([
      'netsh dhcp server delete scope 10.0.0.0 dhcpfullforce',
      'findstr /i /c:" add class \\"gPXE\\" " pxe-lab-dhcp-before.txt > nul || netsh dhcp server delete class "gPXE"',
      'findstr /i /c:" add class \\"iPXE\\" " pxe-lab-dhcp-before.txt > nul || netsh dhcp server delete class "iPXE"',
      'findstr /i /c:" add optiondef 150 " pxe-lab-dhcp-before.txt > nul || netsh dhcp server delete optiondef 150',
    ]) // prettier-ignore
  })
})

describe('a lab in the role of WDS', () => {
  const lab = labSchema.parse({ interface: 'srv0', mode: 'dhcp', role: 'wds', wds: { answer: 'known', approve: true, prompt: 'optIn', delaySeconds: 4, message: 'Wait, please.' }, dhcp: { subnets: [{ subnet: '10.0.0.0/24', pools: [{ start: '10.0.0.10', end: '10.0.0.20' }] }] } }) // prettier-ignore
  test.each([['PowerShell', writePowershell], ['netsh', writeNetsh]] as const)('%s: WDS is set by wdsutil, and what was there is exported first', (_, write) => {
    const exported = write(planOf(lab))
    const lines = fileOf(exported, 'pxe-lab-wds.cmd').split('\r\n')
    expect(lines.filter((line) => /^(wdsutil|reg) /.test(line))).toEqual([
      'reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\WDSServer pxe-lab-wds-before.reg || exit /b 1',
      'wdsutil /Set-Server /UseDhcpPorts:No || (',
      'wdsutil /Set-Server /AnswerClients:Known || (',
      'wdsutil /Set-Server /ResponseDelay:4 || (',
      'wdsutil /Set-Server /ArchitectureDiscovery:Yes || (',
      'wdsutil /Set-Server /PxePromptPolicy /Known:OptIn /New:OptIn || (',
      'wdsutil /Set-Server /AutoAddPolicy /Policy:AdminApproval /PollInterval:10 /Message:"Wait, please." || (',
      'wdsutil /Stop-Server || (',
      'wdsutil /Start-Server || (',
    ])
    expect(fileOf(exported, 'pxe-lab-wds-undo.cmd')).toContain('reg import pxe-lab-wds-before.reg')
    expect(exported.notes.some(({ key }) => key === 'role')).toBe(false)
  }) // prettier-ignore
  test('beside the DHCP server of the same host it is right', () => {
    const { state } = applied(writePowershell(planOf(lab)))
    expect(state.values.get('scope 10.0.0.0|60')).toEqual(['PXEClient'])
    const { dump, rules } = toldBy(state)
    const double = stateOf({ services: { DHCPServer: 'running', WDSServer: 'running' }, addresses: [server], registry: { [wdsKey]: { UseDHCPPorts: 0 } } }) // prettier-ignore
    const facts = factsOfDouble(new WindowsDouble({ ...double, dhcp: dump, policies: rules }))
    expect(diagnose(facts).findings.filter(({ severity }) => severity !== 'note').map(({ title }) => title)).toEqual([]) // prettier-ignore
  })
})
