/**
 * What a lab would leave its clients without: a pure judgement of the lab and of what lies in its boot folder. The start of
 * the responder, `simulate` and the Lab page all tell what this says, so that none of them contradicts another.
 */
import { say, type Message } from '#messages/message.ts'
import type { Phrase } from '#messages/message.ts'
import { inEnglish } from '#messages/text.ts'
import { z } from 'zod'
import { decodeText, formatIpv4, isInNetwork, parseIpv4, parseIpv4Network } from '../wire/bytes.ts'
import { windowsLoadersIn } from '../wire/boot-configuration.ts'
import { inspectBootProgram, mismatchOf, type BootProgram } from '../wire/boot-program.ts'
import { optionCodes } from '../wire/dhcp/options.ts'
import { parseIpv6Network, type IpAddress } from '../wire/ip-address.ts'
import { programKindByName, secondStageBeside } from '../machines/pxe-client/program-image.ts'
import { architectureName, architectureOf } from '../wire/iana/architecture.ts'
import { bootAnswerFor, storeOption } from '../machines/boot-answer.ts'
import { chooseProgram, ruleArchitectures, shadowOf } from '../machines/boot-policy.ts'
import { isIpxeClass, type ClientIdentity } from '../machines/client-identity.ts'
import { bootContradiction, configuredFor } from '../machines/dhcp-server/configured-options.ts'
import type { Whereabouts } from '../machines/whereabouts.ts'
import { hasPlaceholders } from '../machines/variables/template.ts'
import { ipv6Notices } from './ipv6-check.ts'
import type { Lab } from './lab.ts'
import { phraseSchema } from './phrase.ts'
import { isForRaspberryPi, isForUBoot } from './small-machines.ts'
import { namesForMachines, unknownVariables, type NameConditions } from './machine-variables.ts'
import { bootConfigurationOf, dhcpConfigurationOf } from './machine-configuration.ts'
import { roleFiles, roleNotices } from './role-check.ts'

/** What the responder finds under a name in its boot folder; `head` is the first `bootProgramHeadBytes`. */
export type FolderFile =
  | { readonly ok: true; readonly name: string; readonly size: number; readonly head: Uint8Array }
  | { readonly ok: false; readonly reason: Phrase }

/** Why a file cannot be loaded. */
export const reasonOf = (file: FolderFile | undefined): Phrase =>
  file?.ok === false ? file.reason : say('boot-check.no-such-file')

export interface BootFolderView {
  readonly exists: boolean
  /** By the names of `namedFiles`. */
  readonly files: ReadonlyMap<string, FolderFile>
  /** What Raspberry Pis and U-Boot would load, by the names that those of a simulation ask for (`small-machines.ts`). */
  readonly smallMachines?: ReadonlyMap<string, FolderFile>
}

export const labNoticeSchema = z.object({
  code: z.enum([
    'folder-missing',
    'program-missing',
    'program-wrong',
    'rule-never-reached',
    'nothing-to-boot',
    'kind-without-rule',
    'no-tftp',
    'no-http',
    'no-dns',
    'no-router',
    'boot-fields-contradict',
    'variable-unknown',
    'variable-missing',
    'template-missing',
    'template-refused',
    'no-ipv6',
  ]),
  /** `info` may be meant so. */
  level: z.enum(['warning', 'info']),
  /** Path of keys in the lab file. */
  field: z.string(),
  /** A clause without its full stop. */
  text: phraseSchema,
  /** A sentence. */
  remedy: phraseSchema,
})
export type LabNotice = Readonly<z.infer<typeof labNoticeSchema>>

/**
 * Machines are switched on and boot nothing: shown and counted as a problem, whether or not it is meant so. Of a lab that boots one kind of
 * machine, that no rule is about the others is no such thing.
 */
export const isGrave = ({ code }: LabNotice): boolean => code === 'nothing-to-boot' || code === 'program-missing'

export const noticeText = ({ text, remedy }: LabNotice): Phrase => say('boot-check.notice', { text, remedy })

