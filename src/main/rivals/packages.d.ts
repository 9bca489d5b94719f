// The npm packages `dhcp` and `tftp2`, as far as they are used here.
declare module 'dhcp' {
  import type { EventEmitter } from 'node:events'
  interface Message {
    readonly chaddr: string
    readonly siaddr: string
    readonly yiaddr: string
    readonly options: Record<number, unknown>
  }
  interface Server extends EventEmitter {
    handleDiscover(message: Message): void
    handleRequest(message: Message): void
    listen(port?: number, host?: string, callback?: () => void): void
    close(callback?: () => void): void
  }
  interface Client extends EventEmitter {
    on(event: 'message', listener: (message: Message) => void): this
    on(event: 'error', listener: (error: Error) => void): this
    on(event: 'listening', listener: () => void): this
    _send(host: string, message: Readonly<Record<string, unknown>>): void
    sendDiscover(): void
    listen(): void
  }
  const dhcp: {
    createServer(options: Readonly<Record<string, unknown>>): Server
    createClient(options: { readonly mac: string }): Client
  }
  export default dhcp
}
declare module 'tftp2' {
  const tftp: (
    host: string,
    port: number,
  ) => { read(file: string, push: (chunk: Uint8Array) => void, done: () => void): Promise<void> }
  export default tftp
}
