/** What people type, and what has to stand first. */
import { readFileSync, readdirSync } from 'node:fs'
import { sep } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import {
  articleEntries,
  clientEntries,
  scenarioEntries,
  tableEntries,
  type ListedScenario,
} from '#shared/knowledge/search/entries.ts'
import { SearchIndex } from '#shared/knowledge/search/index.ts'
import { answers } from '#shared/knowledge/search/questions.ts'

const resource = (path: string): string => readFileSync(new URL(`../../resources/${path}`, import.meta.url), 'utf8')
const scenarios = readdirSync(new URL('../../resources/scenarios', import.meta.url)).map((name): ListedScenario => ({
  ...(parse(resource(`scenarios/${name}`)) as ListedScenario),
  id: name.replace('.yaml', ''),
}))
const clients = [
  { mac: '52:54:00:77:00:01', name: 'pc-lab-1', address: '192.168.77.101', firmware: 'UEFI x64 (EDK2)', vendor: 'QEMU' },
  { mac: 'b4:2e:99:0a:0b:0c', name: null, address: null, firmware: 'BIOS', vendor: 'GIGA-BYTE' },
] // prettier-ignore
const docs = new URL('../../docs/', import.meta.url)
const articles = readdirSync(docs, { recursive: true })
  .map((path) => String(path).replaceAll(sep, '/'))
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(new URL(path, docs), 'utf8') }))
const actions = [
  { id: 'action shortcuts', kind: 'action', title: 'Keyboard shortcuts', detail: 'Help', keywords: 'keys hotkeys' },
] as const
const index = new SearchIndex([
  ...tableEntries(),
  ...scenarioEntries(scenarios),
  ...clientEntries(clients),
  { id: 'action start', kind: 'action', title: 'Start the responder', detail: '', keywords: 'run begin' },
  { id: 'action stop', kind: 'action', title: 'Stop the responder', detail: '', keywords: 'end' },
  { id: 'action open-capture', kind: 'action', title: 'Open capture', detail: 'File', keywords: 'pcap file' },
  { id: 'action theme', kind: 'action', title: 'Switch between light and dark', detail: '', keywords: 'theme colour' },
])

/** As somebody asks who has never seen any of it; everything the window searches is in it, articles too. */
const asked: readonly (readonly [query: string, first: string])[] = [
  ['What does PXE-E55 mean', 'code PXE-E55'],
  ['what does pxe e55 mean?', 'code PXE-E55'],
  ['why do I get PXE-E32', 'code PXE-E32'],
  ['PXE-E 55', 'code PXE-E55'],
  ['PXEE55', 'code PXE-E55'],
  ['PXE-EE55', 'code PXE-E55'],
  ['what is error code 0xc000000f', 'code 0xc000000f'],
  ['0xc00000f', 'code 0xc000000f'],
  ['0xc0000000f', 'code 0xc000000f'],
  ['Fehler 0xc0000098', 'code 0xc0000098'],
  ['Fehlercode: 0xc000000f', 'code 0xc000000f'],
  ['Erreur 0xc0000001', 'code 0xc0000001'],
  ["code d'erreur 0x80070490", 'code 0x80070490'],
  ['código de error: 0xc000000f', 'code 0xc000000f'],
  ['Status: 0xc0000225 Ein erforderliches Gerät ist nicht verbunden', 'code 0xc0000225'],
  ['0x80070035 Der Netzwerkpfad wurde nicht gefunden', 'code 0x80070035'],
  ['What is option 60?', 'option 60'],
  ['what does option 67 do', 'option 67'],
  ['what is proxydhcp', 'term proxyDHCP'],
  ['what is a ladder', 'term ladder'],
  ["my computer won't boot from the network", 'page ask'],
  ['laptop does not pxe boot', 'page ask'],
  ['why does PXE boot fail', 'page ask'],
  ['Start PXE over IPv4', 'page ask'],
  ['no bootable device', 'page ask'],
  ['how do I set up PXE boot', 'article guide/first-boot.md'],
  ['how to use with WDS', 'article guide/beside-wds.md'],
  ['WDS and DHCP on the same server', 'page use-dhcp-ports'],
  ['how do I boot behind a router', 'article guide/relays.md'],
  ['ip helper', 'article guide/relays.md'],
  ['unauthorised DHCP server', 'scenario dhcp-not-authorised'],
  ['unauthorized dhcp server', 'scenario dhcp-not-authorised'],
  ['authorize DHCP', 'scenario dhcp-not-authorised'],
  ['two dhcp servers', 'scenario rogue-dhcp'],
  ['TFTP is slow', 'registry RamDiskTFTPWindowSize'],
  ['how do I capture packets', 'article guide/capturing.md'],
  ['how to open a wireshark capture', 'page flows'],
  ['where is smspxe.log', 'article guide/logs.md'],
  ['approve a computer', 'page approvals'],
  ['reserve an address', 'page clients'],
  ['where are boot files', 'page files'],
  ['how to add a boot file', 'page files'],
  ['who answers DHCP', 'page doctor'],
  ['NBP file size is 0 bytes', 'scenario missing-file'],
  ['upgrade configuration manager', 'page planner'],
  ['keyboard shortcuts', 'action shortcuts'],
]

