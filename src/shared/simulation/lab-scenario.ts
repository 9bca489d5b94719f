/**
 * Lab files and scenarios are two sides of one thing: a lab file opens as a network with this product on it, and a
 * scenario's servers are written down as the lab file with which a responder plays them.
 */
import { say, type Phrase } from '#messages/message.ts'
import { decodeText, formatIpv4, isInNetwork, parseIpv4, parseIpv4Network } from '../wire/bytes.ts'
import { ipv6Number, ipv6Text, networkText6, parseIpv6Network, type Ipv6Network } from '../wire/ip-address.ts'
import { inspectBootProgram } from '../wire/boot-program.ts'
import { architectureByKey, architectures } from '../wire/iana/architecture.ts'
import { ruleArchitectures } from '../machines/boot-policy.ts'
import { secondStageBeside } from '../machines/pxe-client/program-image.ts'
import type { FirmwareName } from '../machines/pxe-client/firmwares.ts'
import type { BootFolderView, FolderFile } from '../lab/boot-check.ts'
import type { Lab, LabInput } from '../lab/lab.ts'
import { commonFolderOf, isForOtherUBoot, smallMachines, smallMachinesOf, uBootFolders } from '../lab/small-machines.ts'
import { bcdPath } from '../machines/windows-programs.ts'
import type { FileInput, Scenario, ScenarioInput, ServiceConfiguration } from './scenario.ts'

const defaultNetwork = '192.168.77.0/24'
const standardNetwork6: Ipv6Network = { address: 'fd00:77::', prefixLength: 64 }

/** What a DHCPv6 server beside the lab gives away. */
function poolOf6(network: Ipv6Network): { subnet: string; start: string; end: string } {
  const first = ipv6Number(network.address)
  return { subnet: networkText6(network), start: ipv6Text(first + 0x1000n), end: ipv6Text(first + 0x1fffn) }
}

