/**
 * A boot as a trace in the JSON form of OTLP: the boot is the root span, its rounds and files are spans below it
 * (opentelemetry-proto v1, "JSON Protobuf Encoding": identifiers in hexadecimal digits, 64-bit numbers as text).
 */
import { createHash } from 'node:crypto'
import type { SettledBoot } from '../observe/verdict.ts'

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string }
}

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** SPAN_KIND_INTERNAL. */
  readonly kind: 1
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: 0 | 1 | 2; readonly message?: string }
}

export interface TraceRequest {
  readonly resourceSpans: readonly [
    {
      readonly resource: { readonly attributes: readonly Attribute[] }
      readonly scopeSpans: readonly [{ readonly scope: { readonly name: string; readonly version: string }; readonly spans: readonly Span[] }] // prettier-ignore
    },
  ]
}

/** Where the boots were seen. */
export interface TraceResource {
  readonly version: string
  readonly hostName: string
}

const attributesOf = (values: Readonly<Record<string, string>>): Attribute[] =>
  Object.entries(values).flatMap(([key, value]) => (value === '' ? [] : [{ key, value: { stringValue: value } }]))

const nanoseconds = (milliseconds: number): string => String(BigInt(Math.round(milliseconds * 1000)) * 1000n)

/** The same boot has the same identifiers, however often it is sent: a receiver that has it knows it again. */
const identifier = (bytes: number, ...of: readonly (string | number)[]): string =>
  createHash('sha256')
    .update(of.join('\n'))
    .digest('hex')
    .slice(0, bytes * 2)

function spansOf({ verdict, parts }: SettledBoot, hostName: string): Span[] {
  const { mac, hostName: name, outcome, headline, code, firmware, causes, startedAt, lastAt } = verdict
  const traceId = identifier(16, hostName, mac, startedAt)
  const spanId = identifier(8, traceId, 'boot')
  const failed = outcome === 'failed'
  return [
    {
      traceId,
      spanId,
      name: 'boot',
      kind: 1,
      startTimeUnixNano: nanoseconds(startedAt),
      endTimeUnixNano: nanoseconds(Math.max(startedAt, lastAt)),
      attributes: attributesOf({
        'pxe.client.mac': mac,
        'pxe.client.name': name,
        'pxe.outcome': outcome,
        'pxe.headline': headline,
        'pxe.code': code ?? '',
        'pxe.firmware': firmware,
        'pxe.cause': causes[0] ?? '',
      }),
      status: failed ? { code: 2, message: headline } : { code: outcome === 'started' || outcome === 'loaded' ? 1 : 0 },
    },
    ...parts.map(({ name, title, state, startedAt: start, endedAt: end }, at): Span => ({
      traceId,
      spanId: identifier(8, traceId, at),
      parentSpanId: spanId,
      name: title,
      kind: 1,
      startTimeUnixNano: nanoseconds(start),
      endTimeUnixNano: nanoseconds(Math.max(start, end)),
      attributes: attributesOf({ 'pxe.part': name, 'pxe.state': state }),
      status: { code: state === 'failed' ? 2 : state === 'done' ? 1 : 0 },
    })),
  ]
}

export const traceRequestOf = (boots: readonly SettledBoot[], { version, hostName }: TraceResource): TraceRequest => ({
  resourceSpans: [
    {
      resource: { attributes: attributesOf({ 'service.name': 'pxe-lab', 'service.version': version, 'host.name': hostName }) }, // prettier-ignore
      scopeSpans: [{ scope: { name: 'pxe-lab', version }, spans: boots.flatMap((boot) => spansOf(boot, hostName)) }],
    },
  ],
})
