/** From a lab file and the interfaces it names to what each machine is told. */
import type { Lab } from './lab.ts'
import { machineVariablesOf } from './machine-variables.ts'
import { namesDevice, plainUuid } from './roles.ts'
import {
  decodeText,
  parseIpv4,
  parseIpv4Network,
  parseMac,
  bytesOfU32,
  concatBytes,
  formatHex,
  parseHex,
} from '../wire/bytes.ts'
import type { DhcpOption } from '../wire/dhcp/message.ts'
import type { OptionValue } from '../wire/dhcp/kinds.ts'
import { findOption, kindOf, optionCodes } from '../wire/dhcp/options.ts'
import { plainIpv6 } from '../wire/ip-address.ts'
import type { BootConfiguration, BootStores, MachineBook } from '../machines/boot-answer.ts'
import { ruleArchitectures, type BootProgramRule, type RuleConditions } from '../machines/boot-policy.ts'
import type { DhcpServerConfiguration, SubnetConfiguration } from '../machines/dhcp-server/configuration.ts'
import type { ServedInterface } from '../machines/machine.ts'
import type { Deployment, KnownDevice, WdsServerConfiguration } from '../machines/wds-server.ts'
import { windowsPrograms } from '../machines/windows-programs.ts'

/** How long an offer waits for its REQUEST: longer than EDK2's first collection window and a retry. */
const offerSeconds = 30
const declineSeconds = 3600
/** Types of menu items that name none (PXE 2.1: 32768 to 65534 are the vendor's). */
const firstMenuType = 0x8000

/** The values were checked when the file was read; an option that cannot be encoded is a defect of that check. */
function encodeOptions(options: Readonly<Record<string, unknown>> | undefined): DhcpOption[] {
  return Object.entries(options ?? {}).map(([name, value]) => {
    const definition = findOption(name)!
    return { code: definition.code, data: kindOf(definition).encode(value as OptionValue) }
  })
}

const optional = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseIpv4(text))

/** What is known of machines besides the lab file, where a responder runs. */
export type KnownMachines = Omit<MachineBook, 'variables'>
const nothingKnown: KnownMachines = { told: () => ({}), nextBoot: () => undefined }

export function bootConfigurationOf(lab: Lab, known: KnownMachines = nothingKnown): BootConfiguration {
  // Whoever plays a Windows server leaves what clients load to its role.
  const { menus, menu, programs } = lab.role === null ? lab.boot : nothingToBoot
  // The menu without conditions is for whom none of the others is.
  const all: readonly Lab['boot']['menus'][number][] = menu ? [...menus, menu] : menus
  let nextType = firstMenuType
  return {
    programs: programs as readonly BootProgramRule[],
    machines: { ...known, variables: machineVariablesOf(lab) },
    ...(lab.role === null ? { stores: bootStoresOf(lab) } : {}),
    nextServer: lab.boot.nextServer === null ? undefined : parseIpv4(lab.boot.nextServer),
    nextServer6: lab.boot.nextServer6 === null ? undefined : plainIpv6(lab.boot.nextServer6),
    httpPort: lab.http.enabled ? lab.http.port : undefined,
    ...(lab.https.enabled ? { https: { port: lab.https.port, host: lab.https.host ?? undefined } } : {}),
    menus: all.map(({ prompt, timeoutSeconds, multicast, items, ...conditions }) => {
      const multicastAddress = optional(multicast)
      return {
        ...(conditions as RuleConditions),
        menu: {
          prompt,
          timeoutSeconds,
          ...(multicastAddress === undefined ? {} : { multicastAddress }),
          items: items.map((item) => ({
            type: item.type ?? nextType++,
            text: item.text,
            ...(item.file === undefined ? {} : { file: item.file }),
          })),
        },
      }
    }),
  }
}

/** What option 252 of a lab names: a path, and no address of a web proxy, which has the same number. */
function bootStoresOf({ dhcp }: Lab): BootStores {
  const storeIn = (options: Readonly<Record<string, unknown>> | undefined): Uint8Array | undefined => {
    const data = encodeOptions(options).find(({ code }) => code === optionCodes.bcd)?.data
    return data && !/^\w+:\/\//.test(decodeText(data)) ? data : undefined
  }
  const byArchitecture = new Map<number, Uint8Array>()
  for (const [name, { options }] of Object.entries(dhcp.architectures ?? {})) {
    const data = storeIn(options)
    if (data) for (const code of ruleArchitectures(name)) byArchitecture.set(code, data)
  }
  return { forAll: storeIn(dhcp.options), byArchitecture }
}

const nothingToBoot: Pick<Lab['boot'], 'menus' | 'menu' | 'programs'> = { menus: [], programs: [] }

