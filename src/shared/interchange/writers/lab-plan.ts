/** A lab file as what an engine has to be told: the responder's decisions (boot-policy.ts, boot-answer.ts) without the responder. */
import { say, type Phrase } from '#messages/message.ts'
import { bytesOfU32, encodeText, formatHex, formatIpv4, isInNetwork, parseHex, parseIpv4, parseIpv4Network, parseMac, parseMacPrefix, parseUuid, concatBytes } from '../../wire/bytes.ts' // prettier-ignore
import { longestTerminated, type OptionValue } from '../../wire/dhcp/kinds.ts'
import { findOption, kindOf, optionCodes } from '../../wire/dhcp/options.ts'
import { raspberryPiArchitecture, raspberryPiPrefixes, raspberryPiText } from '../../wire/dhcp/raspberry-pi.ts' // prettier-ignore
import { architectureOf, architectures } from '../../wire/iana/architecture.ts'
import { webAddress, httpClass, offerVendorOptions, pxeClass } from '../../machines/boot-answer.ts'
import { isIpxeProgram, ruleArchitectures, type RuleConditions } from '../../machines/boot-policy.ts'
import { isIpxeClass } from '../../machines/client-identity.ts'
import { hasPlaceholders } from '../../machines/variables/template.ts'
import type { Lab } from '../../lab/lab.ts'
import { bootConfigurationOf } from '../../lab/machine-configuration.ts'
import { plainUuid } from '../../lab/roles.ts'
import { all, always, any, canHold, never, not, type Condition } from './condition.ts'
import { without, type ExportNote, type PlanForm, type PlanLevel, type PlanOption, type PlanProgram, type PlanSubnet, type ServicePlan } from './plan.ts' // prettier-ignore

export interface LabPlanInput {
  readonly lab: Lab
  /** Addresses of the machine that answers, the one on the first interface first. */
  readonly addresses: readonly number[]
  /** Line of a key in the lab file, from 1; 0 where it has none. */
  readonly lineOf: (key: string) => number
}

const isPxe: Condition = { is: 'vendor-class', begins: 'PXEClient' }
const isHttp: Condition = { is: 'vendor-class', begins: 'HTTPClient' }
/** As `identityOf` tells iPXE and its forerunner. */
const isIpxe: Condition = {
  is: 'named',
  name: 'ipxe',
  of: any({ is: 'option', code: 175 }, { is: 'user-class', text: 'iPXE' }, { is: 'user-class', text: 'gPXE' }),
}
const uuidBegins = (hex: string): Condition => ({ is: 'machine-identifier', begins: parseHex(`00${hex}`)! })
/** As `isRaspberryPiBoot` tells one. */
const isRaspberryPi: Condition = {
  is: 'named',
  name: 'raspberry-pi',
  of: all(
    not(isIpxe),
    any(
      { is: 'architecture', codes: [raspberryPiArchitecture] },
      all(
        { is: 'vendor-class', begins: 'PXEClient:Arch:00000:UNDI:002001' },
        any(
          ...raspberryPiPrefixes.map((prefix): Condition => ({ is: 'mac', prefix: parseHex(prefix)! })),
          uuidBegins('44'.repeat(16)),
          uuidBegins(formatHex(encodeText('RPi'))),
        ),
      ),
    ),
  ),
}

/** The last of each code is what holds. */
const lastOfEach = (options: readonly PlanOption[]): PlanOption[] => [
  ...new Map(options.map((one) => [one.code, one])).values(),
]

const planOptions = (options: Readonly<Record<string, unknown>> | undefined, key: string): PlanOption[] =>
  lastOfEach(
    Object.entries(options ?? {}).map(([name, value]) => {
      const definition = findOption(name)!
      return {
        code: definition.code,
        data: kindOf(definition).encode(value as OptionValue),
        key: `${key}.${name}`,
      }
    }),
  )

