/** DNS as fields (RFC 1035 section 4), named as Wireshark names them. */
import { say } from '#messages/message.ts'
import type { Problem } from '../bytes.ts'
import { dnsCodeName, dnsText, dnsTypeName, dnsTypes, readDns, type DnsRecord } from '../dns.ts'
import { byteCount } from '../words.ts'
import { hex, type Field } from './field.ts'
import { hexNumber, number, shown } from './gathering.ts'

const typeText = (type: number): string => `${dnsTypeName(type)} (${type})`

const valueKeys: Readonly<Record<number, readonly [name: string, key: string]>> = {
  [dnsTypes.a]: ['Address', 'dns.a'],
  [dnsTypes.aaaa]: ['Address', 'dns.aaaa'],
  [dnsTypes.cname]: ['Alias of', 'dns.cname'],
}

function recordField({ name, type, ttlSeconds, value, at, dataAt, end }: DnsRecord, base: number): Field {
  const [said, key] = valueKeys[type] ?? ['Data', undefined]
  const length = end - dataAt
  return {
    name: 'Answer', text: `${name} ${dnsTypeName(type)}${value === '' ? '' : ` ${value}`}`, at: base + at, length: end - at, reference: 'RFC 1035 4.1.3',
    children: [
      shown('Name', 'dns.resp.name', name, base + at, dataAt - 10 - at),
      number('Type', 'dns.resp.type', type, base + dataAt - 10, 2, typeText(type)),
      number('Time to live', 'dns.resp.ttl', ttlSeconds, base + dataAt - 6, 4, `${ttlSeconds} s`),
      ...(length === 0 ? [] : [{ name: said, key, value: key === undefined ? undefined : value, text: key === undefined ? byteCount(length) : value, at: base + dataAt, length }]),
    ],
  } // prettier-ignore
}

export function dnsFields(
  payload: Uint8Array,
  base: number,
): { readonly layer: Field; readonly problems: readonly Problem[] } | undefined {
  const message = readDns(payload)
  if (!message) return undefined
  const { id, flags, code, isResponse, questions, answers, isWhole } = message
  const counts = ['queries', 'answers', 'auth_rr', 'add_rr']
  const layer: Field = {
    name: 'DNS', key: 'dns', text: dnsText(message), at: base, length: payload.length, reference: 'RFC 1035 4',
    children: [
      hexNumber('Identification', 'dns.id', id, 4, base, 2),
      hexNumber('Flags', 'dns.flags', flags, 4, base + 2, 2, say('wire.numbered', { name: isResponse ? say('field.dns-response', { code: dnsCodeName(code) }) : say('field.dns-query'), number: hex(flags, 4) })),
      ...message.counts.map((count, index) => number(['Questions', 'Answers', 'Authorities', 'Additional records'][index]!, `dns.count.${counts[index]}`, count, base + 4 + index * 2, 2)),
      ...questions.map(({ name, type, at, end }): Field => ({
        name: 'Question', text: `${dnsTypeName(type)} ${name}`, at: base + at, length: end - at, reference: 'RFC 1035 4.1.2',
        children: [
          shown('Name', 'dns.qry.name', name, base + at, end - 4 - at),
          number('Type', 'dns.qry.type', type, base + end - 4, 2, typeText(type)),
        ],
      })),
      ...answers.map((one) => recordField(one, base)),
    ],
  } // prettier-ignore
  const at = answers.at(-1)?.end ?? questions.at(-1)?.end ?? 12
  return { layer, problems: isWhole ? [] : [{ at: base + at, field: 'DNS', message: 'names or records that cannot be read' }] } // prettier-ignore
}
