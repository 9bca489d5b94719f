/** The parts of the documentation that are made of the tables, as Markdown. */
import { inEnglish } from '#messages/text.ts'
import type { Phrase } from '#messages/message.ts'
import { scenariosShowing } from '../diagnosis/inverse/dialogue.ts'
import { percent } from '../diagnosis/inverse/report.ts'
import type { Space } from '../diagnosis/inverse/space.ts'
import { dhcpOptions, kindOf } from '../wire/dhcp/options.ts'
import { anchorOf } from './articles.ts'
import { codes, type Code, type CodeFamily } from './code-book.ts'
import { codePage } from './code-page.ts'
import { terms } from './glossary.ts'
import { labKeys } from './lab-keys.ts'
import { optionNotes } from './option-notes.ts'
import { registryValues } from './registry-values.ts'
import { shortcutGroups } from './shortcuts.ts'

const generated = 'This file is generated: `node scripts/documents.ts`.'

/** Text in a table: what Markdown would take for marks stays text. */
const cell = (phrase: Phrase): string =>
  inEnglish(phrase)
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll('*', '\\*')
    .replaceAll('<', '\\<')
    .replaceAll('\n', ' ')
const prose = (phrase: Phrase): string =>
  inEnglish(phrase).replaceAll('\\', '\\\\').replaceAll('*', '\\*').replaceAll('<', '\\<')
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}` // prettier-ignore

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [
    `| ${heads.join(' | ')} |`,
    `| ${heads.map(() => '---').join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ]
}

const page = (title: string, ...lines: readonly string[]): string => `${[`# ${title}`, '', ...lines].join('\n').trimEnd()}\n` // prettier-ignore

const titles: Readonly<Record<CodeFamily, string>> = {
  pxe: 'PXE codes',
  uefi: 'UEFI status values',
  ipxe: 'iPXE errors',
  'boot-manager': 'Windows boot manager and kernel status values',
  configmgr: 'Configuration Manager errors',
  setup: 'Windows Setup errors',
  windows: 'Windows errors',
}

const introductions: Readonly<Record<CodeFamily, string>> = {
  pxe: 'Codes that a PXE boot ROM (BIOS) and the PXE driver of UEFI firmware show. One number may mean different things on the two. PXE-T codes carry the error number of the TFTP server.',
  uefi: 'Status values of UEFI firmware (UEFI specification, appendix D). The console shows the words, logs the number.',
  ipxe: 'Errors that iPXE shows when a network boot fails. iPXE prints an address, and the digits in it are the code; the last two differ between BIOS and UEFI. The window and `pxe-lab ask --code` read every number of iPXE, these and others.',
  'boot-manager':
    'Status values of the Windows kernel, which the Windows boot manager shows when it cannot start Windows PE.',
  configmgr: 'Errors of Configuration Manager (0x87D0....), as smsts.log and the client logs show them.',
  setup:
    'Errors of Windows Setup and of upgrades (0xC190....). A second number says at which phase and operation Setup stopped.',
  windows: 'Windows errors as HRESULT. A Win32 error n (in decimal) is 0x8007 followed by n in hexadecimal.',
}

/** Where the codes of a family are documented. */
export const codesPath = (family: CodeFamily): string => `codes/${family}.md`