function subnetConfigurationOf(subnet: Lab['dhcp']['subnets'][number]): SubnetConfiguration {
  const own = encodeOptions(subnet.options)
  const named: DhcpOption[] = []
  if (subnet.router !== undefined) named.push({ code: optionCodes.router, data: bytesOfU32(parseIpv4(subnet.router)!) })
  if (subnet.dns && subnet.dns.length > 0)
    named.push({
      code: optionCodes.domainNameServer,
      data: concatBytes(subnet.dns.map((address) => bytesOfU32(parseIpv4(address)!))),
    })
  return {
    network: parseIpv4Network(subnet.subnet)!,
    pools: subnet.pools.map((pool) => ({ start: parseIpv4(pool.start)!, end: parseIpv4(pool.end)! })),
    leaseSeconds: subnet.leaseSeconds,
    bootp: subnet.bootp,
    options: [...named, ...own],
    reservations: subnet.reservations.map((one) => ({
      address: parseIpv4(one.address)!,
      mac: one.mac === undefined ? undefined : parseMac(one.mac),
      uuid: one.uuid && plainUuid(one.uuid),
      clientId: one.clientId === undefined ? undefined : formatHex(parseHex(one.clientId)!),
      hostname: one.hostname,
      options: encodeOptions(one.options),
    })),
  }
}

export function dhcpConfigurationOf(
  lab: Lab,
  interfaces: readonly ServedInterface[],
  known: KnownMachines = nothingKnown,
): DhcpServerConfiguration {
  const architectureOptions = new Map<number, DhcpOption[]>()
  for (const [name, level] of Object.entries(lab.dhcp.architectures ?? {}))
    for (const code of ruleArchitectures(name)) architectureOptions.set(code, encodeOptions(level.options))
  return {
    interfaces,
    ports: lab.ports,
    filter: lab.clients,
    identity: lab.dhcp.identity,
    subnets: lab.dhcp.subnets.map(subnetConfigurationOf),
    options: encodeOptions(lab.dhcp.options),
    architectureOptions,
    leaseSeconds: lab.dhcp.leaseSeconds,
    authoritative: lab.dhcp.authoritative,
    bootp: lab.dhcp.bootp,
    offerSeconds,
    declineSeconds,
    vendorClass: lab.dhcp.vendorClass === 'none' ? classOfRole(lab) : lab.dhcp.vendorClass,
    boot: bootConfigurationOf(lab, known),
  }
}

/** On one host with the DHCP server, a Windows server is found by option 60: what `wdsutil /DhcpOption60:Yes` sets. */
const classOfRole = ({ role }: Lab): string | undefined => (role === null ? undefined : 'PXEClient')

const knownDevice = ({ mac, uuid, name }: Lab['configmgr']['devices'][number]): KnownDevice => ({
  mac,
  uuid: uuid && plainUuid(uuid),
  name,
})

/** What the machine of a role is told; undefined where the lab plays none. */
export function roleConfigurationOf(
  lab: Lab,
  interfaces: readonly ServedInterface[],
): WdsServerConfiguration | undefined {
  const { role, mode, ports, clients: filter, wds, configmgr } = lab
  if (role === null || mode === 'listen') return undefined
  const shared = { interfaces, ports, filter, offers: mode === 'proxy-dhcp' }
  if (role === 'wds')
    return {
      ...shared,
      product: 'WDS',
      answer: wds.answer,
      devices: wds.devices.map((one) => ({
        ...knownDevice(one),
        bootFile: one.bootFile,
        referral: optional(one.wdsServer),
      })),
      responseDelaySeconds: wds.delaySeconds,
      architectureDiscovery: wds.architectureDiscovery,
      programs: windowsPrograms(wds.architectures, 'Boot', (key) => wds.bcd[key]),
      approval: wds.approve ? { afterMs: Infinity, pollSeconds: wds.pollSeconds, message: wds.message } : undefined,
      prompt: wds.prompt,
      deployments: undefined,
    }
  const devices = configmgr.devices.map(knownDevice)
  const addressed = (to: string): Deployment['to'] =>
    // Which of them it names was checked when the file was read.
    to === 'all' || to === 'unknown' ? to : devices[configmgr.devices.findIndex((one) => namesDevice(one, to))]!
  return {
    ...shared,
    product: 'ConfigMgr',
    answer: configmgr.unknown ? 'all' : 'known',
    devices,
    responseDelaySeconds: configmgr.delaySeconds,
    architectureDiscovery: true,
    programs: windowsPrograms(configmgr.architectures, 'SMSBoot', (key) => configmgr.bcd[key]),
    approval: undefined,
    prompt: 'noPrompt',
    deployments: configmgr.deployments.map(({ to, kind, bootImage }) => ({
      to: addressed(to),
      kind,
      bootImage,
      programs:
        bootImage === undefined
          ? undefined
          : windowsPrograms(configmgr.architectures, `SMSBoot\\${bootImage}`, (key) => configmgr.bcd[key]),
    })),
  }
}