const expected: readonly (readonly [query: string, first: string])[] = [
  // Codes, in every spelling.
  ['E55', 'code PXE-E55'],
  ['e55', 'code PXE-E55'],
  ['PXE-E55', 'code PXE-E55'],
  ['pxe e55', 'code PXE-E55'],
  ['PXE-E55:', 'code PXE-E55'],
  ['PXE-T01', 'code PXE-T01'],
  ['T04', 'code PXE-T04'],
  ['M0F', 'code PXE-M0F'],
  ['pxe-e18', 'code PXE-E18'],
  ['PXE_E61', 'code PXE-E61'],
  ['E3B', 'code PXE-E3B'],
  ['0xc000000f', 'code 0xc000000f'],
  ['0xC0000225', 'code 0xc0000225'],
  ['c0000098', 'code 0xc0000098'],
  ['80070490', 'code 0x80070490'],
  ['0x80070490', 'code 0x80070490'],
  ['-2147023728', 'code 0x80070490'],
  ['1168', 'code 0x80070490'],
  ['error 1168', 'code 0x80070490'],
  ['error 5', 'code 0x80070005'],
  ['exit code 1460', 'code 0x800705b4'],
  ['0x5', 'code 0x80070005'],
  ['80004005', 'code 0x80004005'],
  ['0x80072ee7', 'code 0x80072ee7'],
  ['12007', 'code 0x80072ee7'],
  ['0xC1900101', 'code 0xc1900101'],
  ['0x87D00267', 'code 0x87d00267'],
  ['87d00215', 'code 0x87d00215'],
  ['0xC107010C', 'code 0xc107010c'],
  ['0x87d0ffff', 'code 0x87d0ffff'],
  ['EFI_NOT_FOUND', 'code 0x800000000000000e'],
  ['0x800000000000000E', 'code 0x800000000000000e'],
  ['EFI_SECURITY_VIOLATION', 'code 0x800000000000001a'],
  ['2d03e13b', 'code 2d03e13b'],
  ['http://ipxe.org/2d03e13b', 'code 2d03e13b'],
  ['ipxe.org/4c126035', 'code 4c126035'],
  ['Windows failed to start. Status: 0xc0000001', 'code 0xc0000001'],
  ['Failed to run task sequence (0x80072EFD)', 'code 0x80072efd'],
  ['it says PXE-E53 no boot filename', 'code PXE-E53'],
  // Sentences off screens, also mistyped.
  ['ProxyDHCP service did not reply to request on port 4011', 'code PXE-E55'],
  ['proxydhcp servce did not reply on port 4011', 'code PXE-E55'],
  ['No boot filename received', 'code PXE-E53'],
  ['no boot file name recieved', 'code PXE-E53'],
  ['No DHCP or proxyDHCP offers were received', 'code PXE-E51'],
  ['no dhcp or proxydhcp ofers recieved', 'code PXE-E51'],
  ['TFTP open timeout', 'code PXE-E32'],
  ['tftp open timout', 'code PXE-E32'],
  ['TFTP read timeout', 'code PXE-E35'],
  ['Media test failure, check cable', 'code PXE-E61'],
  ['media test failure chek cable', 'code PXE-E61'],
  ['Server response timeout', 'code PXE-E18'],
  ['server respons timeout', 'code PXE-E18'],
  ['No valid offer received', 'code PXE-E16'],
  ['Client received TFTP error from server', 'code PXE-E23'],
  ['Could not locate boot server', 'code PXE-E78'],
  ['Exiting Intel Boot Agent', 'code PXE-M0F'],
  ['Unexpected network error', 'code PXE-E99'],
  ['Could not detect network connection', 'code PXE-E12'],
  ['TFTP Error - Access Violation', 'code PXE-E3C'],
  ['ARP timeout', 'code PXE-E11'],
  ['Remote boot cancelled', 'code PXE-E21'],
  ['Nothing to boot: No such file or directory', 'code 2d03e13b'],
  ['BdsDxe: failed to load Boot0001 "UEFI PXEv4": Not Found', 'code 0x800000000000000e'],
  ['BdsDxe: failed to load Boot0003: Access Denied', 'code 0x800000000000000f'],
  ['security violation', 'code 0x800000000000001a'],
  ['element not found', 'code 0x80070490'],
  // Options.
  ['60', 'option 60'],
  ['option 60', 'option 60'],
  ['Option 67', 'option 67'],
  ['opt 66', 'option 66'],
  ['dhcp option 43', 'option 43'],
  ['option 93', 'option 93'],
  ['option 121', 'option 121'],
  ['vendor class identifier', 'option 60'],
  ['relay agent information', 'option 82'],
  ['bootfile-name', 'option 67'],
  // Registry values.
  ['UseDHCPPorts', 'registry UseDHCPPorts'],
  ['usedhcpports', 'registry UseDHCPPorts'],
  ['ReadFilter', 'registry ReadFilter'],
  ['RamDiskTFTPBlockSize', 'registry RamDiskTFTPBlockSize'],
  ['RamDiskTFTPWindowSize', 'registry RamDiskTFTPWindowSize'],
  ['DoNotListenOnDhcpPort', 'registry DoNotListenOnDhcpPort'],
  ['UdpPortPolicy', 'registry UdpPortPolicy'],
  ['IssuingCertificateList', 'registry IssuingCertificateList'],
  ['BindPolicy', 'registry BindPolicy'],
  // Clients.
  ['52:54:00:77:00:01', 'client 52:54:00:77:00:01'],
  ['52-54-00-77-00-01', 'client 52:54:00:77:00:01'],
  ['525400770001', 'client 52:54:00:77:00:01'],
  ['5254.0077.0001', 'client 52:54:00:77:00:01'],
  ['b4:2e:99', 'client b4:2e:99:0a:0b:0c'],
  ['pc-lab-1', 'client 52:54:00:77:00:01'],
  ['192.168.77.101', 'client 52:54:00:77:00:01'],
  // Pages and actions.
  ['flows', 'page flows'],
  ['Flows', 'page flows'],
  ['doctor', 'page doctor'],
  ['boot files', 'page files'],
  ['planner', 'page planner'],
  ['settings', 'page settings'],
  ['clients', 'page clients'],
  ['simulator', 'page simulator'],
  ['simulater', 'page simulator'],
  ['wireshark', 'page flows'],
  ['approvals', 'page approvals'],
  ['co-hosting matrix', 'page matrix'],
  ['find the cause', 'page ask'],
  ['start responder', 'action start'],
  ['stop the responder', 'action stop'],
  ['open capture', 'action open-capture'],
  ['dark', 'action theme'],
  // Scenarios.
  ['WDS refuses the path', 'scenario read-filter'],
  ['Option 60 left over after WDS moved', 'scenario option-60-left-over'],
  ['iPXE loads iPXE again', 'scenario ipxe-loop'],
  ['DHCP snooping', 'scenario dhcp-snooping'],
  ['switch port is not forwarding yet', 'scenario spanning-tree'],
  ['secure boot refuses', 'scenario secure-boot'],
  ['pool exhausted', 'scenario pool-exhausted'],
  ['wrong vlan', 'scenario wrong-vlan'],
  ['rogue dhcp', 'scenario rogue-dhcp'],
  // Planner rules, log lines, lab settings, terms.
  ['OSD-WDS-02', 'rule OSD-WDS-02'],
  ['GATE-1806', 'rule GATE-1806'],
  ['tftp.maxBlockSize', 'setting tftp.maxBlockSize'],
  ['allowOtherServers', 'setting allowOtherServers'],
  ['dhcp.leaseSeconds', 'setting dhcp.leaseSeconds'],
  ['giaddr', 'term giaddr'],
  ['proxyDHCP', 'term proxyDHCP'],
  ['windowsize', 'term windowsize'],
] // prettier-ignore