/** What is told of one code in full. */
function codeSection(code: Code, space: Space): string[] {
  const { lines, causes, checks, signatures, notes, failures } = codePage(code, space)
  const scenarios = scenariosShowing(space, code.code)
  const list = (title: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [`**${title}**`, '', ...items.map((one) => `- ${one}`), '']
  return [
    `## ${code.code}`,
    '',
    ...(code.bios === undefined && code.uefi === undefined ? [prose(sentence(code.title)), ''] : []),
    ...(code.bios === undefined ? [] : [`On BIOS: ${prose(code.bios)}.`, '']),
    ...(code.uefi === undefined ? [] : [`On UEFI: ${prose(code.uefi)}.`, '']),
    ...list('On the screen', lines.map(({ firmware, line }) => `${firmware}: \`${line}\``)),
    ...(code.look === undefined ? [] : [`Look at: ${prose(code.look)}`, '']),
    ...list(
      'Likely causes, as the simulator ranks them',
      causes.map(({ title, share, fix }) => `${prose(title)} (${percent(share)}). ${prose(fix[0] ?? '')}`.trim()),
    ),
    ...(causes.length > 0 ? [] : list('Likely causes', failures.flatMap((one) => one.causes).map(prose))),
    ...list('Played by', scenarios.map(({ id, title }) => `[${prose(title)}](../reference/scenarios.md#${anchorOf(inEnglish(title))}) (\`${id}\`)`)),
    ...list('Checks of the Doctor that find it', checks.map((one) => prose(one.title))),
    ...list(
      'In logs',
      signatures
        .filter(({ id }) => !id.startsWith('screen-'))
        .map(({ title, means, fix }) => prose([`${inEnglish(title())}.`, ...[means, fix].flatMap((one) => (one ? [inEnglish(one())] : []))].join(' '))),
    ),
    ...list('Notes from the field', notes.map(prose)),
  ] // prettier-ignore
}

/** A family: what has more than a meaning in sections, the rest in a table. */
function codesDocument(family: CodeFamily, all: readonly Code[], space: Space): string {
  const own = all.filter((one) => one.family === family)
  const isRich = (code: Code): boolean => {
    const { causes, signatures, notes } = codePage(code, space)
    return family === 'pxe' || family === 'ipxe' || causes.length > 0 || notes.length > 0 || signatures.length > 0
  }
  const rich = own.filter(isRich)
  const plain = own.filter((one) => !rich.includes(one))
  const plainRows = plain.map((code) => [
    `\`${code.code}\``,
    family === 'uefi' ? cell(code.lines[0]?.line ?? '') : `\`${code.spellings.find((one) => /^\d+$/.test(one) && one.length < 6) ?? ''}\``.replace('``', ''),
    cell(sentence(code.title)),
    ...(family === 'uefi' ? [cell(code.look ?? '')] : []),
  ]) // prettier-ignore
  return page(
    titles[family],
    `${introductions[family]} ${own.length} codes. ${generated}`,
    '',
    ...rich.flatMap((one) => codeSection(one, space)),
    ...(plain.length === 0
      ? []
      : [
          ...(rich.length > 0 ? ['## Other codes', ''] : []),
          ...(family === 'uefi'
            ? table(['Code', 'On the screen', 'Meaning', 'Look at'], plainRows)
            : table(['Code', 'Number', 'Meaning'], plainRows)),
        ]),
  )
}

interface DocumentedScenario {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly summary: string
  readonly goesWrong?: string
  readonly look?: readonly string[]
  readonly repairs?: readonly { readonly title: string; readonly says: string; readonly isAccepted: boolean; readonly commands?: readonly string[] }[] // prettier-ignore
  readonly expect?: Readonly<Record<string, { readonly outcome: string; readonly code?: string }>>
  readonly clients: Readonly<Record<string, { readonly firmware: string }>>
}

function scenariosDocument(scenarios: readonly DocumentedScenario[]): string {
  const groups = [...new Set(scenarios.map((one) => one.group))].sort()
  return page(
    'Scenarios',
    `The ${scenarios.length} scenarios of the simulator. Play one under **Simulator**, or run \`pxe-lab simulate NAME --ladder\`. ${generated}`,
    '',
    ...groups.flatMap((group) => [
      `## ${group}`,
      '',
      ...scenarios
        .filter((one) => one.group === group)
        .flatMap(({ id, title, summary, goesWrong, look = [], repairs = [], expect = {} }) => {
          const fixes = repairs.filter((one) => one.isAccepted)
          const ends = Object.entries(expect).map(([client, { outcome, code = '' }]) => `${client}: ${outcome}${code === '' ? '' : ` (${code})`}`) // prettier-ignore
          return [
            `### ${title}`,
            '',
            prose(sentence(summary)),
            '',
            ...(goesWrong === undefined ? [] : [prose(sentence(goesWrong)), '']),
            ...(look.length === 0 ? [] : ['What to look for:', '', ...look.map((one) => `- ${prose(one)}`), '']),
            ...fixes.flatMap((one) => [`Fix: ${prose(one.title)}. ${prose(one.says)}`, '']),
            ...(ends.length === 0 ? [] : [`Outcome: ${ends.join(', ')}.`, '']),
            '```sh',
            `pxe-lab simulate ${id} --ladder`,
            '```',
            '',
          ]
        }),
    ]),
  )
}

const glossaryDocument = (): string =>
  page(
    'Glossary',
    `The terms of network boot. In the window they are explained where you point at them. ${generated}`,
    '',
    ...table(
      ['Term', 'Meaning', 'Also called'],
      terms.map(({ term, means, also }) => [`**${cell(term)}**`, cell(means), cell(also.join(', '))]),
    ),
  )

const keyboardDocument = (): string =>
  page(
    'Keyboard',
    `Mod is Ctrl, on a Mac Command. Keys marked * work in the desktop application only. ${generated}`.replace('marked *', 'marked \\*'), // prettier-ignore
    '',
    ...shortcutGroups.flatMap(({ title, shortcuts }) => [
      `## ${inEnglish(title)}`,
      '',
      ...table(
        ['Key', 'Does'],
        shortcuts.map(({ keys, does, isOfShell, isEither }) => [keys.map((one) => `\`${one}\``).join(isEither ? ' or ' : ' then '), `${inEnglish(does)}${isOfShell ? ' \\*' : ''}`]), // prettier-ignore
      ),
      '',
    ]),
  )

const labFileDocument = (): string => {
  const keys = labKeys()
  const top = [...new Set(keys.map(({ path }) => path.split(/[.[]/)[0]!))]
  const plain = keys.filter(({ path, isGroup }) => !/[.[]/.test(path) && !isGroup)
  const rows = (own: typeof keys): string[] =>
    table(
      ['Key', 'Value', 'Default'],
      own.map(({ path, says, standard }) => [`\`${path}\``, cell(says), standard === undefined ? '' : `\`${standard.replaceAll('|', '\\|')}\``]), // prettier-ignore
    )
  return page(
    'The lab file',
    `Every key of \`lab.yaml\`, read from its schema (\`resources/lab.schema.json\`). Only \`interface\` is required. The window edits the same file and keeps your comments. An error names the line, the field, its value and the remedy. ${generated}`,
    '',
    'A lab that assigns addresses and boots BIOS and UEFI machines:',
    '',
    '```yaml',
    'interface: eth1',
    'mode: dhcp',
    'dhcp:',
    '  subnets:',
    '    - subnet: 192.168.77.0/24',
    '      pools: [{ start: 192.168.77.100, end: 192.168.77.199 }]',
    'boot:',
    '  files: ./boot',
    '  programs:',
    '    - { architecture: bios, file: undionly.kpxe }',
    '    - { architecture: x64-uefi, file: ipxe.efi }',
    '```',
    '',
    '## General',
    '',
    ...rows(plain),
    '',
    ...top
      .filter((name) => !plain.some(({ path }) => path === name))
      .flatMap((name) => [
        `## ${name}`,
        '',
        ...rows(keys.filter(({ path, isGroup }) => !isGroup && path.split(/[.[]/)[0] === name)),
        '',
      ]),
  )
}

const optionsDocument = (): string =>
  page(
    'DHCP options',
    `The options that PXE Lab knows by name. Write them in the lab file by number or name: \`dhcp.options: { 42: 192.168.77.1 }\`. ${generated}`,
    '',
    ...table(
      ['Option', 'Name', 'In a network boot', 'Value', 'Defined in'],
      [...dhcpOptions.values()].map((one) => [String(one.code), one.name, cell(optionNotes[one.code] ?? ''), cell(kindOf(one).wants), cell(one.reference)]), // prettier-ignore
    ),
  )

const registryDocument = (): string =>
  page(
    'Registry values of WDS and Configuration Manager',
    `The values that network boot depends on. **Doctor** reads them, and shows the commands that change them. ${generated}`,
    '',
    ...registryValues.flatMap(({ key, name, says }) => [`## ${name}`, '', `\`${key}\``, '', prose(says), '']),
  )

/** Every document made of the tables, by its path below `docs/`. */
export function tableDocuments(space: Space, scenarios: readonly DocumentedScenario[]): ReadonlyMap<string, string> {
  return new Map([
    ...(Object.keys(introductions) as CodeFamily[]).map((family) => [codesPath(family), codesDocument(family, codes, space)] as const),
    ['reference/scenarios.md', scenariosDocument(scenarios)],
    ['reference/glossary.md', glossaryDocument()],
    ['reference/keyboard.md', keyboardDocument()],
    ['reference/lab-file.md', labFileDocument()],
    ['reference/dhcp-options.md', optionsDocument()],
    ['reference/registry-values.md', registryDocument()],
  ])
} // prettier-ignore
