/** Everything that can be found without a running lab, made of the tables. */
import { textOf } from '#messages/text.ts'
import { pageLinks, type LabPage } from '../../contract/pages.ts'
import { dhcp6Options } from '../../wire/dhcpv6/options.ts'
import { dhcpOptions, kindOf } from '../../wire/dhcp/options.ts'
import { signatures } from '../../logs/signatures.ts'
import { rules } from '../../planner/plan.ts'
import { severityNames } from '../../planner/rule.ts'
import { sectionsOf, titleOf, type Article } from '../articles.ts'
import { codes, familyTitles, type Code } from '../code-book.ts'
import { doctorChecks } from '../doctor-checks.ts'
import { fieldNotes } from '../field-notes.ts'
import { terms } from '../glossary.ts'
import { labKeys } from '../lab-keys.ts'
import { optionNotes } from '../option-notes.ts'
import { registryValues } from '../registry-values.ts'
import { codeAddress, type Entry } from './entry.ts'

/** What people call a page, beside its name. */
const pageWords: Readonly<Record<LabPage, readonly [detail: string, keywords: string]>> = {
  start: ['Where to begin', 'home welcome overview'],
  lab: ['Responder, ports, events', 'responder status ports network interface dashboard'],
  clients: [
    'Machines, boots, leases, approvals',
    'machines devices leases approvals pending reservations mac addresses',
  ],
  flows: ['Captures and packets, boot by boot', 'packets capture pcap wireshark ladder sequence diagram frames trace'],
  doctor: ['Check a WDS, DHCP or ConfigMgr server', 'server check diagnose health wds dhcp fix remedy registry'],
  simulator: ['Boots that fail, step by step', 'scenarios teach training lesson demo practice matrix'],
  files: ['Boot folder and who loads what', 'boot programs folder tftp root rules ipxe undionly'],
  planner: ['ConfigMgr site, upgrades, logs', 'configmgr sccm mecm site upgrade readiness rules smspxe smsts logs'],
  settings: ['Lab file and this computer', 'options preferences configuration yaml lab file'],
}

const pages = (): Entry[] => [
  ...pageLinks.map(
    ({ page, label, key }): Entry => ({
      id: `page ${page}`,
      kind: 'page',
      title: textOf(label),
      detail: `${pageWords[page][0]} (g ${key})`,
      keywords: pageWords[page][1],
      address: `#/${page}`,
    }),
  ),
  { id: 'page approvals', kind: 'page', title: 'Approvals', detail: 'Clients: machines that wait', keywords: 'pending devices approve unknown', address: '#/clients/approvals' },
  { id: 'page matrix', kind: 'page', title: 'Co-hosting matrix', detail: 'Simulator: 864 ways to share servers', keywords: 'same server dhcp wds combinations cohosting', address: '#/simulator/matrix' },
  { id: 'page use-dhcp-ports', kind: 'page', title: 'UseDHCPPorts: one port, two services', detail: 'Doctor', keywords: 'port 67 wds dhcp same server DoNotListenOnDhcpPort', address: '#/doctor/use-dhcp-ports' },
  { id: 'page ask', kind: 'page', title: 'Find the cause', detail: 'Doctor: from a symptom to its cause', keywords: 'ask diagnosis backwards questions boot fails why', address: '#/doctor/ask' },
] // prettier-ignore

const codeEntry = ({ code, family, title, bios, uefi, look, lines, spellings }: Code): Entry => ({
  id: `code ${code}`,
  kind: 'code',
  title: code,
  detail: title,
  keywords: [...lines.map((one) => one.line), ...spellings].join(' \n '),
  text: [bios, uefi, look, textOf(familyTitles[family]), ...(fieldNotes[code] ?? []).map(textOf)]
    .filter(Boolean)
    .join(' '),
  address: codeAddress(code),
})

const options = (): Entry[] => [
  ...[...dhcpOptions.values()].map((one): Entry => {
    const note = textOf(optionNotes[one.code])
    return {
      id: `option ${one.code}`,
      kind: 'option',
      title: `Option ${one.code}: ${one.name}`,
      detail: note ?? `DHCP option, ${kindOf(one).wants}`,
      keywords: `dhcp option ${one.code} ${one.name.replaceAll('-', ' ')}`,
      rows: [
        ...(note === undefined ? [] : ([['Network boot', note]] as const)),
        ['Value', `${one.cardinality === 'many' ? 'one or more, ' : ''}${kindOf(one).wants}`],
        ['In the lab file', `dhcp.options: { ${one.name}: ... }`],
        ['Defined in', one.reference],
      ],
    }
  }),
  ...[...dhcp6Options.values()].map((one): Entry => ({
    id: `option6 ${one.code}`,
    kind: 'option',
    title: `DHCPv6 option ${one.code}: ${one.name}`,
    detail: `Defined in ${one.reference}`,
    keywords: `${one.name.replaceAll('-', ' ')} ipv6`,
    rows: [['Defined in', one.reference]],
  })),
]

const registry = (): Entry[] =>
  registryValues.map(({ key, name, says, page }) => ({
    id: `registry ${name}`,
    kind: 'registry',
    title: name,
    detail: textOf(says),
    keywords: `${key} registry value`,
    rows: [
      ['Key', key],
      ['Meaning', textOf(says)],
    ],
    address: `#/${page}`,
  }))

