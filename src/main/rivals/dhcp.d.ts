// The npm package `dhcp`, as far as it is used here.
declare module 'dhcp' {
  import type { EventEmitter } from 'node:events'
  interface Message {
    readonly chaddr: string
    readonly options: Readonly<Record<number, unknown>>
  }
  interface Server extends EventEmitter {
    handleDiscover(message: Message): void
    handleRequest(message: Message): void
    listen(port?: number, host?: string, callback?: () => void): void
    close(callback?: () => void): void
  }
  const dhcp: { createServer(options: Readonly<Record<string, unknown>>): Server }
  export default dhcp
}