/** Files that the programs of a lab name, as a simulation needs them. */
function filesOf(lab: Lab, view: BootFolderView | undefined): Record<string, FileInput> {
  const files: Record<string, FileInput> = {}
  const rules = [
    ...lab.boot.programs,
    ...[...lab.boot.menus, ...(lab.boot.menu ? [lab.boot.menu] : [])].flatMap((menu) =>
      menu.items.flatMap((item) => (item.file === undefined ? [] : [{ file: item.file }])),
    ),
  ]
  // shim loads its second stage from beside itself.
  const stages = rules.flatMap(({ file }) => {
    const second = secondStageBeside(file)
    return second === undefined ? [] : [{ file: second, architecture: undefined }]
  })
  for (const rule of [...rules, ...stages]) {
    const path = rule.file.replace(/^[a-z]+:\/\/[^/]+\//i, '')
    const found = view?.exists && path === rule.file ? view.files.get(path) : undefined
    if (found) {
      if (found.ok) files[path] = realFile(found)
      continue
    }
    if (/\.(ipxe|cfg|txt)$/i.test(path)) files[path] = { text: '#!ipxe\necho The script runs\nshell\n' }
    else {
      const architecture = 'architecture' in rule ? rule.architecture : undefined
      const key = typeof architecture === 'string' ? architecture : undefined
      const isUefi = /\.efi$/i.test(path)
      const isHttp = key !== undefined && architectureByKey(key)?.isHttp
      files[path] = {
        // What fits below 640 kB, where a BIOS has to put it.
        size: isUefi ? 520_192 : 125_000,
        // A program is for a machine, whatever brings it there.
        architecture: key === undefined ? (isUefi ? 'x64-uefi' : 'bios') : isHttp ? key.replace(/-http$/, '') : key,
      }
    }
  }
  return { ...smallMachineFiles(lab, view), ...files }
}

/** What Raspberry Pis and U-Boot load beside it. */
function smallMachineFiles(lab: Lab, view: BootFolderView | undefined): Record<string, FileInput> {
  if (view?.exists)
    return Object.fromEntries([...(view.smallMachines ?? [])].flatMap(([name, file]) => (file.ok ? [[name, textOr(file)]] : []))) // prettier-ignore
  const files: Record<string, FileInput> = {}
  for (const machine of smallMachinesOf(lab))
    if (machine === 'u-boot-pxe')
      for (const folder of uBootFolders(lab)) {
        files[`${folder}pxelinux.cfg/default-arm`] = { text: 'LABEL linux\n  KERNEL Image\n' }
        files[`${folder}Image`] = { size: 9_000_000 }
      }
    else
      for (const name of ['start.elf', 'start4.elf', 'config.txt', 'bcm2712-rpi-5-b.dtb', 'kernel8.img'])
        files[`${commonFolderOf(lab)}${name}`] = name === 'config.txt' ? { text: '' } : { size: 2_000_000 }
  return files
}

/** Of text files the words count. */
const textOr = (file: Extract<FolderFile, { readonly ok: true }>): FileInput =>
  /(\.txt|pxelinux\.cfg\/[^/]+)$/i.test(file.name)
    ? { text: decodeText(file.head), size: file.size }
    : { size: file.size }

/** A file of the boot folder as the simulation needs it: what it is for, told by its first bytes. */
function realFile({ name, size, head }: Extract<FolderFile, { readonly ok: true }>): FileInput {
  const { kind, peMachine } = inspectBootProgram(head, name)
  if (kind === 'script' || kind === 'configuration') return { text: decodeText(head), size }
  if (kind !== 'uefi') return kind === 'bios' || kind === 'other' ? { size, architecture: 'bios' } : { size }
  const architecture = architectures.find((one) => one.boot === 'uefi' && one.peMachine === peMachine)
  return { size, architecture: architecture?.key ?? 'x64-uefi' }
}

/** An address of the network that no pool gives away. */
function freeAddress(
  network: { readonly address: number; readonly prefixLength: number },
  taken: (address: number) => boolean,
): string {
  for (let address = network.address + 1; isInNetwork(address, network); address++)
    if (!taken(address)) return formatIpv4(address)
  return formatIpv4(network.address + 1)
}

/** For 32-bit UEFI there is none. */
const firmwareOfWindows: Readonly<Record<string, FirmwareName>> = {
  bios: 'bios',
  'x64-uefi': 'edk2',
  'arm64-uefi': 'edk2-arm64',
}

/** The firmwares that a lab says something about, and those it should. */
function firmwaresFor(lab: Lab): FirmwareName[] {
  if (lab.role !== null) {
    const { architectures } = lab[lab.role]
    return architectures.flatMap((key) => firmwareOfWindows[key] ?? [])
  }
  const codes = lab.boot.programs.flatMap((rule) =>
    rule.architecture === undefined ? [0, 7] : ruleArchitectures(rule.architecture),
  )
  const wanted: FirmwareName[] = ['bios', 'edk2', 'ipxe']
  if (codes.includes(11)) wanted.push('edk2-arm64')
  if (lab.http.enabled || codes.some((code) => code === 16)) wanted.push('edk2-http')
  if (lab.ipv6.enabled) {
    wanted.push('edk2-ipv6')
    if (lab.http.enabled) wanted.push('edk2-http-ipv6')
  }
  if (codes.includes(19)) wanted.push('edk2-arm64-http')
  return [...wanted, ...smallMachinesOf(lab)]
}

/** Machines that rules name and no firmware of the simulator plays. */
const notSimulated = (lab: Lab): string =>
  lab.boot.programs.some(isForOtherUBoot)
    ? ' U-Boot on ARM32, and its HTTP boot, are answered too, but not simulated.'
    : ''

/**
 * A network in which this lab answers. `view` is its boot folder; without it, or where there is no folder, every file
 * that the lab names is taken to be there and to be what its rule says.
 */
export function scenarioOfLab(lab: Lab, title: string, view?: BootFolderView): ScenarioInput {
  const subnet = lab.dhcp.subnets[0]
  const text = subnet?.subnet ?? defaultNetwork
  const network = parseIpv4Network(text)!
  const pools = subnet?.pools ?? []
  const router = subnet?.router === undefined ? undefined : parseIpv4(subnet.router)
  /** What the DHCP server beside a lab of another mode gives away. */
  const beside = { first: network.address + 100, last: network.address + 199 }
  const isPooled = (address: number): boolean =>
    address === router ||
    (lab.mode !== 'dhcp' && address >= beside.first && address <= beside.last) ||
    pools.some((pool) => address >= parseIpv4(pool.start)! && address <= parseIpv4(pool.end)!)
  const own = freeAddress(network, isPooled)
  const network6 = lab.ipv6.enabled
    ? (parseIpv6Network(lab.ipv6.subnets[0]?.subnet ?? '') ?? standardNetwork6)
    : undefined
  const [own6, beside6] = network6
    ? ([1n, 2n].map((at) => ipv6Text(ipv6Number(network6.address) + at)) as [string, string])
    : ['', '']
  const hosts: NonNullable<ScenarioInput['hosts']> = {
    lab: {
      title: 'PXE Lab',
      kind: 'linux',
      on: { lan: own },
      ...(network6 ? { on6: { lan: own6 } } : {}),
      services: { responder: { type: 'responder', lab: { ...lab, interface: 'lan' } } },
      files: filesOf(lab, view),
    },
  }
  if (lab.mode !== 'dhcp') {
    const dhcp = {
      type: 'DHCPServer' as const,
      subnets: [
        {
          subnet: text,
          start: formatIpv4(beside.first),
          end: formatIpv4(beside.last),
        },
      ],
      ...(lab.mode === 'boot-server' ? { options: { 60: 'PXEClient' } } : {}),
    }
    // A boot server alone stands beside a DHCP server on its own host; that is what its mode is for.
    if (lab.mode === 'boot-server') hosts.lab!.services = { DHCPServer: dhcp, ...(hosts.lab!.services as object) }
    else
      hosts.dhcp1 = {
        kind: 'windows',
        on: { lan: freeAddress(network, (address) => isPooled(address) || formatIpv4(address) === own) },
        ...(network6 ? { on6: { lan: beside6 } } : {}),
        services: {
          DHCPServer: dhcp,
          ...(network6 ? { DHCPv6Server: { type: 'DHCPv6Server' as const, subnets: [poolOf6(network6)] } } : {}),
        },
      }
  }
  return {
    title: title.slice(0, 80),
    group: 'Normal boots',
    summary: `What machines do when ${title} answers.${notSimulated(lab)}`,
    segments: { lan: { network: text, ...(network6 ? { network6: networkText6(network6) } : {}) } },
    hosts,
    clients: Object.fromEntries(
      firmwaresFor(lab).map((firmware) =>
        firmware in smallMachines
          ? [firmware, { firmware, on: 'lan', mac: smallMachines[firmware as keyof typeof smallMachines] }]
          : [`${firmware}-pc`, { firmware, on: 'lan' }],
      ),
    ),
  }
}

type WindowsService = Extract<ServiceConfiguration, { type: 'WDSServer' | 'SccmPxe' }>

/** The role in which a responder answers as that service. */
function roleOf(one: WindowsService): Pick<LabInput, 'role' | 'wds' | 'configmgr'> {
  const shared = {
    delaySeconds: one.responseDelaySeconds,
    architectures: one.architectures,
    devices: one.known.map((mac) => ({ mac })),
  }
  if (one.type === 'SccmPxe') {
    const { deployment: kind } = one
    const to = ['all', 'unknown'] as const
    return {
      role: 'configmgr',
      configmgr: {
        ...shared,
        unknown: one.answer === 'all',
        deployments: kind === 'none' ? [] : to.map((whom) => ({ to: whom, kind })),
      },
    }
  }
  const { answer, prompt, approval } = one
  return {
    role: 'wds',
    wds: {
      ...shared,
      answer,
      prompt,
      ...(approval ? { approve: true, pollSeconds: approval.pollSeconds, message: approval.message } : {}),
    },
  }
}

export interface LabOfHost {
  readonly lab: LabInput
  /** What a lab file cannot say of this host. */
  readonly left: readonly Phrase[]
}

/** The lab file with which a responder plays one host of a scenario. */
export function labOfScenario(scenario: Scenario, hostName: string): LabOfHost {
  const host = scenario.hosts[hostName]!
  const left: Phrase[] = []
  const services = Object.values(host.services).filter((one) => one.state === 'running')
  const own = services.find((one) => one.type === 'responder')
  if (own) return { lab: { ...own.lab, interface: own.lab.interface }, left }
  const dhcp = services.find((one) => one.type === 'DHCPServer')
  const windows = services.find((one) => one.type === 'WDSServer' || one.type === 'SccmPxe')
  const proxy = services.find((one) => one.type === 'proxy-dhcp')
  const bootServer = services.find((one) => one.type === 'boot-server')
  const offersOn67 =
    (windows?.type === 'WDSServer' && windows.useDhcpPorts !== 0) ||
    (windows?.type === 'SccmPxe' && windows.doNotListenOnDhcpPort !== 1) ||
    proxy !== undefined
  const mode: LabInput['mode'] = dhcp
    ? 'dhcp'
    : offersOn67
      ? 'proxy-dhcp'
      : windows || bootServer
        ? 'boot-server'
        : 'listen'
  if (dhcp && offersOn67) left.push(say('simulation.two-on-67'))
  if (windows) {
    left.push(say('simulation.copy-boot-files', { file: bcdPath('x64-uefi', 'Boot') }))
  }
  if (services.some((one) => one.type === 'DHCPv6Server' || one.type === 'router-advertisement'))
    left.push(say('simulation.ipv6-left'))
  if (host.firewall.length > 0) left.push(say('simulation.firewall-left'))
  const programs = proxy?.programs ?? bootServer?.programs ?? []
  const options = Object.fromEntries(
    Object.entries(dhcp?.options ?? {}).filter(([code, value]) => code !== '60' && value !== null),
  ) as Record<string, string>
  const vendorClass = dhcp?.options['60']
  return {
    left,
    lab: {
      interface: 'eth0',
      mode,
      ...(windows ? roleOf(windows) : {}),
      dhcp: {
        ...(dhcp
          ? {
              leaseSeconds: dhcp.leaseSeconds,
              subnets: dhcp.subnets.map((one) => ({
                subnet: one.subnet,
                pools: [{ start: one.start, end: one.end }],
                ...(one.router === undefined ? {} : { router: one.router }),
                reservations: one.reservations.map(({ mac, address }) => ({ mac, address })),
              })),
              ...(Object.keys(options).length > 0 ? { options } : {}),
            }
          : {}),
        ...(typeof vendorClass === 'string' ? { vendorClass } : {}),
      },
      boot: {
        programs: [...(programs ?? [])],
        ...(proxy?.menu ? { menu: proxy.menu } : {}),
        ...(dhcp?.nextServer === undefined ? {} : { nextServer: dhcp.nextServer }),
      },
      http: { enabled: services.some((one) => one.type === 'http') },
    },
  }
}

/** The hosts of a scenario that a responder could play. */
export const playableHosts = (scenario: Scenario): string[] =>
  Object.entries(scenario.hosts)
    .filter(([, host]) =>
      Object.values(host.services).some((one) =>
        ['DHCPServer', 'WDSServer', 'SccmPxe', 'proxy-dhcp', 'boot-server', 'responder'].includes(one.type),
      ),
    )
    .map(([name]) => name)