const hasScheme = (file: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(file)

/** A rule, or an item of a menu. */
interface Named {
  readonly file: string
  readonly nextServer?: string | undefined
}

/** Where a file comes from, if not from this machine. */
const serverOf = (lab: Lab, { nextServer }: Named): string | null => nextServer ?? lab.boot.nextServer

/** Whether the file comes from the boot folder of this lab. */
function isOurs(lab: Lab, named: Named, own: readonly number[]): boolean {
  const server = serverOf(lab, named)
  return !hasScheme(named.file) && (server === null || own.includes(parseIpv4(server)!))
}

/** Lines of every menu, each with its path in the lab file. */
function menuItems(
  lab: Lab,
): readonly { readonly text: string; readonly file: string | undefined; readonly field: string }[] {
  const menus = [
    ...lab.boot.menus.map((menu, index) => ({ menu, field: `boot.menus[${index}]` })),
    ...(lab.boot.menu ? [{ menu: lab.boot.menu, field: 'boot.menu' }] : []),
  ]
  return menus.flatMap(({ menu, field }) =>
    menu.items.map(({ text, file }, index) => ({ text, file, field: `${field}.items[${index}].file` })),
  )
}

/** What the lab has for machines one by one, each with its path in the lab file. */
const machineFiles = (
  lab: Lab,
): readonly { readonly file: string; readonly field: string; readonly mac: string | undefined }[] =>
  lab.machines.flatMap(({ boot, mac }, index) =>
    boot === undefined ? [] : [{ file: boot, field: `machines[${index}].boot`, mac }],
  )

const windowsPrograms: readonly string[] = ['wdsnbp', 'wdsmgfw', 'bootmgr', 'pxeboot']

/** Boot configuration that option 252 names for machines whose program is of Windows, each once, with the numbers of their architectures. */
function namedStores(lab: Lab): readonly { readonly file: string; readonly codes: readonly number[] }[] {
  if (lab.mode === 'listen' || lab.role !== null) return []
  const configuration = dhcpConfigurationOf(lab, [])
  const { boot } = configuration
  const stores = new Map<string, Set<number>>()
  if (!boot) return []
  // Beside another DHCP server no subnet says anything.
  for (const subnet of lab.mode === 'dhcp' ? configuration.subnets : [undefined])
    for (const code of familiesOf(lab)) {
      const client = typicalClient(code)
      if (client.boot !== 'pxe') continue
      const { file } = bootAnswerFor(client, boot, 0, { link: subnet?.network.address ?? 0, relay: 0, circuitId: undefined, remoteId: undefined }) // prettier-ignore
      const path = subnet ? configuredFor(configuration, client, subnet, undefined).get(optionCodes.bcd) : storeOption(client, boot)[0]?.data // prettier-ignore
      const store = path ? decodeText(path).replace(/\0.*$/s, '') : ''
      // An address is one of a web proxy, which has the same number.
      if (store === '' || hasScheme(store) || !windowsPrograms.includes(programKindByName(file)) || !isOurs(lab, { file }, [])) continue // prettier-ignore
      stores.set(store, (stores.get(store) ?? new Set()).add(code))
    }
  return [...stores].map(([file, codes]) => ({ file, codes: [...codes] }))
}

/** A boot configuration whose every entry starts Windows with the program of the other firmware. */
function storeForOthers(file: string, codes: readonly number[], head: Uint8Array): LabNotice[] {
  const loaders = windowsLoadersIn(head)
  const code = codes.find((one) => loaders.length > 0 && loaders.every((path) => /\.efi$/i.test(path) === (one === 0)))
  if (code === undefined) return []
  return [{
    code: 'program-wrong',
    level: 'warning',
    field: 'dhcp',
    text: say('boot-check.store-of-others', {
      machines: machinesOf(code),
      file,
      loaders,
      others: code === 0 ? 'UEFI' : 'BIOS',
    }),
    remedy: say('boot-check.store-of-their-own', {
      machines: code === 0 ? 'BIOS' : 'UEFI',
      firmware: code === 0 ? 'bios' : 'uefi',
    }),
  }]
} // prettier-ignore

const storeNotices = (lab: Lab, view: BootFolderView): LabNotice[] =>
  namedStores(lab).flatMap(({ file, codes }) => {
    const found = view.files.get(file)
    if (found?.ok) return storeForOthers(file, codes, found.head)
    return {
      code: 'program-missing',
      level: 'warning',
      field: 'dhcp',
      text: say('boot-check.store-missing', { machines: machinesOf(codes[0]!), file, reason: reasonOf(found) }),
      remedy: say('boot-check.put-store', { files: lab.boot.files }),
    }
  })

/** A line of a script that loads a file for the kernel and says nothing behind its address. */
const withoutName =
  /^\s*(?:initrd|imgfetch|module)\s+(?:(?:--name|-n|--timeout|-t)\s+\S+\s+|--?[a-z]+\s+)*(?<file>[^\s-]\S*)\s*(?:(?:\|\||&&).*)?$/

/**
 * Files that wimboot would not find on a BIOS: iPXE puts one into the archive under the first argument behind its address (iPXE,
 * `core/cpio.c`). A script that asks for its platform may never come there.
 */
function wimbootNotices(lab: Lab, view: BootFolderView): LabNotice[] {
  if (!lab.boot.programs.some((rule) => rule.userClass === undefined && codesOf(rule).includes(0))) return []
  return lab.boot.programs.flatMap((rule, index) => {
    const found = view.files.get(rule.file)
    const isForBios = rule.architecture === undefined || codesOf(rule).includes(0)
    if (rule.userClass === undefined || !isIpxeClass(rule.userClass) || !isForBios || !found?.ok) return []
    const text = decodeText(found.head)
    if (!text.startsWith('#!ipxe') || /platform|buildarch/.test(text)) return []
    const lines = text.split(/\r?\n/)
    const from = lines.findIndex((line) => /^\s*kernel\s.*\bwimboot\b/.test(line))
    const to = lines.findIndex((line, at) => at > from && /^\s*(?:boot\b|:)/.test(line))
    const unnamed = from < 0 ? undefined : lines.slice(from, to < 0 ? undefined : to).map((line) => withoutName.exec(line)?.groups?.['file']).find((one) => one !== undefined) // prettier-ignore
    if (unnamed === undefined) return []
    const name = unnamed.split('/').at(-1)!
    return {
      code: 'program-wrong' as const,
      level: 'warning' as const,
      field: `boot.programs[${index}].file`,
      text: say('boot-check.bad-cpio-magic', { file: rule.file, loaded: unnamed }),
      remedy: say('boot-check.name-twice', { name, loaded: unnamed }),
    }
  })
}

/** Names that `BootFolderView.files` has to know. */
export function namedFiles(lab: Lab): readonly string[] {
  const named = [...roleFiles(lab), ...lab.boot.programs, ...menuItems(lab), ...machineFiles(lab), ...namedStores(lab)]
  const files = named.flatMap(({ file, ...rule }) => (file === undefined ? [] : hasPlaceholders(file) ? namesForMachines(lab, file, rule as NameConditions).flatMap(({ name }) => (name.ok ? name.text : [])) : file)) // prettier-ignore
  const stages = files.flatMap((file) => secondStageBeside(file) ?? [])
  return [...new Set([...files, ...stages].filter((file) => !hasScheme(file)))]
}

/** As many machines as a list of notices is read of. */
const mostMachineNotices = 20

/** Names with placeholders, and what machines have for themselves. */
function machineNotices(lab: Lab, view: BootFolderView, own: readonly number[]): LabNotice[] {
  const notices: LabNotice[] = []
  const remedy = say('boot-check.put-file', { files: lab.boot.files })
  const named = [
    ...lab.boot.programs.map((rule, index) => ({ ...rule, field: `boot.programs[${index}].file`, only: undefined })),
    ...menuItems(lab).map((item) => ({ file: item.file ?? '', field: item.field, only: undefined })),
    ...machineFiles(lab).map((one) => ({ ...one, only: one.field.replace(/\.boot$/, '') })),
  ]
  for (const { field, only, ...rule } of named) {
    const { file } = rule
    if (!hasPlaceholders(file)) {
      if (only !== undefined && isOurs(lab, rule, own) && !view.files.get(file)?.ok)
        notices.push({ code: 'program-missing', level: 'warning', field, text: say('boot-check.machines-file-missing', { machines: only, file }), remedy }) // prettier-ignore
      continue
    }
    const unknown = unknownVariables(lab, file)
    for (const name of unknown)
      notices.push({ code: 'variable-unknown', level: 'warning', field, text: say('boot-check.variable-unknown', { file, name }), remedy: say('boot-check.variable-unknown-remedy', { name }) }) // prettier-ignore
    if (unknown.length > 0) continue
    for (const { who, name, lacks } of namesForMachines(lab, file, rule as NameConditions, only)) {
      if (notices.length >= mostMachineNotices) break
      const lacking = name.ok ? undefined : lacks
      if (lacking !== undefined)
        notices.push({ code: 'variable-missing', level: only === undefined ? 'info' : 'warning', field, text: say('boot-check.variable-missing', { who, file, lacking }), remedy: say('boot-check.variable-missing-remedy', { lacking }) }) // prettier-ignore
      // What it has not told yet it may tell.
      if (!name.ok || !isOurs(lab, { ...rule, file: name.text }, own) || view.files.get(name.text)?.ok) continue
      notices.push({ code: 'program-missing', level: 'warning', field, text: say('boot-check.machine-file-missing', { who, file, name: name.text }), remedy }) // prettier-ignore
    }
  }
  return notices
}

type Rule = Lab['boot']['programs'][number]

const httpBoot = ' HTTP boot'

/** `UEFI x64 machines`, `UEFI x64 machines with HTTP boot`. */
function machinesOf(code: number): Message {
  const name = architectureName(code)
  return name.endsWith(httpBoot)
    ? say('boot-check.machines-http-boot', { architecture: name.slice(0, -httpBoot.length) })
    : say('boot-check.machines-of', { architecture: name })
}

const codesOf = ({ architecture }: Rule): readonly number[] =>
  architecture === undefined ? [] : ruleArchitectures(architecture)

/** The first number of each architecture that a rule names: 7 and 9 are one. */
function firstCodesOf({ architecture }: Rule): readonly number[] {
  if (architecture === undefined) return []
  return [architecture].flat().flatMap((one) => ruleArchitectures(one).slice(0, 1))
}

/** Whom a rule is for, as the subject of a sentence in the plural. */
function whoOf(rule: Rule): Phrase {
  const codes = firstCodesOf(rule)
  const conditions = [
    rule.userClass === undefined
      ? undefined
      : isIpxeClass(rule.userClass)
        ? say('boot-check.that-run-ipxe')
        : say('boot-check.of-user-class', { userClass: rule.userClass }),
    rule.vendorClass === undefined ? undefined : say('boot-check.of-vendor-class', { vendorClass: rule.vendorClass }),
    rule.mac === undefined ? undefined : say('boot-check.with-mac', { mac: rule.mac }),
    rule.uuid === undefined ? undefined : say('boot-check.with-uuid', { uuid: rule.uuid }),
    rule.subnet === undefined ? undefined : say('boot-check.in-subnet', { subnet: rule.subnet }),
    rule.relay === undefined ? undefined : say('boot-check.behind-relay', { relay: rule.relay }),
    rule.circuitId === undefined ? undefined : say('boot-check.with-circuit-id', { circuitId: rule.circuitId }),
    rule.remoteId === undefined ? undefined : say('boot-check.with-remote-id', { remoteId: rule.remoteId }),
  ].filter((one) => one !== undefined)
  const machines =
    codes.length > 0
      ? say('boot-check.machines-list', { machines: codes.map(machinesOf) })
      : say(conditions.length === 0 ? 'boot-check.all-machines' : 'boot-check.machines')
  return conditions.reduce((who, condition) => say('boot-check.who', { who, condition }), machines)
}

/** A machine of that architecture of which nothing else is known. */
export function typicalClient(code: number, more: Partial<ClientIdentity> = {}): ClientIdentity {
  const isHttp = architectureOf(code)?.isHttp === true
  return {
    mac: '',
    uuid: undefined,
    architecture: code,
    architectures: [code],
    isRaspberryPi: architectureOf(code)?.key === 'arm-rpiboot',
    vendorClass: `${isHttp ? 'HTTPClient' : 'PXEClient'}:Arch:${String(code).padStart(5, '0')}`,
    userClasses: [],
    isIpxe: false,
    boot: isHttp ? 'http' : 'pxe',
    hostName: undefined,
    ...more,
  }
}

/** Architectures that a lab is expected to boot, and those it names. */
function familiesOf(lab: Lab): readonly number[] {
  const named = lab.boot.programs.flatMap(firstCodesOf)
  return [...new Set([0, 7, ...(lab.http.enabled || lab.https.enabled ? [16] : []), ...named])]
}

/** Where clients may be: in each subnet of the lab, or just here. */
function placesOf(lab: Lab): readonly Whereabouts[] {
  const links: IpAddress[] = [
    ...lab.dhcp.subnets.map(({ subnet }) => parseIpv4Network(subnet)!.address),
    ...(lab.ipv6.enabled ? lab.ipv6.subnets.map(({ subnet }) => parseIpv6Network(subnet)!.address) : []),
  ]
  return (links.length > 0 ? links : [0]).map((link) => ({ link, relay: 0, circuitId: undefined, remoteId: undefined }))
}

export interface ProgramState {
  /** What the file is, in words; empty where there is none. */
  readonly description: Phrase
  /** Why nobody boots from it; empty where nothing speaks against it. */
  readonly problem: Phrase
}

/** What rule number `index` hands out. */
export function programState(lab: Lab, index: number, view: BootFolderView, own: readonly number[] = []): ProgramState {
  const rule = lab.boot.programs[index]!
  if (hasScheme(rule.file)) return { description: say('boot-check.address-elsewhere'), problem: '' }
  if (!isOurs(lab, rule, own))
    return { description: say('boot-check.file-on-server', { server: serverOf(lab, rule) }), problem: '' }
  if (hasPlaceholders(rule.file)) return { description: say('boot-check.file-each-machine'), problem: '' }
  if (!view.exists) return { description: '', problem: say('boot-check.boot-folder-does-not-exist') }
  const file = view.files.get(rule.file)
  if (!file?.ok) return { description: '', problem: say('boot-check.missing', { reason: reasonOf(file) }) }
  const program = inspectBootProgram(file.head, file.name)
  return {
    description: program.description,
    problem: wrongWith(lab, rule, index, program)?.why ?? '',
  }
}

/** The first architecture of the rule that cannot start its program. */
function wrongWith(
  lab: Lab,
  rule: Rule,
  index: number,
  program: BootProgram,
): { readonly code: number | undefined; readonly why: Phrase } | undefined {
  if (program.kind === 'empty') return { code: undefined, why: say('boot-program.file-empty') }
  // iPXE runs scripts, and what it loads otherwise it judges by itself.
  if (rule.userClass !== undefined && isIpxeClass(rule.userClass)) return undefined
  const { programs } = bootConfigurationOf(lab)
  const isReached = (code: number): boolean =>
    placesOf(lab).some((where) => chooseProgram(programs, typicalClient(code), where).rule === index)
  const codes = rule.architecture === undefined ? familiesOf(lab).filter(isReached) : codesOf(rule)
  for (const code of codes) {
    const architecture = architectureOf(code)
    const why = architecture && mismatchOf(program, architecture)
    if (why !== undefined) return { code, why }
  }
  return undefined
}

/** Whether such machines find something without the file that their rule names. */
function hasSmallMachineFiles(rule: Rule, { smallMachines }: BootFolderView): boolean {
  const names = [...(smallMachines ?? [])].flatMap(([name, file]) => (file.ok ? [name] : []))
  if (isForRaspberryPi(rule)) return names.some((name) => /(^|\/)(start4\.elf|bcm2712[\w-]*\.dtb)$/i.test(name))
  const folder = rule.file.slice(0, rule.file.lastIndexOf('/') + 1)
  return names.some((name) => name.startsWith(`${folder}pxelinux.cfg/`))
}

function programNotices(lab: Lab, view: BootFolderView, own: readonly number[]): LabNotice[] {
  const notices: LabNotice[] = []
  const remedyMissing = say('boot-check.put-file', { files: lab.boot.files })
  for (const [index, rule] of lab.boot.programs.entries()) {
    const before = shadowOf(bootConfigurationOf(lab).programs, index)
    if (before !== undefined) {
      notices.push({
        code: 'rule-never-reached',
        level: 'warning',
        field: `boot.programs[${index}]`,
        text: say('boot-check.rule-never-reached', { rule: index + 1, before: before + 1 }),
        remedy: say('boot-check.more-conditions-first'),
      })
      continue
    }
    if (!isOurs(lab, rule, own) || hasPlaceholders(rule.file)) continue
    const field = `boot.programs[${index}].file`
    const file = view.files.get(rule.file)
    if (!file?.ok) {
      // U-Boot looks for its configuration in the folder of the file, and only older Pis have a first program.
      if ((isForUBoot(rule) || isForRaspberryPi(rule)) && hasSmallMachineFiles(rule, view)) continue
      const reason = reasonOf(file)
      notices.push({
        code: 'program-missing',
        level: 'warning',
        field,
        text: say('boot-check.program-missing', { who: whoOf(rule), file: rule.file, reason }),
        remedy: isForUBoot(rule)
          ? say('boot-check.put-file-or-configuration', { files: lab.boot.files })
          : remedyMissing,
      })
      continue
    }
    const wrong = wrongWith(lab, rule, index, inspectBootProgram(file.head, file.name))
    if (wrong)
      notices.push({
        code: 'program-wrong',
        level: 'warning',
        field,
        text: say('boot-check.program-wrong', {
          who: rule.architecture === undefined && wrong.code !== undefined ? machinesOf(wrong.code) : whoOf(rule),
          file: rule.file,
          why: wrong.why,
        }),
        remedy: say('boot-check.name-program'),
      })
    const second = wrong ? undefined : secondStageBeside(rule.file)
    if (second !== undefined && !view.files.get(second)?.ok)
      notices.push({
        code: 'program-missing',
        level: 'info',
        field,
        text: say('boot-check.second-stage-missing', { second, file: rule.file }),
        remedy: say('boot-check.put-second-stage', { file: rule.file }),
      })
  }
  for (const { text, file, field } of menuItems(lab)) {
    if (file === undefined || !isOurs(lab, { file }, own) || hasPlaceholders(file)) continue
    const found = view.files.get(file)
    if (!found?.ok)
      notices.push({
        code: 'program-missing',
        level: 'warning',
        field,
        text: say('boot-check.menu-item-boots-nothing', { item: text, file, reason: reasonOf(found) }),
        remedy: remedyMissing,
      })
  }
  return notices
}

/** Who is told nothing, and who is told what the lab does not serve. */
function coverageNotices(lab: Lab): LabNotice[] {
  const boot = bootConfigurationOf(lab)
  const { programs } = boot
  if (programs.length === 0 && boot.menus.length === 0)
    return [
      {
        code: 'nothing-to-boot',
        level: 'info',
        field: 'boot.programs',
        text: say('boot-check.nothing-to-boot'),
        remedy: say('boot-check.add-rule'),
      },
    ]
  const notices: LabNotice[] = []
  for (const code of familiesOf(lab)) {
    const client = typicalClient(code)
    const answers = placesOf(lab).map((where) => ({ where, answer: bootAnswerFor(client, boot, 0, where) }))
    const first = answers.find(({ answer }) => answer.choice.rule !== undefined)
    const rule = first?.answer.choice.rule
    if (answers.some(({ answer }) => answer.menu)) continue
    if (!first || rule === undefined)
      notices.push({
        code: 'kind-without-rule',
        level: 'info',
        field: 'boot.programs',
        text: say('boot-check.kind-without-rule', { machines: machinesOf(code) }),
        remedy: say('boot-check.add-rule-for-kind'),
      })
    else if (first.answer.file === '' && client.boot === 'http')
      notices.push({
        code: 'no-http',
        level: 'warning',
        field: `boot.programs[${rule}].file`,
        ...(programs[rule]!.protocol === 'https'
          ? {
              text: say('boot-check.needs-https', { machines: machinesOf(code), file: programs[rule]!.file }),
              remedy: say('boot-check.set-https'),
            }
          : {
              text: say('boot-check.needs-http', { machines: machinesOf(code), file: programs[rule]!.file }),
              remedy: say('boot-check.set-http'),
            }),
      })
    else if (client.boot === 'pxe' && /^https?:/i.test(first.answer.file))
      notices.push({
        code: 'program-wrong',
        // A BIOS machine may have iPXE for its ROM, as virtual ones do, and that loads it.
        level: code === 0 ? 'info' : 'warning',
        field: `boot.programs[${rule}].file`,
        text: say('boot-check.url-for-pxe', { machines: machinesOf(code), file: first.answer.file }),
        remedy: say('boot-check.give-url-to-http-boot'),
      })
    else if (client.boot === 'pxe') {
      const next = chooseProgram(programs, typicalClient(code, { isIpxe: true, userClasses: ['iPXE'] }), first.where)
      if (next.file === undefined && /ipxe|undionly|snponly/i.test(programs[rule]!.file))
        notices.push({
          code: 'nothing-to-boot',
          level: 'info',
          field: 'boot.programs',
          text: say('boot-check.ipxe-gets-nothing', { machines: machinesOf(code), file: programs[rule]!.file }),
          remedy: say('boot-check.add-ipxe-rule'),
        })
    }
  }
  return notices
}

interface NamedHost {
  readonly host: string
  readonly field: string
  readonly where: string
}

/** Up to the path; variables of iPXE such as ${net0/next-server} are part of a host. */
const schemePattern = /\b(https?|tftp|ftp|nfs|iscsi):\/\/((?:\$\{[^}]*\}|[^/\s"'<>])+)/gi

/** Hosts that programs, and scripts in the boot folder, are loaded from. */
function namedHosts(lab: Lab, view: BootFolderView): (NamedHost & { readonly scheme: string })[] {
  const hosts: (NamedHost & { readonly scheme: string })[] = []
  const collect = (text: string, field: string, where: string): void => {
    for (const [, scheme = '', authority = ''] of text.matchAll(schemePattern)) {
      const host = authority.replace(/^.*@/, '').replace(/:\d+$/, '')
      hosts.push({ scheme: scheme.toLowerCase(), host, field, where })
    }
  }
  for (const [index, { file }] of lab.boot.programs.entries()) {
    const field = `boot.programs[${index}].file`
    collect(file, field, file)
    const found = view.files.get(file)
    if (!found?.ok) continue
    const { kind } = inspectBootProgram(found.head, found.name)
    if (kind === 'script' || kind === 'configuration')
      collect(
        decodeText(found.head)
          .split('\n')
          .filter((line) => !/^\s*#/.test(line))
          .join('\n'),
        field,
        file,
      )
  }
  return hosts
}

const isVariable = (host: string): boolean => host.includes('$')
const isOwnVariable = (host: string): boolean => /^\$\{([a-z]+\d*\/)?next-server\}$/i.test(host)

/** What the files point at and the lab does not give: DNS, HTTP, TFTP. */
function serviceNotices(lab: Lab, view: BootFolderView, own: readonly number[]): LabNotice[] {
  const notices: LabNotice[] = []
  const hosts = namedHosts(lab, view)
  const isHere = (host: string): boolean => {
    const address = parseIpv4(host)
    return (isOwnVariable(host) && lab.boot.nextServer === null) || (address !== undefined && own.includes(address))
  }
  for (const service of ['http', 'https'] as const) {
    const found = hosts.find(({ scheme, host }) => scheme === service && isHere(host))
    if (!found || lab[service].enabled) continue
    notices.push({
      code: 'no-http',
      level: 'warning',
      field: found.field,
      text: say('boot-check.service-off', { where: found.where, service: service.toUpperCase() }),
      remedy: say('boot-check.set-service', { service }),
    })
  }
  const overTftp = lab.boot.programs.findIndex((rule) => isOurs(lab, rule, own))
  if (overTftp >= 0 && !lab.tftp.enabled && !lab.http.enabled && !lab.https.enabled)
    notices.push({
      code: 'no-tftp',
      level: 'warning',
      field: 'tftp.enabled',
      text: say('boot-check.tftp-off', { file: lab.boot.programs[overTftp]!.file }),
      remedy: say('boot-check.set-tftp'),
    })
  if (lab.mode !== 'dhcp') return notices
  const named = hosts.find(({ host }) => !isVariable(host) && !/^[\d.]+$/.test(host) && !host.startsWith('['))
  const configuration = dhcpConfigurationOf(lab, [])
  for (const [index, subnet] of configuration.subnets.entries()) {
    const text = `${formatIpv4(subnet.network.address)}/${subnet.network.prefixLength}`
    const options = configuredFor(configuration, typicalClient(7), subnet, undefined)
    const tftpName = decodeText(options.get(optionCodes.tftpServerName) ?? new Uint8Array())
    const byName =
      named ??
      (tftpName !== '' && parseIpv4(tftpName) === undefined
        ? { host: tftpName, where: 'option 66', field: '' }
        : undefined)
    if (byName && !options.has(optionCodes.domainNameServer))
      notices.push({
        code: 'no-dns',
        level: 'warning',
        field: `dhcp.subnets[${index}].dns`,
        text: say('boot-check.no-dns', { subnet: text, where: byName.where, host: byName.host }),
        remedy: say('boot-check.give-dns'),
      })
    if (options.has(optionCodes.router)) continue
    const server = lab.boot.nextServer === null ? own : [parseIpv4(lab.boot.nextServer)!]
    const isReached = server.length === 0 || server.some((address) => isInNetwork(address, subnet.network))
    if (!isReached && lab.boot.programs.some(({ file }) => !hasScheme(file)))
      notices.push({
        code: 'no-router',
        level: 'warning',
        field: `dhcp.subnets[${index}].router`,
        text: say('boot-check.no-router', { subnet: text, server: formatIpv4(server[0]!) }),
        remedy: say('boot-check.give-router'),
      })
  }
  return notices
}

/** Options 66 and 67 of the lab that say other than the header of the same reply. */
function contradictionNotices(lab: Lab, own: readonly number[]): LabNotice[] {
  if (lab.mode !== 'dhcp') return []
  const configuration = dhcpConfigurationOf(lab, [])
  const { boot } = configuration
  if (!boot) return []
  const notices = new Map<string, LabNotice>()
  for (const [index, subnet] of configuration.subnets.entries())
    for (const code of familiesOf(lab)) {
      const client = typicalClient(code)
      const where = { link: subnet.network.address, relay: 0, circuitId: undefined, remoteId: undefined }
      const answer = bootAnswerFor(client, boot, own.length === 1 ? own[0]! : 0, where)
      if (answer.file === '') continue
      const siaddr = answer.siaddr === 0 ? undefined : answer.siaddr
      const why = bootContradiction(
        { siaddr, file: answer.file },
        configuredFor(configuration, client, subnet, undefined),
      )
      if (why !== undefined && !notices.has(inEnglish(why)))
        notices.set(inEnglish(why), {
          code: 'boot-fields-contradict',
          level: 'warning',
          field: `dhcp.subnets[${index}].options`,
          text: say('boot-check.fields-contradict', { machines: machinesOf(code), why }),
          remedy: say('boot-check.mend-contradiction'),
        })
    }
  return [...notices.values()]
}

/** `own` are the addresses of the interfaces that are served, where they are known. */
export function checkBoot(lab: Lab, view: BootFolderView, own: readonly number[] = []): readonly LabNotice[] {
  if (lab.mode === 'listen') return []
  if (lab.role !== null) return [...roleNotices(lab, view, machinesOf), ...ipv6Notices(lab)]
  const serves = lab.tftp.enabled || lab.http.enabled || lab.https.enabled
  const needsFolder =
    serves &&
    [...lab.boot.programs, ...menuItems(lab)].some(
      ({ file, ...rest }) => file !== undefined && isOurs(lab, { ...rest, file }, own),
    )
  if (needsFolder && !view.exists)
    return [
      {
        code: 'folder-missing',
        level: 'warning',
        field: 'boot.files',
        text: say('boot-check.folder-missing', { files: lab.boot.files }),
        remedy: say('boot-check.create-folder'),
      },
      ...coverageNotices(lab),
      ...contradictionNotices(lab, own),
      ...ipv6Notices(lab),
    ]
  return [
    ...programNotices(lab, view, own),
    ...storeNotices(lab, view),
    ...wimbootNotices(lab, view),
    ...machineNotices(lab, view, own),
    ...coverageNotices(lab),
    ...serviceNotices(lab, view, own),
    ...contradictionNotices(lab, own),
    ...ipv6Notices(lab),
  ]
}