function planSubnet(
  subnet: Lab['dhcp']['subnets'][number],
  index: number,
  lab: Lab,
  addresses: readonly number[],
): PlanSubnet {
  const key = `dhcp.subnets[${index}]`
  const { router, dns } = subnet
  return {
    key,
    network: parseIpv4Network(subnet.subnet)!,
    pools: without(
      subnet.pools.map(({ start, end }) => ({ start: parseIpv4(start)!, end: parseIpv4(end)! })),
      addresses,
    ),
    leaseSeconds: subnet.leaseSeconds ?? lab.dhcp.leaseSeconds,
    options: lastOfEach([
      ...(router === undefined ? [] : [{ code: optionCodes.router, data: bytesOfU32(parseIpv4(router)!), key: `${key}.router` }]),
      ...(dns === undefined || dns.length === 0 ? [] : [{ code: optionCodes.domainNameServer, data: concatBytes(dns.map((one) => bytesOfU32(parseIpv4(one)!))), key: `${key}.dns` }]),
      ...planOptions(subnet.options, `${key}.options`),
    ]), // prettier-ignore
    reservations: subnet.reservations.map((one, at) => ({
      key: `${key}.reservations[${at}]`,
      address: parseIpv4(one.address)!,
      mac: one.mac === undefined ? undefined : parseMac(one.mac),
      uuid: one.uuid && plainUuid(one.uuid),
      clientId: one.clientId === undefined ? undefined : parseHex(one.clientId),
      hostname: one.hostname,
      options: planOptions(one.options, `${key}.reservations[${at}].options`),
    })),
  }
}

/** Where the client is, as far as the plan's subnets tell it; within a subnet the relay's address decides. */
function inNetwork(text: string, subnets: readonly PlanSubnet[], addresses: readonly number[]): Condition {
  const network = parseIpv4Network(text)!
  const whole: number[] = []
  const parts: Condition[] = []
  for (const [index, subnet] of subnets.entries())
    if (subnet.network.prefixLength >= network.prefixLength) {
      if (isInNetwork(subnet.network.address, network)) whole.push(index)
    } else if (isInNetwork(network.address, subnet.network)) {
      const here: Condition = { is: 'subnet', subnets: [index] }
      const through: Condition = { is: 'relay', ...network }
      const isOwn = addresses.some((address) => isInNetwork(address, network))
      parts.push(all(here, isOwn ? any(through, { is: 'relay', address: 0, prefixLength: 32 }) : through))
    }
  return any({ is: 'subnet', subnets: whole }, ...parts)
}

const identifierBytes = (text: string): Uint8Array =>
  (/^0x/i.test(text) ? parseHex(text.slice(2)) : undefined) ?? encodeText(text)

/** A client may be a Raspberry Pi before it is the BIOS machine that it says it is; rules are asked for each in turn. */
type As = 'itself' | 'raspberry-pi'

function ruleCondition(
  rule: RuleConditions,
  as: As,
  subnets: readonly PlanSubnet[],
  addresses: readonly number[],
): Condition {
  const { architecture, relay } = rule
  // What is written speaks of IPv4, where nobody is in a network of IPv6.
  if ([rule.subnet, relay].some((text) => text?.includes(':'))) return never
  const codes = architecture === undefined ? undefined : ruleArchitectures(architecture)
  const relayNetwork =
    relay === undefined ? undefined : (parseIpv4Network(relay) ?? { address: parseIpv4(relay)!, prefixLength: 32 })
  return all(
    ...(as === 'raspberry-pi' ? [isRaspberryPi] : []),
    ...(codes === undefined ? [] : as === 'raspberry-pi' ? [codes.includes(raspberryPiArchitecture) ? always : never] : [{ is: 'architecture', codes } as const]),
    ...(rule.vendorClass === undefined ? [] : [{ is: 'vendor-class', begins: rule.vendorClass } as const]),
    ...(rule.userClass === undefined ? [] : [isIpxeClass(rule.userClass) ? isIpxe : ({ is: 'user-class', text: rule.userClass } as const)]),
    ...(rule.mac === undefined ? [] : [{ is: 'mac', prefix: parseMacPrefix(rule.mac)! } as const]),
    ...(rule.uuid === undefined ? [] : [{ is: 'machine-identifier', begins: concatBytes([Uint8Array.of(0), parseUuid(rule.uuid)!]) } as const]),
    ...(rule.subnet === undefined ? [] : [inNetwork(rule.subnet, subnets, addresses)]),
    ...(relayNetwork === undefined ? [] : [{ is: 'relay', ...relayNetwork } as const]),
    ...(rule.circuitId === undefined ? [] : [{ is: 'circuit-id', data: identifierBytes(rule.circuitId) } as const]),
    ...(rule.remoteId === undefined ? [] : [{ is: 'remote-id', data: identifierBytes(rule.remoteId) } as const]),
  ) // prettier-ignore
}

