/** What a file is that is no capture, told from its first bytes, with the way to make one of it where there is one. */
import { decodeText } from './bytes.ts'

const converted = 'convert it with Wireshark: editcap FILE capture.pcapng'
const unpack = (program: string): string => `unpack it first: ${program} FILE`

/** Beginnings of files, as text of one character a byte. */
const beginnings: readonly (readonly [string, string])[] = [
  ['\xff\xfe', 'it is UTF-16 text: Windows PowerShell turns bytes into text, so let the capture program write the file itself (-w)'],
  ['RTSS', `it is a capture of Network Monitor 1: ${converted}`],
  ['TRSNIFF data', `it is a capture of Sniffer: ${converted}`],
  ['XCP\0', `it is a capture of NetXRay: ${converted}`],
  ['\x7fver', `it is a capture of OmniPeek: ${converted}`],
  ['iptrace ', `it is a trace of AIX: ${converted}`],
  ['btsnoop\0', 'it is a capture of Bluetooth, on which nothing boots'],
  ['MSCF', 'it is a cabinet, as netsh trace makes one: expand FILE -F:* FOLDER, then convert the .etl in it: pktmon etl2pcap TRACE.etl --out capture.pcapng'],
  ['\x02\x21\x4c\x18', `it is compressed with an old form of LZ4: ${unpack('lz4 -d')}`],
  ['BZh', `it is compressed with bzip2: ${unpack('bunzip2')}`],
  ['\xfd7zXZ', `it is compressed with xz: ${unpack('unxz')}`],
  ['PK\x03\x04', 'it is a ZIP archive: unpack it first'],
  ['7z\xbc\xaf', 'it is a 7-Zip archive: unpack it first'],
  ['Rar!', 'it is a RAR archive: unpack it first'],
  ['%PDF', 'it is a PDF document'],
  ['\x89PNG', 'it is a PNG picture'],
  ['\xff\xd8\xff', 'it is a JPEG picture'],
  ['MZ', 'it is a program of Windows or UEFI'],
  ['\x7fELF', 'it is a program of Linux'],
  ['ElfFile\0', 'it is an event log of Windows'],
  ['SQLite format', 'it is an SQLite database'],
  ['regf', 'it is a hive of the registry'],
  ['MSWIM', 'it is a Windows image'],
  ['<?xml', 'it is XML'],
  ['<!DOCTYPE', 'it is HTML'],
  ['<html', 'it is HTML'],
  ['{', 'it is JSON'],
] // prettier-ignore

/** Buffer header of 72 bytes, then the marker of the system's trace header (SYSTEM_TRACE_HEADER). */
function isEventTrace(bytes: Uint8Array): boolean {
  const size = bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16)
  return (
    bytes.length >= 76 && size > 0 && size % 1024 === 0 && bytes[75] === 0xc0 && (bytes[74] === 1 || bytes[74] === 2)
  )
}

export const isText = (bytes: Uint8Array): boolean =>
  bytes.length > 0 && bytes.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13)

/** The reason as a clause; `bytes` are the first hundred or more of the file. */
export function foreignFile(bytes: Uint8Array): string {
  const start = Array.from(bytes.subarray(0, 16), (byte) => String.fromCharCode(byte)).join('')
  const found = beginnings.find(([beginning]) => start.startsWith(beginning))
  if (found) return `it is no capture file; ${found[1]}`
  if (isEventTrace(bytes))
    return 'it is no capture file; it is an event trace of Windows: pktmon etl2pcap FILE --out capture.pcapng'
  if (!isText(bytes.subarray(0, 256))) return 'it is no capture file'
  const line = decodeText(bytes.subarray(0, 256))
    .trim()
    .split(/[\r\n]/)[0]!
  return `it is no capture file; it is text, "${line.length > 60 ? `${line.slice(0, 60)}...` : line}"`
}
