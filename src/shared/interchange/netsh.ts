/** `netsh dhcp server dump` ("Netsh commands for DHCP", Microsoft): a line is a command. Total: what is not read is listed. */
import { say, type Phrase } from '#messages/message.ts'
import { parseHex, parseIpv4 } from '../wire/bytes.ts'
import type { Configuration, NotUnderstood, SourceFile } from './model.ts'
import { windowsConfiguration, type WindowsOption, type WindowsRange, type WindowsReservation, type WindowsScope } from './windows.ts' // prettier-ignore

type Draft<T> = { -readonly [K in keyof T]: T[K] }
interface ScopeDraft extends Draft<Omit<WindowsScope, 'ranges' | 'exclusions' | 'options' | 'reservations'>> {
  readonly ranges: WindowsRange[]
  readonly exclusions: WindowsRange[]
  readonly options: WindowsOption[]
  readonly reservations: (WindowsReservation & { readonly options: WindowsOption[] })[]
  readonly reserved: Map<string, { readonly options: WindowsOption[] }>
}

/** Commands that decide no boot. */
const immaterial = /^(set (databasename|databasepath|databasebackup.*|databasecleanup.*|databaselogging.*|databaserestore.*|auditlog|detectconflict.*|dnscredentials|dnsconfig|server|userclass|vendorclass|bindings|napstate|napdefault.*|delayoffer|mscope.*)|(add|delete) optiondef|add mscope|import|export|set (lease|name|comment))/i // prettier-ignore

/** Words of a command; quotation marks make one. */
export const netshWords = (line: string): string[] =>
  Array.from(line.matchAll(/(\w+=)?"([^"]*)"|(\S+)/g), ([, key = '', quoted, bare]) => bare ?? `${key}${quoted}`)

/** Values behind a type as one text: addresses and texts with commas, octets in hexadecimal. */
function valueText(type: string, values: readonly string[]): string {
  if (!/^(byte|binary|encapsulated)$/i.test(type)) return values.join(', ')
  return values.map((one) => (/^\d{1,3}$/.test(one) && type.toLowerCase() === 'byte' ? Number(one).toString(16).padStart(2, '0') : one.replace(/^0x/i, ''))).join('') // prettier-ignore
}

