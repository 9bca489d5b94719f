/** The file of `Export-DhcpServer` (Windows PowerShell, DhcpServer). Total: elements that are not read are listed. */
import { say, type Phrase } from '#messages/message.ts'
import { parseHex, parseIpv4 } from '../wire/bytes.ts'
import type { Condition, Configuration, NotUnderstood, Source, SourceFile } from './model.ts'
import { windowsConfiguration, windowsCriterion, type WindowsOption, type WindowsPolicy, type WindowsRange, type WindowsReservation, type WindowsScope } from './windows.ts' // prettier-ignore
import { readXml, type XmlNode } from '../wire/xml-lines.ts'

/** Elements that decide no boot. */
const immaterial = /^(MajorVersion|MinorVersion|IPv6|OptionDefinitions|ConflictDetectionAttempts|NapEnabled|NpsUnreachableAction|ActivatePolicies|DnsSettings|DnsSetting|Leases|Filters|MulticastScopes|FailoverRelationships|Description|MaxBootpClients|Delay|Type|ServerStatistics|AuditLog|Database|DnsCredential|NapProfile|LeaseDuration|Name|Enabled|ProcessingOrder)$/ // prettier-ignore
const criteria = ['VendorClass', 'UserClass', 'MacAddress', 'ClientId', 'CircuitId', 'RemoteId', 'SubscriberId', 'RelayAgent', 'Fqdn'] // prettier-ignore

/** `8.00:00:00` or `12:00:00` as seconds; the longest time of .NET, 10675199.02:48:05, is a lease without an end (RFC 2131 section 3.3). */
function secondsOf(text: string): number | undefined {
  const [, days = '0', hours, minutes, seconds] = /^(?:(\d{1,9})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})/.exec(text) ?? []
  if (hours === undefined) return undefined
  return Math.min(0xffffffff, Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds))
}

