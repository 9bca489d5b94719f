/** An HTTP request as a step of a firmware script: one connection, one request (RFC 9112), the body counted. */
import { concatBytes, encodeText, formatIpv6, parseIpv4, parseIpv6 } from '../../wire/bytes.ts'
import { formatHost, type IpAddress } from '../../wire/ip-address.ts'
import { readServerFlight } from '../../wire/tls.ts'
import { alertIn, clientFinished, clientHello, isServerDone, opened, seal, suites } from '../tls-play.ts'
import type { ClientContext, Step } from './client.ts'
import { judgeServer, type TlsRefusal, type TlsTrust } from './tls-trust.ts'

export interface HttpAddress {
  /** Undefined where the host is a name. */
  readonly address: IpAddress | undefined
  readonly host: string
  readonly port: number
  readonly path: string
  readonly isSecure: boolean
}

/** `http://192.168.77.1:8080/boot.efi` or `http://[2001:db8::1]/boot.efi`; undefined where it is no such address. */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const match = /^http(s?):\/\/(\[[^\]/]*\]|[^/:[]+)(?::(\d+))?(\/.*)?$/i.exec(text)
  if (!match) return undefined
  const isSecure = match[1] !== ''
  const inBrackets = match[2]!.startsWith('[') ? parseIpv6(match[2]!.slice(1, -1)) : undefined
  if (match[2]!.startsWith('[') && !inBrackets) return undefined
  return {
    address: inBrackets ? formatIpv6(inBrackets) : parseIpv4(match[2]!),
    host: match[2]!,
    port: match[3] === undefined ? (isSecure ? 443 : 80) : Number(match[3]),
    path: match[4] ?? '/',
    isSecure,
  }
}

export type HttpResponse =
  | {
      readonly ok: true
      readonly status: number
      readonly reason: string
      readonly size: number
      readonly head: Uint8Array
    }
  | { readonly ok: false; readonly why: 'refused' | 'silent' | 'closed' }
  /** TLS: the server said no by an alert, does not speak it, or shows what the client does not accept. */
  | { readonly ok: false; readonly why: 'alert' | 'no-tls' }
  | { readonly ok: false; readonly why: 'certificate'; readonly refusal: TlsRefusal }

interface HttpRequest {
  readonly method: 'HEAD' | 'GET' | 'POST'
  readonly address: IpAddress
  readonly port: number
  readonly path: string
  /** How the server is called in the request; its address where it is left out. */
  readonly host?: string
  readonly agent: string
  readonly sourcePort: number
  /** How long it waits for the connection and then for each piece, in milliseconds. */
  readonly waitMs: number
  /** Over TLS: how the client calls the server, and whom it trusts. */
  readonly tls?: { readonly host: string; readonly trust: TlsTrust; readonly software: 'edk2' | 'ipxe' }
  readonly onProgress?: (received: number, total: number) => void
}

const headLimit = 64 * 1024
const headerLimit = 16 * 1024

export function* fetchHttp(client: ClientContext, request: HttpRequest): Step<HttpResponse> {
  const { method, address, path, agent, waitMs, tls } = request
  const connection = client.connect(request.sourcePort, { address, port: request.port })
  let until = client.now + waitMs
  let text = ''
  let head: Uint8Array | undefined
  let length = 0
  let received = 0
  let status = 0
  let reason = ''
  const kept: number[] = []
  // EDK2 leaves the port out of Host.
  const asked = encodeText(`${method} ${path} HTTP/1.1\r\nHost: ${request.host ?? formatHost(address)}\r\nAccept: */*\r\nUser-Agent: ${agent}\r\n\r\n`) // prettier-ignore
  let phase: 'hello' | 'finish' | 'data' = tls ? 'hello' : 'data'
  let shown: Uint8Array = new Uint8Array()
  let secured = 0
  for (;;) {
    const input = yield until
    if (!input) {
      if (client.now < until) continue
      client.abortTcp(connection)
      return { ok: false, why: 'silent' }
    }
    if (input.kind === 'tcp' && input.connection === connection) {
      if (input.event === 'connected') {
        client.sendTcp(connection, tls ? clientHello(tls.host, suites[tls.software]) : asked)
        until = client.now + waitMs
      } else if (input.event === 'refused') return { ok: false, why: 'refused' }
      else if (input.event === 'failed') return { ok: false, why: 'silent' }
      else return { ok: false, why: 'closed' }
      continue
    }
    if (input.kind !== 'tcp-data' || input.connection !== connection) continue
    until = client.now + waitMs
    let { payload, length: more } = input
    if (tls && phase === 'hello') {
      shown = concatBytes([shown, payload])
      if (shown[0] !== 21 && shown[0] !== 22) {
        client.abortTcp(connection)
        return { ok: false, why: 'no-tls' }
      }
      if (alertIn(shown) !== undefined) {
        client.abortTcp(connection)
        return { ok: false, why: 'alert' }
      }
      if (!isServerDone(shown)) continue
      const refusal = judgeServer(readServerFlight(shown)!, tls.host, tls.trust, tls.software)
      if (refusal) {
        client.abortTcp(connection)
        return { ok: false, why: 'certificate', refusal }
      }
      client.sendTcp(connection, clientFinished)
      phase = 'finish'
      continue
    }
    if (phase === 'finish') {
      client.sendTcp(connection, seal(asked).payload)
      phase = 'data'
      continue
    }
    if (tls) {
      const before = secured
      secured += more
      ;({ payload, length: more } = opened(payload, more, before))
    }
    if (!head) {
      const before = text.length
      // One character for each byte: the file may begin in the same piece.
      text += Array.from(payload.subarray(0, headerLimit), (byte) => String.fromCharCode(byte)).join('')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) continue
      const [first = ''] = text.split('\r\n')
      status = Number(first.split(' ')[1])
      reason = first.split(' ').slice(2).join(' ')
      length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end + 2))?.[1] ?? 0)
      head = new Uint8Array(0)
      const used = end + 4 - before
      payload = payload.subarray(used)
      more -= used
    }
    received += more
    for (const byte of payload) if (kept.length < headLimit) kept.push(byte)
    if (method !== 'HEAD' && length > 0) request.onProgress?.(received, length)
    if (method === 'HEAD' || received >= length) {
      client.abortTcp(connection)
      return { ok: true, status, reason, size: length, head: Uint8Array.from(kept) }
    }
  }
}