describe('the search', () => {
  test('is asked more than a hundred things', () => expect(expected.length).toBeGreaterThanOrEqual(100))

  test.each(expected)('%s', (query, first) => {
    expect(index.search(query, 4).map(({ entry }) => entry.id)[0]).toBe(first)
  })

  const whole = new SearchIndex([...tableEntries(), ...scenarioEntries(scenarios), ...articleEntries(articles), ...actions]) // prettier-ignore
  test.each(asked)('a newcomer: %s', (query, first) => {
    expect(whole.search(query, 4).map(({ entry }) => entry.id)[0]).toBe(first)
  })

  test('what answers a question exists', () => {
    expect(answers.filter((id) => whole.get(id) === undefined)).toEqual([])
  })

  test.each(['PXE-E98', 'pxe e9f', 'PXE-T77', 'M99', 'PXE-Z99', 'PXE-E999', 'EFI_NOWHERE', '0x1234567'])(
    '%s is told to be unknown, and no other code stands for it',
    (query) => {
      const [first, ...others] = whole.search(query).map(({ entry }) => entry)
      expect([first?.id, first?.detail]).toEqual(['unknown code', expect.stringContaining('Unknown code')])
      const letters = query.toLowerCase().split(/[ -]/).at(-1)!
      expect(others.filter((one) => !JSON.stringify(one).toLowerCase().includes(letters))).toEqual([])
    },
  )

  test('a line with an unknown code says so, and is found by its words', () => {
    const found = whole.search('PXE-E98: No boot filename received').map(({ entry }) => entry.title)
    expect(found.slice(0, 2)).toEqual(['PXE-E98', 'PXE-E53'])
    // What is being typed, and what a machine is called.
    expect(whole.search('PXE-E5')[0]?.entry.title).toMatch(/^PXE-E5/)
    const named = new SearchIndex([...tableEntries(), ...clientEntries([{ ...clients[0]!, name: 'E98' }])])
    expect(named.search('E98').map(({ entry }) => entry.title)).toContain('E98')
  })

  test('log lines are found by their words', () => {
    const found = (query: string): string[] => index.search(query).map(({ entry }) => entry.title)
    expect(found('There are no task sequences available for this computer')[0]).toBe('No task sequence is available to this machine') // prettier-ignore
    expect(found('PXE boot aborted')[0]).toContain('abortpxe')
    expect(found('matching network card driver was not found')[0]).toContain('no driver for the network card')
  })

  test('ids are unique, and every entry leads somewhere', () => {
    const all = [...tableEntries(), ...scenarioEntries(scenarios)]
    expect(new Set(all.map((one) => one.id)).size).toBe(all.length)
    expect(all.filter((one) => one.address === undefined && (one.rows ?? []).length === 0)).toEqual([])
  })

  test('an entry takes the place of one with its id, and what is gone is not found', () => {
    const own = new SearchIndex(clientEntries(clients))
    own.put('client', clientEntries([{ ...clients[0]!, name: 'renamed' }]))
    expect(own.search('renamed')).toHaveLength(1)
    expect(own.search('pc-lab')).toEqual([])
    expect(own.search('b4:2e:99')).toEqual([])
    expect(own.size).toBe(1)
  })

  test('ten thousand entries answer in a moment', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => {
      const digits = at.toString(16).padStart(4, '0')
      return { mac: `52:54:00:78:${digits.slice(0, 2)}:${digits.slice(2)}`, name: `pc${at}`, address: null, firmware: 'UEFI x64', vendor: 'QEMU' } // prettier-ignore
    })
    const large = new SearchIndex([...tableEntries(), ...clientEntries(many)])
    const queries = expected.slice(0, 50).map(([query]) => query)
    const times = queries.map((query) => {
      const before = performance.now()
      large.search(query)
      return performance.now() - before
    })
    times.sort((a, b) => a - b)
    // A keystroke; the median, since a busy machine makes single ones slow.
    expect(times[25]).toBeLessThan(100)
  })
})
