/** The one place where this program opens a WebSocket: its errors are heard before it has begun. */
import { WebSocket } from 'ws'

export interface WebSocketOptions {
  readonly url: string
  readonly protocols: readonly string[]
  readonly origin: string
  /** PEM: over TLS nobody else is trusted, under whatever name it was reached. */
  readonly certificate?: string | undefined
  readonly timeoutMs: number
  readonly onOpen: () => void
  readonly onMessage: (data: Buffer) => void
  /** Once, for whatever reason it is no more; `status` where the server refused the upgrade. */
  readonly onEnd: (error: NodeJS.ErrnoException & { status?: number }) => void
}

export interface OpenWebSocket {
  send(text: string): void
  close(): void
}

export function openWebSocket(options: WebSocketOptions): OpenWebSocket {
  const { url, protocols, origin, certificate, timeoutMs } = options
  const socket = new WebSocket(url, [...protocols], {
    origin,
    handshakeTimeout: timeoutMs,
    // The certificate is trusted by itself, whoever signed it; false means that there is nothing wrong with the name.
    ...(certificate === undefined
      ? {}
      : { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => false }),
  })
  let hasEnded = false
  const end = (error: NodeJS.ErrnoException & { status?: number }): void => {
    if (hasEnded) return
    hasEnded = true
    options.onEnd(error)
  }
  socket.on('error', end)
  socket.on('unexpected-response', (request, response) => {
    end(Object.assign(new Error(`the server answers ${response.statusCode}`), { status: response.statusCode ?? 0 }))
    request.destroy()
  })
  socket.on('close', () => end(new Error('the connection was closed')))
  socket.on('open', options.onOpen)
  socket.on('message', (data: Buffer) => options.onMessage(data))
  return {
    send: (text) => socket.send(text),
    close() {
      hasEnded = true
      socket.terminate()
    },
  }
}