const httpOnly = new Set(architectures.filter(({ isHttp, boot }) => isHttp && boot !== 'other').map(({ code }) => code))
const pxeOnly = new Set([0, 6, 7, 9, 10, 11])

/** Whether all clients of a rule use HTTP boot, none does, or some may. */
function usesHttp({ architecture, vendorClass }: RuleConditions): boolean | undefined {
  if (vendorClass?.startsWith('HTTPClient')) return true
  if (vendorClass?.startsWith('PXEClient')) return false
  const codes = architecture === undefined ? [] : ruleArchitectures(architecture)
  if (codes.length === 0) return undefined
  if (codes.every((code) => httpOnly.has(code))) return true
  return codes.every((code) => pxeOnly.has(code)) ? false : undefined
}

interface Programs {
  readonly programs: PlanProgram[]
  readonly forms: PlanForm[]
  readonly delays: ServicePlan['delays'][number][]
}

function planPrograms({ lab, addresses }: LabPlanInput, subnets: readonly PlanSubnet[], self: number): Programs {
  const boot = bootConfigurationOf(lab)
  const programs: PlanProgram[] = []
  const delays: ServicePlan['delays'][number][] = []
  /** Positions of programs by the option 43 they go with. */
  const textOfPi: number[] = []
  const byMachine: number[] = []
  const withUserClass: number[] = []
  const saidToBePi: number[] = []
  const saidToBeNone: number[] = []
  const architecturesOf = (at: number): readonly number[] | undefined => {
    const { architecture } = boot.programs[at]!
    return architecture === undefined ? undefined : ruleArchitectures(architecture)
  }
  const positions = [...boot.programs.keys()]
  const firstForBios = positions.findIndex((at) => architecturesOf(at)?.includes(0))
  const asksForPi =
    positions.some((at) => architecturesOf(at)?.includes(raspberryPiArchitecture)) ||
    (firstForBios >= 0 && positions.some((at) => at > firstForBios && architecturesOf(at) === undefined))
  for (const as of asksForPi ? (['raspberry-pi', 'itself'] as const) : (['itself'] as const))
    for (const [at, rule] of boot.programs.entries()) {
      const codes = architecturesOf(at)
      if (as === 'itself' && codes?.every((code) => code === raspberryPiArchitecture)) continue
      const key = `boot.programs[${at}]`
      const name = `program-${at + 1}${as === 'itself' ? '' : '-pi'}`
      const matches = all(
        ruleCondition(rule, as, subnets, addresses),
        // iPXE would load itself for ever.
        ...(rule.userClass === undefined && isIpxeProgram(rule.file) ? [not(isIpxe)] : []),
      )
      // The engine gives every machine the same name.
      if (!canHold(matches) || hasPlaceholders(rule.file) || hasPlaceholders(rule.rootPath ?? '')) continue
      const server = (rule.nextServer === undefined ? undefined : parseIpv4(rule.nextServer)) ?? boot.nextServer ?? self
      const found = webAddress(rule, server, boot)
      const address = found !== undefined && encodeText(found).length <= longestTerminated ? found : undefined
      const forHttp = rule.protocol === 'tftp' ? undefined : address
      const add = (suffix: string, test: Condition, file: string | undefined, why: Phrase): void => {
        if (file !== undefined) {
          if (rule.raspberryPi === true) textOfPi.push(programs.length)
          else if (rule.raspberryPi === undefined) byMachine.push(programs.length)
        }
        if (rule.raspberryPi !== undefined) (rule.raspberryPi ? saidToBePi : saidToBeNone).push(programs.length)
        if (rule.userClass !== undefined) withUserClass.push(programs.length)
        programs.push({ key, name: `${name}${suffix}`, test, file, why, server, rootPath: rule.rootPath })
      }
      const http = as === 'raspberry-pi' ? false : usesHttp(rule)
      const first = programs.length
      if (http !== false && (http === true || forHttp !== rule.file))
        add(http === true ? '' : '-http', http === true ? matches : all(matches, isHttp), forHttp, forHttp === undefined ? 'HTTP boot has no address to load it from' : 'HTTP boot loads it by its address') // prettier-ignore
      if (http !== true) {
        if ((rule.protocol === 'http' || rule.protocol === 'https') && address !== rule.file) {
          add('-firmware', all(matches, isPxe, not(isIpxe)), rule.file, 'PXE firmware loads over TFTP only')
          add('', matches, address, address === undefined ? 'it has no HTTP address' : 'loaded over HTTP')
        } else add('', matches, rule.file, '')
      }
      if (rule.replyDelaySeconds !== undefined && rule.replyDelaySeconds > 0)
        delays.push({ key: `${key}.replyDelaySeconds`, name: `delay-${at + 1}${as === 'itself' ? '' : '-pi'}`, seconds: rule.replyDelaySeconds, test: { is: 'program', programs: programs.map((_, index) => index).slice(first) } }) // prettier-ignore
    }

  const namesPi = positions.some(
    (at) => architecturesOf(at)?.includes(raspberryPiArchitecture) || boot.programs[at]!.raspberryPi,
  )
  const withFile = programs.flatMap(({ file }, index) => (file === undefined ? [] : [index]))
  const isBooted: Condition = { is: 'program', programs: withFile }
  const isFirmware = all(isPxe, not(isIpxe))
  const getsPiText = all(isFirmware, any({ is: 'program', programs: textOfPi }, all({ is: 'program', programs: byMachine }, isRaspberryPi))) // prettier-ignore
  const form = (code: number, data: Uint8Array): PlanOption => ({ code, data, key: 'boot' })
  const pxeForm = (vendor: Uint8Array): PlanOption[] => [
    form(optionCodes.vendorClass, pxeClass),
    form(optionCodes.vendorSpecific, vendor),
  ]
  const vendorOptions = (shown: Pick<Parameters<typeof offerVendorOptions>[0], 'menu' | 'isForRaspberryPi'>) =>
    offerVendorOptions({ ...nothingBooted, ...shown }, self)
  const menuForms = boot.menus.flatMap((one, at): PlanForm[] => {
    const uefi = architectures.filter(({ boot: how }) => how === 'uefi').map(({ code }) => code)
    const hasPiText = one.menu.items.some((item) => item.text.startsWith(raspberryPiText.trim()))
    const chosen: Condition = { is: 'program', programs: withUserClass }
    const isPi = all(
      not(isIpxe),
      any({ is: 'program', programs: saidToBePi }, all(isRaspberryPi, not({ is: 'program', programs: saidToBeNone }))),
    )
    const canShow = any(
      all(isPi, hasPiText ? always : never),
      all(not(isPi), not(isIpxe)),
      all(isIpxe, not({ is: 'architecture', codes: uefi }), one.userClass === undefined ? not(chosen) : always),
    )
    return [
      {
        name: `menu-${at + 1}`,
        test: all(isPxe, ruleCondition(one, 'itself', subnets, addresses), canShow),
        options: pxeForm(vendorOptions({ menu: one.menu, isForRaspberryPi: false })),
        server: boot.nextServer ?? self,
      },
    ]
  })
  return {
    programs,
    forms: [
      ...menuForms,
      { name: 'raspberry-pi-text', test: getsPiText, options: pxeForm(vendorOptions({ menu: undefined, isForRaspberryPi: true })) },
      { name: 'pxe', test: all(isPxe, isBooted), options: pxeForm(vendorOptions({ menu: undefined, isForRaspberryPi: false })) },
      { name: 'http', test: all(isHttp, isBooted), options: [form(optionCodes.vendorClass, httpClass)] },
    ].filter(({ test }) => canHold(test)),
    delays: [...delays, ...(canHold(getsPiText) && namesPi ? [{ key: 'boot.programs', name: 'delay-pi', test: getsPiText, seconds: 1 }] : [])],
  } // prettier-ignore
}