/** Reads a dump; throws nothing. */
export function readNetsh(file: SourceFile): Configuration {
  const notUnderstood: NotUnderstood[] = []
  const classes = new Map<string, string>()
  const options: WindowsOption[] = []
  const scopes = new Map<string, ScopeDraft>()

  function optionOf(words: readonly string[], source: WindowsOption['source']): WindowsOption | undefined {
    const [code = '', type = '', ...rest] = words
    if (!/^\d{1,3}$/.test(code) || type === '') return undefined
    const named = (key: string): string | undefined => rest.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1) // prettier-ignore
    const values = rest.filter((one) => !/^(user|vendor|comment)=/i.test(one))
    const [userClass, vendorClass] = [named('user'), named('vendor')]
    return { source, code: Number(code), text: valueText(type, values), ...(userClass ? { userClass } : {}), ...(vendorClass ? { vendorClass } : {}) } // prettier-ignore
  }

  function read(words: readonly string[], source: WindowsOption['source']): Phrase | undefined {
    const command = words.slice(0, 2).join(' ').toLowerCase()
    const isScope = words[0]?.toLowerCase() === 'scope'
    if (isScope) {
      const scope = scopes.get(words[1] ?? '')
      if (!scope) return say('interchange.scope-added-before')
      return readScope(scope, words.slice(2), source)
    }
    switch (command) {
      case 'add scope': {
        const [, , address = '', mask = '', name = ''] = words
        if (parseIpv4(address) === undefined || parseIpv4(mask) === undefined) return say('interchange.scope-address-mask') // prettier-ignore
        scopes.set(address, { source, address, mask, name, superscope: '', isActive: true, ranges: [], exclusions: [], options: [], policies: [], reservations: [], reserved: new Map() }) // prettier-ignore
        return undefined
      }
      case 'add class': {
        const [, , name = '', , data = ''] = words
        const bytes = parseHex(data.replaceAll(/[\s,]|0x/gi, ''))
        if (!bytes) return say('interchange.class-data')
        classes.set(name, Array.from(bytes, (one) => String.fromCharCode(one)).join(''))
        return undefined
      }
      case 'set optionvalue': {
        const option = optionOf(words.slice(2), source)
        if (option) options.push(option)
        return option ? undefined : say('interchange.option-code-type-value')
      }
      default:
        return immaterial.test(command) ? undefined : say('interchange.read-11', { command })
    }
  }

  function readScope(scope: ScopeDraft, words: readonly string[], source: WindowsOption['source']): Phrase | undefined {
    const command = words.slice(0, 2).join(' ').toLowerCase()
    switch (command) {
      case 'add iprange':
      case 'add excluderange': {
        const [, , start = '', end = ''] = words
        const [low, high] = [parseIpv4(start), parseIpv4(end)]
        if (low === undefined || high === undefined || low > high) return say('interchange.range-first-last-address')
        ;(command === 'add iprange' ? scope.ranges : scope.exclusions).push({ source, start, end })
        return undefined
      }
      case 'set state':
        // 0 and 2 are inactive, 1 and 3 active.
        scope.isActive = words[2] !== '0' && words[2] !== '2'
        return undefined
      case 'set superscope':
        scope.superscope = words[2] ?? ''
        return undefined
      case 'set optionvalue': {
        const option = optionOf(words.slice(2), source)
        if (option) scope.options.push(option)
        return option ? undefined : say('interchange.option-code-type-value')
      }
      case 'add reservedip': {
        const [, , address = '', clientId = '', name = ''] = words
        if (parseIpv4(address) === undefined || !parseHex(clientId)) return say('interchange.reservation-address-identifier') // prettier-ignore
        const reservation = { source, address, clientId, name, options: [] }
        scope.reservations.push(reservation)
        scope.reserved.set(address, reservation)
        return undefined
      }
      case 'set reservedoptionvalue': {
        const reservation = scope.reserved.get(words[2] ?? '')
        const option = optionOf(words.slice(3), source)
        if (!reservation || !option) return say('interchange.reservation-added-before-option-code') // prettier-ignore
        reservation.options.push(option)
        return undefined
      }
      default:
        return immaterial.test(command) ? undefined : say('interchange.read-11', { command })
    }
  }

  for (const [index, whole] of file.text.split('\n').entries()) {
    const line = whole.trim()
    if (line === '' || line.startsWith('#')) continue
    const words = netshWords(line)
    const at = words.findIndex((one) => one.toLowerCase() === 'dhcp')
    const source = { file: file.name, line: index + 1 }
    const isCommand = at >= 0 && at < 2 && words[at + 1]?.toLowerCase() === 'server'
    // The name or address of the server, and v4, may stand behind it.
    const rest = isCommand ? words.slice(at + 2) : []
    while (rest.length > 0 && (/^(\\\\|v4$|[\d.]+$)/i.test(rest[0]!) || (rest.length > 2 && !/^(add|set|scope|delete|import|export|v6)$/i.test(rest[0]!) && /^(add|set|scope|delete|v4|v6)$/i.test(rest[1]!)))) rest.shift() // prettier-ignore
    const why = isCommand ? read(rest, source) : /^(pushd|popd|exit|bye|netsh|rem)\b/i.test(line) ? undefined : say('interchange.command-netsh-dhcp-server') // prettier-ignore
    if (why !== undefined) notUnderstood.push({ ...source, text: line.slice(0, 200), why })
  }
  return windowsConfiguration({ files: [file.name], classes, options, policies: [], scopes: [...scopes.values()], notUnderstood, asides: [] }) // prettier-ignore
}
