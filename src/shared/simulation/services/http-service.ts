/** A web server on a virtual host, over TLS where it has a certificate: GET and HEAD of its files; a form that is sent is answered by the file it names. */
import { concatBytes, decodeText, encodeText } from '../../wire/bytes.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { percentDecoded } from '../../wire/percent-encoding.ts'
import {
  alertRecord,
  certificateBytes,
  opened,
  seal,
  serverFinished,
  serverFlight,
  suiteFor,
  suitesIn,
} from '../../machines/tls-play.ts'
import { fileKey } from '../files.ts'
import { dateMsOf, type ServerTls, type ServiceOf } from '../scenario.ts'
import type { Connection } from '../tcp.ts'
import { addressesOf, type Service, type ServiceContext } from './service.ts'

const dayMs = 86_400_000
type Settings = Pick<ServiceOf<'http'>, 'port' | 'tls'> & { readonly over6?: boolean }

export class HttpService implements Service {
  readonly #context: ServiceContext
  readonly #port: number
  readonly #tls: ServerTls | undefined
  readonly #over6: boolean

  constructor(context: ServiceContext, { port, tls, over6 = true }: Settings) {
    this.#context = context
    this.#tls = tls
    this.#over6 = over6
    this.#port = port ?? (tls ? 443 : 80)
  }

  start(): void {
    this.#context.tcp.listen(this.#port, this.#over6, (connection) => {
      const tls = this.#tls
      // What the client has said over TLS so far: its hello, its key, and then records.
      let phase: 'hello' | 'key' | 'data' = tls ? 'hello' : 'data'
      const requests = this.#requests(connection, tls !== undefined)
      return {
        onConnected: () => {},
        onClosed: () => {},
        onData: (payload, length) => {
          if (phase === 'data') return requests(tls ? opened(payload, length, 0).payload : payload)
          if (phase === 'key') {
            phase = 'data'
            connection.send(serverFinished, serverFinished.length)
            return
          }
          const answer = this.#flight(payload, tls!)
          connection.send(answer.bytes, answer.bytes.length)
          if (answer.isRefusal) return
          phase = 'key'
        },
      }
    })
  }

  #flight(hello: Uint8Array, tls: ServerTls): { readonly bytes: Uint8Array; readonly isRefusal: boolean } {
    const refuse = (alert: number, why: string): { bytes: Uint8Array; isRefusal: true } => {
      this.#context.log(`The TLS handshake failed: ${why}.`, 'warning')
      return { bytes: alertRecord(alert), isRefusal: true }
    }
    const offered = suitesIn(hello)
    if (!offered) return refuse(10, 'the client does not speak TLS')
    if (tls.versions === '1.3') return refuse(70, 'the client speaks TLS 1.2 at most')
    const isElliptic = tls.keyType === 'EC'
    const suite = suiteFor(offered, isElliptic)
    if (suite === undefined) return refuse(40, `the client offers no cipher suite for a key of type ${tls.keyType}`)
    const names = tls.names ?? addressesOf(this.#context.host)
    const certificate = certificateBytes({
      issuer: tls.authority,
      names,
      from: dateMsOf(tls.from)!,
      until: dateMsOf(tls.until)! + dayMs - 1000,
      isElliptic,
      keyBits: tls.keyBits,
    })
    return { bytes: serverFlight(certificate, suite), isRefusal: false }
  }

  /** Takes what a client asks, and answers. */
  #requests(connection: Connection, isSecure: boolean): (payload: Uint8Array) => void {
    const { files, log } = this.#context
    const send = (bytes: Uint8Array, length: number): void => {
      const sent = isSecure ? seal(bytes, length) : { payload: bytes, length }
      connection.send(sent.payload, sent.length)
    }
    let text = ''
    return (payload) => {
      text += decodeText(payload)
      if (text !== '' && !/^[A-Z]/.test(text)) {
        text = ''
        const refused = encodeText('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        log(`${formatIp(connection.remote.address)} sent what is no HTTP request`, 'warning')
        return send(refused, refused.length)
      }
      if (!text.includes('\r\n\r\n')) return
      const [method = '', path = ''] = text.split(' ')
      text = ''
      const name = percentDecoded(path.replace(/[?#].*$/, ''))
      const file = name === undefined ? undefined : files.get(fileKey(name))
      const status = file ? '200 OK' : '404 Not Found'
      log(
        `${formatIp(connection.remote.address)} "${method} ${path}" ${status.slice(0, 3)}`,
        file ? 'plain' : 'warning',
      )
      const head = encodeText(
        `HTTP/1.1 ${status}\r\nServer: PXE Lab simulation\r\nContent-Type: application/octet-stream\r\nContent-Length: ${file?.size ?? 0}\r\n\r\n`,
      )
      const body = file && method !== 'HEAD' ? file : undefined
      if (!isSecure) {
        send(head, head.length)
        if (body) send(body.head, body.size)
      } else send(body ? concatBytes([head, body.head]) : head, head.length + (body?.size ?? 0))
    }
  }

  stop(): void {
    this.#context.tcp.close(this.#port)
  }
}
