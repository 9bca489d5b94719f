/** What a program of the system printed, as text. */
import iconv from 'iconv-lite'
import { koffi } from './koffi.ts'

/** The code page that console programs of this Windows write in (GetOEMCP); 65001 is UTF-8. */
function oemCodePage(): number {
  if (process.platform !== 'win32' || typeof koffi === 'string') return 65001
  return koffi.load('kernel32.dll').func('uint32_t __stdcall GetOEMCP()')()
}

let ownCodePage: number | undefined

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/**
 * UTF-16 where a byte order mark or the zero bytes of Latin letters show it, UTF-8 where it is that, and else the code
 * page of consoles (`codePage`, that of this machine where it is not named).
 */
export function consoleText(bytes: Buffer, codePage?: number): string {
  const hasMark = bytes[0] === 0xff && bytes[1] === 0xfe
  // The first two letters or line ends of what a tool writes are Latin in every language it speaks.
  if (hasMark || (bytes.length >= 4 && bytes[0] !== 0 && bytes[1] === 0 && bytes[2] !== 0 && bytes[3] === 0))
    return bytes.toString('utf16le', hasMark ? 2 : 0)
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '')
  const page = codePage ?? (ownCodePage ??= oemCodePage())
  return iconv.encodingExists(`cp${page}`) ? iconv.decode(bytes, `cp${page}`) : bytes.toString('utf8')
}