const glossary = (): Entry[] =>
  terms.map(({ term, also, means }) => ({
    id: `term ${term}`,
    kind: 'term',
    title: term,
    detail: textOf(means),
    keywords: also.join(' '),
    rows: [['Meaning', textOf(means)], ...(also.length > 0 ? ([['Also called', also.join(', ')]] as const) : [])],
  }))

const checks = (): Entry[] =>
  doctorChecks.map(({ id, title }) => ({
    id: `check ${id}`,
    kind: 'check',
    title: textOf(title),
    detail: 'The Doctor checks this on a server',
    keywords: id.replaceAll('-', ' '),
    address: '#/doctor',
  }))

const plannerRules = (): Entry[] =>
  rules.map(({ id, title, remedy, severity, source }) => ({
    id: `rule ${id}`,
    kind: 'rule',
    title: `${id}: ${textOf(title)}`,
    detail: textOf(remedy),
    keywords: '',
    text: source,
    rows: [
      ['Requirement', textOf(title)],
      ['Severity', textOf(severityNames[severity])],
      ['Remedy', textOf(remedy)],
      ['Source', source],
    ],
    address: '#/planner',
  }))

/** The words that a pattern matches, as far as they are plain. */
const wordsOfPattern = (pattern: RegExp): string =>
  pattern.source
    .replaceAll(/\(\?<\w+>/g, '(')
    .replaceAll(/\\[a-zA-Z]|\[[^\]]*\]|[\\^$*+?()|{}.]/g, ' ')
    .replaceAll(/\s+/g, ' ')

const logLines = (): Entry[] =>
  signatures
    // A screen with a code is the code's own entry.
    .filter(({ id }) => !id.startsWith('screen-pxe'))
    .map(({ id, families, title, means, fix, source, pattern, kind, rules: own }) => ({
      id: `signature ${families[0]} ${id}`,
      kind: 'signature' as const,
      title: textOf(title()),
      detail: textOf((means ?? fix)?.()) ?? '',
      keywords: wordsOfPattern(pattern),
      text: textOf(fix?.()) ?? '',
      rows: [
        ...(means ? ([['Meaning', textOf(means())]] as const) : []),
        ...(fix ? ([['Fix', textOf(fix())]] as const) : []),
        ['Kind', kind],
        ...(own.length === 0 ? [] : ([['Planner rules', own.join(', ')]] as const)),
        ['Source', source],
      ],
      address: '#/planner',
    }))

const settings = (): Entry[] =>
  labKeys()
    .filter((one) => !one.isGroup)
    .map(({ path, says, standard }) => ({
      id: `setting ${path}`,
      kind: 'setting',
      title: path,
      detail: textOf(says),
      keywords: 'lab file setting',
      rows: [['Value', textOf(says)], ...(standard === undefined ? [] : ([['Default', standard]] as const))],
      address: path.startsWith('boot.programs') || path.startsWith('boot.menu') ? '#/files' : '#/settings',
    }))

/** What needs nothing but the tables. */
export const tableEntries = (): Entry[] => [
  ...pages(),
  ...codes.map(codeEntry),
  ...options(),
  ...registry(),
  ...glossary(),
  ...checks(),
  ...plannerRules(),
  ...logLines(),
  ...settings(),
]

export interface ListedScenario {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly summary: string
  readonly goesWrong?: string | undefined
  readonly look?: readonly string[] | undefined
}

export const scenarioEntries = (scenarios: readonly ListedScenario[]): Entry[] =>
  scenarios.map(({ id, title, group, summary, goesWrong = '', look = [] }) => ({
    id: `scenario ${id}`,
    kind: 'scenario',
    title,
    detail: summary,
    keywords: `${id.replaceAll('-', ' ')} ${group} simulator`,
    text: `${goesWrong} ${look.join(' ')}`,
    address: `#/simulator/${encodeURIComponent(id)}`,
  }))

/** A section of an article each; what is generated of the tables is found by its tables. */
export const articleEntries = (articles: readonly Article[]): Entry[] =>
  articles
    .filter(({ path }) => !path.startsWith('codes/') && path.includes('/'))
    .flatMap((article) => {
      const title = titleOf(article)
      return sectionsOf(article).map(({ heading, anchor, level, text }) => ({
        id: `article ${article.path}${level === 1 ? '' : `#${anchor}`}`,
        kind: 'article' as const,
        title: level === 1 ? title : heading,
        detail: level === 1 ? 'Help' : `Help: ${title}`,
        keywords: '',
        text,
      }))
    })

export interface FoundClient {
  readonly mac: string
  readonly name: string | null
  readonly address: string | null
  readonly firmware: string
  readonly vendor: string
}

export const clientEntries = (clients: Iterable<FoundClient>): Entry[] =>
  [...clients].map(({ mac, name, address, firmware, vendor }) => ({
    id: `client ${mac}`,
    kind: 'client',
    title: name ?? mac,
    detail: [name === null ? '' : mac, firmware, address ?? '', vendor].filter(Boolean).join(', '),
    keywords: `${mac} ${address ?? ''}`,
    address: `#/clients/${encodeURIComponent(mac)}`,
  }))
