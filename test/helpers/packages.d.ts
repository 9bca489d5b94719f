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
