/** An HTTP request as a step of a firmware script: one connection, one request (RFC 9112), the body counted. */
import { encodeText, formatIpv6, parseIpv4, parseIpv6 } from '../../wire/bytes.ts'
import { formatHost, type IpAddress } from '../../wire/ip-address.ts'
import type { ClientContext, Step } from './client.ts'

export interface HttpAddress {
  /** Undefined where the host is a name. */
  readonly address: IpAddress | undefined
  readonly host: string
  readonly port: number
  readonly path: string
}

/** `http://192.168.77.1:8080/boot.efi` or `http://[2001:db8::1]/boot.efi`; undefined where it is no such address. */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const match = /^http:\/\/(\[[^\]/]*\]|[^/:[]+)(?::(\d+))?(\/.*)?$/i.exec(text)
  if (!match) return undefined
  const inBrackets = match[1]!.startsWith('[') ? parseIpv6(match[1]!.slice(1, -1)) : undefined
  if (match[1]!.startsWith('[') && !inBrackets) return undefined
  return {
    address: inBrackets ? formatIpv6(inBrackets) : parseIpv4(match[1]!),
    host: match[1]!,
    port: match[2] === undefined ? 80 : Number(match[2]),
    path: match[3] ?? '/',
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

interface HttpRequest {
  readonly method: 'HEAD' | 'GET' | 'POST'
  readonly address: IpAddress
  readonly port: number
  readonly path: string
  readonly agent: string
  readonly sourcePort: number
  /** How long it waits for the connection and then for each piece, in milliseconds. */
  readonly waitMs: number
  readonly onProgress?: (received: number, total: number) => void
}

const headLimit = 64 * 1024
const headerLimit = 16 * 1024

export function* fetchHttp(client: ClientContext, request: HttpRequest): Step<HttpResponse> {
  const { method, address, path, agent, waitMs } = request
  const connection = client.connect(request.sourcePort, { address, port: request.port })
  let until = client.now + waitMs
  let text = ''
  let head: Uint8Array | undefined
  let length = 0
  let received = 0
  let status = 0
  let reason = ''
  const kept: number[] = []
  for (;;) {
    const input = yield until
    if (!input) {
      if (client.now < until) continue
      client.abortTcp(connection)
      return { ok: false, why: 'silent' }
    }
    if (input.kind === 'tcp' && input.connection === connection) {
      if (input.event === 'connected') {
        client.sendTcp(
          connection,
          encodeText(
            // EDK2 leaves the port out of Host.
            `${method} ${path} HTTP/1.1\r\nHost: ${formatHost(address)}\r\nAccept: */*\r\nUser-Agent: ${agent}\r\n\r\n`,
          ),
        )
        until = client.now + waitMs
      } else if (input.event === 'refused') return { ok: false, why: 'refused' }
      else if (input.event === 'failed') return { ok: false, why: 'silent' }
      else return { ok: false, why: 'closed' }
      continue
    }
    if (input.kind !== 'tcp-data' || input.connection !== connection) continue
    until = client.now + waitMs
    let { payload, length: more } = input
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