const nothingBooted = { siaddr: 0, file: '', rootPath: undefined, delayMs: 0, choice: { file: undefined, reason: '', rule: undefined } } as const // prettier-ignore

/** Options by architecture; a Raspberry Pi is one before it is a BIOS machine. */
function planLevels(lab: Lab): PlanLevel[] {
  const nameOf = new Map<number, string>()
  for (const name of Object.keys(lab.dhcp.architectures ?? {}))
    for (const code of ruleArchitectures(name)) nameOf.set(code, name)
  const hasPi = nameOf.has(raspberryPiArchitecture)
  return Object.entries(lab.dhcp.architectures ?? {}).flatMap(([name, { options }]) => {
    const codes = [...nameOf].filter(([, owner]) => owner === name).map(([code]) => code)
    if (codes.length === 0) return []
    const key = `dhcp.architectures.${name}`
    const plain = codes.filter((code) => code !== raspberryPiArchitecture)
    const test = any(
      ...(codes.includes(raspberryPiArchitecture) ? [isRaspberryPi] : []),
      ...(plain.length === 0 ? [] : [all({ is: 'architecture', codes: plain }, ...(hasPi && plain.includes(0) ? [not(isRaspberryPi)] : []))]),
    ) // prettier-ignore
    return [{ key, name: `options-${codes.map((code) => architectureOf(code)?.key ?? code).join('-')}`, test, options: planOptions(options, `${key}.options`) }] // prettier-ignore
  })
}

