/** The parser inside the independent package `dhcp`, which has no types. */
declare module 'dhcp/lib/protocol.js' {
  const protocol: {
    parse(datagram: Buffer): {
      readonly file: string
      readonly sname: string
      readonly siaddr: string
      readonly yiaddr: string
      readonly options: Readonly<Record<number, unknown>>
    }
  }
  export default protocol
}

declare module 's3rver' {
  export default class S3rver {
    constructor(options: {
      readonly address: string
      readonly port: number
      readonly silent: boolean
      readonly directory: string
      readonly configureBuckets: readonly { readonly name: string; readonly configs: readonly string[] }[]
    })
    run(): Promise<{ readonly port: number }>
    close(): Promise<void>
  }
}
