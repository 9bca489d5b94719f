/** Any configuration as the model: the engine is recognised from what the file says. */
import { readDhcpExport } from './dhcp-export-xml.ts'
import { readDhcpd } from './dhcpd.ts'
import { readDnsmasq, type KnownNetworks } from './dnsmasq.ts'
import { readJuniper } from './juniper.ts'
import { readKea } from './kea.ts'
import { readLabFile } from './lab-reader.ts'
import { readMikrotik } from './mikrotik.ts'
import type { Configuration, SourceFile } from './model.ts'
import { readNetsh } from './netsh.ts'
import { readSwitch } from './switch-lines.ts'
import { readWdsRegistry } from './wds-registry.ts'

const isKea = (text: string): boolean => /"Dhcp4"\s*:/.test(text)
const isDnsmasq = (text: string): boolean =>
  /^[ \t]*(?:--)?(dhcp-(range|host|boot|option|match|vendorclass|userclass)|pxe-service|enable-tftp|tftp-root|dhcp-authoritative|conf-(file|dir))\b[ \t]*(=|$)/m.test(
    text,
  )
const isDhcpd = (text: string): boolean =>
  /^[ \t]*(subnet[ \t]+[\d.]+[ \t]+netmask|shared-network[ \t]|(pool|group)[ \t]*\{|(host|class|subclass)[ \t]+"?[\w.-][^\n{;]*[{;]|option[ \t]+[\w.-][^\n;]*;|(max|default)-lease-time[ \t]+\d|(filename|next-server|include)[ \t]+[^=\s][^\n;]*;|(not[ \t]+)?authoritative[ \t]*;)/m.test(
    text,
  )

/** A lab file: its interface at the beginning of a line, and another of its keys. */
const isLab = (text: string): boolean =>
  /^["']?interface["']?[ \t]*:([ \t]|$)/m.test(text) &&
  /^(mode|boot|dhcp|tftp|http|clients|role|wds|configmgr|ports|engine):([ \t]|$)/m.test(text)

/** A .reg file, or what `reg query` prints: keys at the beginning of a line. */
const isRegistry = (text: string): boolean =>
  /^\uFEFF?(Windows Registry Editor Version 5|REGEDIT4\b)/.test(text) ||
  /^\[?-?(HKEY_LOCAL_MACHINE|HKLM)\\\S/m.test(text)

/** By what the text says; the first that recognises it reads it. */
const readers: readonly (readonly [RegExp | ((text: string) => boolean), (file: SourceFile, others: readonly SourceFile[], networks?: KnownNetworks) => Configuration])[] = [
  [isKea, readKea],
  [isLab, readLabFile],
  [isRegistry, readWdsRegistry],
  [/<DHCPServer[\s>]/, readDhcpExport],
  [/^[ \t]*(netsh[ \t]+)?dhcp[ \t]+server[ \t].*\b(add|set|scope)[ \t]/im, readNetsh],
  [/^\/(ip|interface|system)[ \t/]+[a-z]/m, readMikrotik],
  [/^[ \t]*(set[ \t]+(forwarding-options|system|interfaces|access|vlans|routing-instances)[ \t]|(forwarding-options|system|interfaces|access|vlans)[ \t]*\{)/m, readJuniper],
  [/^[ \t]*(ip[ \t]+(helper-address|dhcp)[ \t]|dhcp(v4)?-snooping\b|dhcpd[ \t]+(address|enable|dns|option|lease)[ \t]|dhcprelay[ \t]+(server|enable)[ \t]|dhcp-server[ \t]+(vrf|pool)[ \t]|dhcp[ \t]+ipv4[ \t]*$)/m, readSwitch],
  [isDnsmasq, readDnsmasq],
  [isDhcpd, readDhcpd],
] // prettier-ignore

const readerOf = ({ text }: SourceFile): (typeof readers)[number] | undefined =>
  readers.find(([is]) => (typeof is === 'function' ? is(text) : is.test(text)))

/**
 * Reads the configuration of a DHCP server, router or switch; undefined where no engine is recognised. What it includes is taken from the
 * `others`. Throws nothing.
 */
export const readConfiguration = (
  file: SourceFile,
  others: readonly SourceFile[] = [],
  networks?: KnownNetworks,
): Configuration | undefined => readerOf(file)?.[1](file, others, networks)

/** Networks that a configuration tells of by itself. */
const networksOf = ({ relays = [], subnets }: Configuration): string[] => [
  ...relays.flatMap(({ network }) => network ?? []),
  ...subnets.map(({ network }) => network),
]

/**
 * Reads files that belong together: what one of them includes is a part of it and none of its own. `here`: networks of this machine, by
 * interface. Throws nothing.
 */
export function readConfigurations(
  files: readonly SourceFile[],
  here: KnownNetworks = () => [],
): {
  readonly configurations: readonly Configuration[]
  readonly unrecognised: readonly SourceFile[]
} {
  const readOne = (file: SourceFile, networks?: KnownNetworks): Configuration | undefined => readConfiguration(file, files.filter((one) => one !== file), networks) // prettier-ignore
  const isLater = (file: SourceFile): boolean => readerOf(file)?.[1] === readDnsmasq
  const first = new Map(files.filter((one) => !isLater(one)).map((file) => [file, readOne(file)]))
  // A range of dnsmasq may leave its netmask to the interface: what the other files say of the network is known then.
  const near = [...first.values()].flatMap((one) => (one ? networksOf(one) : []))
  const networks: KnownNetworks = (interfaces) => [...near, ...here(interfaces)]
  const read = files.map((file) => ({
    file,
    configuration: first.has(file) ? first.get(file) : readOne(file, networks),
  }))
  const partsOf = ({ configuration }: (typeof read)[number]): readonly string[] => configuration?.files.slice(1) ?? []
  const included = new Set(read.flatMap(partsOf))
  const own = read.filter(({ file }) => !included.has(file.name))
  const told = new Set(own.flatMap((one) => [one.file.name, ...partsOf(one)]))
  // Of files that include each other the first that was given is the whole.
  for (const one of read) {
    if (told.has(one.file.name)) continue
    own.push(one)
    for (const name of [one.file.name, ...partsOf(one)]) told.add(name)
  }
  return {
    configurations: own.flatMap(({ configuration }) => configuration ?? []),
    unrecognised: own.flatMap(({ file, configuration }) => (configuration ? [] : file)),
  }
}
