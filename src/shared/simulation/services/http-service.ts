/** A web server on a virtual host: GET and HEAD of its files; a form that is sent is answered by the file it names. */
import { decodeText, encodeText } from '../../wire/bytes.ts'
import { formatIp } from '../../wire/ip-address.ts'
import { percentDecoded } from '../../wire/percent-encoding.ts'
import { fileKey } from '../files.ts'
import type { Service, ServiceContext } from './service.ts'

export class HttpService implements Service {
  readonly #context: ServiceContext
  readonly #port: number
  readonly #over6: boolean

  constructor(context: ServiceContext, port: number, over6 = true) {
    this.#context = context
    this.#port = port
    this.#over6 = over6
  }

  start(): void {
    const { tcp, files, log } = this.#context
    tcp.listen(this.#port, this.#over6, (connection) => {
      let text = ''
      return {
        onConnected: () => {},
        onClosed: () => {},
        onData: (payload) => {
          text += decodeText(payload)
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
          connection.send(head, head.length)
          if (file && method !== 'HEAD') connection.send(file.head, file.size)
        },
      }
    })
  }

  stop(): void {
    this.#context.tcp.close(this.#port)
  }
}