const prefixes = (texts: readonly string[]): Uint8Array[] => texts.map((text) => parseMacPrefix(text)!)

/** What no engine does of this lab, whichever it is. */
function commonNotes({ lab, addresses, lineOf }: LabPlanInput): ExportNote[] {
  const notes: ExportNote[] = []
  const note = (kind: ExportNote['kind'], key: string, text: Phrase): void => {
    notes.push({ kind, key, line: lineOf(key), text })
  }
  const { boot, role, wds } = lab
  if (role !== null)
    note('keep-beside', 'role', say('interchange.answers-role-come-port-4011', { role })) // prettier-ignore
  if (role === 'wds' && wds.approve)
    note('keep-beside', 'wds.approve', say('interchange.machines-wait-approval-pxe-lab')) // prettier-ignore
  if (role === null && (boot.menu !== undefined || boot.menus.length > 0))
    note('keep-beside', boot.menu === undefined ? 'boot.menus' : 'boot.menu', say('interchange.engine-shows-boot-menu-but')) // prettier-ignore
  if (boot.nextServer === null && (boot.programs.length > 0 || role !== null)) {
    note('keep-beside', lab.tftp.enabled ? 'tftp' : 'boot.files', say('interchange.engine-serves-boot-files-replies', { formatIpv4: formatIpv4(addresses[0] ?? 0) })) // prettier-ignore
    if (addresses.length > 1)
      note('differs', 'boot.nextServer', say('interchange.pxe-lab-names-own-address', { formatIpv4: formatIpv4(addresses[0]!) })) // prettier-ignore
  }
  for (const [at, { file, rootPath }] of boot.programs.entries())
    if (role === null && (hasPlaceholders(file) || hasPlaceholders(rootPath ?? '')))
      note('left-out', `boot.programs[${at}].file`, say('interchange.name-filled-each-machine-pxe', { value: hasPlaceholders(file) ? file : rootPath })) // prettier-ignore
  for (const [at, { boot: file }] of lab.machines.entries())
    if (file !== undefined) note('left-out', `machines[${at}].boot`, say('interchange.machine-loads-place-boot-programs')) // prettier-ignore
  for (const [at, { hostname }] of lab.machines.entries())
    if (hostname !== undefined) note('left-out', `machines[${at}].hostname`, say('interchange.option-12-left-out-write', { hostname })) // prettier-ignore
  if (boot.templates.length > 0) note('keep-beside', 'boot.templates', say('interchange.templates-filled-pxe-lab-keep'))
  if (boot.raspberryPi !== null)
    note('keep-beside', 'boot.raspberryPi', say('interchange.folder-raspberry-pi-without-own')) // prettier-ignore
  return notes
}

export function planOfLab(input: LabPlanInput): ServicePlan {
  const { lab, addresses } = input
  const self = addresses[0] ?? 0
  const subnets = lab.dhcp.subnets.map((one, index) => planSubnet(one, index, lab, addresses))
  const { programs, forms, delays } = planPrograms(input, subnets, self)
  return {
    interfaces: [lab.interface].flat(),
    self,
    subnets,
    options: planOptions(lab.dhcp.options, 'dhcp.options'),
    levels: planLevels(lab),
    programs,
    forms,
    delays,
    nextServer: lab.boot.nextServer === null ? 0 : parseIpv4(lab.boot.nextServer)!,
    vendorClass: lab.dhcp.vendorClass === 'none' ? (lab.role === null ? undefined : 'PXEClient') : lab.dhcp.vendorClass,
    allowed: prefixes(lab.clients.allow),
    denied: prefixes(lab.clients.deny),
    identity: lab.dhcp.identity,
    authoritative: lab.dhcp.authoritative,
    leaseSeconds: lab.dhcp.leaseSeconds,
    lineOf: input.lineOf,
    notes: commonNotes(input),
    isProxy: lab.mode === 'proxy-dhcp',
    wds: lab.role === 'wds' ? lab.wds : undefined,
  }
}
