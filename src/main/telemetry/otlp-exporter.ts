/** Sends boots to a receiver of OTLP over HTTP, in the order in which they ended. */
import type { SettledBoot } from '../observe/verdict.ts'
import { Delivery } from './delivery.ts'
import { traceRequestOf, type TraceResource } from './otlp-trace.ts'

export interface OtlpTarget {
  /** `v1/traces` is below it. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface OtlpExporterOptions extends TraceResource {
  readonly target: OtlpTarget
  /** Told once while it lasts; undefined where it is over. */
  readonly onTrouble: (trouble: string | undefined) => void
  /** For tests. */
  readonly waitMs?: number
}

export class OtlpExporter extends Delivery<SettledBoot> {
  constructor({ target, onTrouble, waitMs, ...resource }: OtlpExporterOptions) {
    super({
      url: new URL('v1/traces', target.url.replace(/\/*$/, '/')).href,
      mostInRequest: 200,
      request: (boots) => ({ body: JSON.stringify(traceRequestOf(boots, resource)), headers: target.headers }),
      onTrouble,
      ...(waitMs === undefined ? {} : { waitMs }),
    })
  }
}