/** Reads the file; throws nothing. */
export function readDhcpExport(file: SourceFile): Configuration {
  const notUnderstood: NotUnderstood[] = []
  const asides: NotUnderstood[] = []
  const { root, problem } = readXml(file.text)
  const at = ({ line }: XmlNode): Source => ({ file: file.name, line })
  const tell = (node: XmlNode, why: Phrase): void => void notUnderstood.push({ ...at(node), text: `<${node.name}> ${node.text}`.trim().slice(0, 200), why }) // prettier-ignore
  if (problem) notUnderstood.push({ file: file.name, line: problem.line, text: '', why: say('interchange.file-cut-off-xml', { why: problem.why }) }) // prettier-ignore
  const children = (node: XmlNode | undefined, name: string): readonly XmlNode[] => node?.children.filter((one) => one.name === name) ?? [] // prettier-ignore
  const child = (node: XmlNode | undefined, name: string): XmlNode | undefined => children(node, name)[0]
  const text = (node: XmlNode | undefined, name: string): string => child(node, name)?.text ?? ''
  const all = (node: XmlNode | undefined, list: string, name: string): readonly XmlNode[] => children(child(node, list), name) // prettier-ignore
  const leftOf = (node: XmlNode | undefined, read: readonly string[]): void => {
    for (const one of node?.children ?? []) if (!read.includes(one.name) && !immaterial.test(one.name)) tell(one, say('interchange.read', { name: one.name })) // prettier-ignore
  }

  const server = child(root, 'DHCPServer')
  const ipv4 = child(server, 'IPv4')
  leftOf(server, ['IPv4'])
  leftOf(ipv4, ['Classes', 'OptionValues', 'Policies', 'Scopes', 'Superscopes'])
  const classes = new Map<string, string>()
  for (const node of all(ipv4, 'Classes', 'Class')) {
    const data = text(node, 'Data')
    const bytes = /^0x/i.test(data) ? parseHex(data.slice(2)) : undefined
    classes.set(text(node, 'Name'), bytes ? Array.from(bytes, (one) => String.fromCharCode(one)).join('') : data)
  }
  const types = new Map(all(ipv4, 'OptionDefinitions', 'OptionDefinition').map((node) => [text(node, 'OptionId'), text(node, 'Type')])) // prettier-ignore

  const optionsOf = (node: XmlNode | undefined): WindowsOption[] =>
    all(node, 'OptionValues', 'OptionValue').flatMap((one) => {
      const code = Number(text(one, 'OptionId'))
      if (!Number.isInteger(code) || code < 1 || code > 254) {
        tell(one, say('interchange.option-code'))
        return []
      }
      const [userClass, vendorClass] = [text(one, 'UserClass'), text(one, 'VendorClass')]
      const values = children(one, 'Value').map((value) => value.text)
      const isOctets = /^(Byte|BinaryData|EncapsulatedData)$/i.test(types.get(String(code)) ?? '') || values.every((value) => /^0x[0-9a-f]{2}$/i.test(value)) // prettier-ignore
      const joined = isOctets ? values.map((value) => (/^\d{1,3}$/.test(value) ? Number(value).toString(16).padStart(2, '0') : value.replace(/^0x/i, ''))).join('') : values.join(', ') // prettier-ignore
      return { source: at(one), code, text: joined, ...(userClass === '' ? {} : { userClass }), ...(vendorClass === '' ? {} : { vendorClass }) } // prettier-ignore
    })
  const rangesOf = (node: XmlNode | undefined, list: string): WindowsRange[] =>
    all(node, list, 'IPRange').flatMap((one) => rangeOf(one) ?? [])
  function rangeOf(node: XmlNode): WindowsRange | undefined {
    const [start, end] = [text(node, 'StartRange'), text(node, 'EndRange')]
    const [low, high] = [parseIpv4(start), parseIpv4(end)]
    if (low !== undefined && high !== undefined && low <= high) return { source: at(node), start, end }
    tell(node, say('interchange.range-first-last-address'))
    return undefined
  }

  function policyOf(node: XmlNode): WindowsPolicy | undefined {
    leftOf(node, [...criteria, 'Condition', 'OptionValues', 'IPRanges'])
    if (text(node, 'Enabled').toLowerCase() === 'false') return undefined
    // A criterion is an operator and its values, in elements of their own or in one with commas.
    const tests = criteria.flatMap((kind) => {
      const [operator, ...values] = children(node, kind).flatMap((one) => one.text.split(',')).map((one) => one.trim()).filter((one) => one !== '') // prettier-ignore
      return values.flatMap((value): Condition[] => {
        const test = windowsCriterion(kind.toLowerCase(), operator!, value, classes)
        if (!test) tell(child(node, kind)!, say('interchange.condition-followed', { kind }))
        return [test ?? { is: 'unknown', text: `${kind} ${value}` }]
      })
    })
    const isAll = text(node, 'Condition').toUpperCase() !== 'OR'
    return { source: at(node), name: text(node, 'Name'), order: Number(text(node, 'ProcessingOrder')) || 0, test: { is: isAll ? 'all' : 'any', of: tests }, options: optionsOf(node), ranges: rangesOf(node, 'IPRanges') } // prettier-ignore
  }
  const policiesOf = (node: XmlNode | undefined): WindowsPolicy[] => /^false$/i.test(text(node, 'ActivatePolicies')) ? [] : all(node, 'Policies', 'Policy').flatMap((one) => policyOf(one) ?? []) // prettier-ignore

  function reservationOf(node: XmlNode): WindowsReservation | undefined {
    leftOf(node, ['IPAddress', 'ClientId', 'OptionValues'])
    const [address, clientId] = [text(node, 'IPAddress'), text(node, 'ClientId')]
    if (parseIpv4(address) !== undefined && parseHex(clientId.replaceAll(/[:\s-]/g, ''))) return { source: at(node), address, clientId, name: text(node, 'Name'), options: optionsOf(node) } // prettier-ignore
    tell(node, say('interchange.reservation-address-identifier'))
    return undefined
  }

  function scopeOf(node: XmlNode): WindowsScope | undefined {
    leftOf(node, ['ScopeId', 'SubnetMask', 'StartRange', 'EndRange', 'State', 'SuperScopeName', 'SuperscopeName', 'ExclusionRanges', 'OptionValues', 'Policies', 'Reservations']) // prettier-ignore
    const [address, mask] = [text(node, 'ScopeId'), text(node, 'SubnetMask')]
    if (parseIpv4(address) === undefined || parseIpv4(mask) === undefined) {
      tell(node, say('interchange.scope-address-mask'))
      return undefined
    }
    const range = rangeOf(node)
    const duration = child(node, 'LeaseDuration')
    const seconds = duration && secondsOf(duration.text)
    return {
      source: at(node),
      address,
      mask,
      name: text(node, 'Name'),
      superscope: text(node, 'SuperScopeName') || text(node, 'SuperscopeName'),
      isActive: !/^inactive/i.test(text(node, 'State')),
      ranges: range ? [range] : [],
      exclusions: rangesOf(node, 'ExclusionRanges'),
      options: [...(duration && seconds !== undefined ? [{ source: at(duration), code: 51, text: String(seconds) }] : []), ...optionsOf(node)], // prettier-ignore
      policies: policiesOf(node),
      reservations: all(node, 'Reservations', 'Reservation').flatMap((one) => reservationOf(one) ?? []),
    }
  }
  for (const list of ['Filters', 'FailoverRelationships'] as const) {
    const node = child(ipv4, list)
    if (node && node.children.length > 0) asides.push({ ...at(node), text: `<${list}>`, why: list === 'Filters' ? say('interchange.filters-mac-addresses-followed-machine') : say('interchange.failover-shares-addresses-scope-between') }) // prettier-ignore
  }
  return windowsConfiguration({ files: [file.name], classes, options: optionsOf(ipv4), policies: policiesOf(ipv4), scopes: all(ipv4, 'Scopes', 'Scope').flatMap((one) => scopeOf(one) ?? []), notUnderstood, asides }) // prettier-ignore
}
