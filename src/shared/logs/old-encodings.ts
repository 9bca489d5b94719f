/**
 * What text that is no UTF-8 is encoded in: files of Windows are in the code page of the system, and what was printed into a file
 * (`wevtutil ... > events.txt`) in that of its console. Told by what letters of each language do: Japanese and Chinese stand side by side,
 * letters with accents between others.
 */
export type OldEncoding = 'windows-1252' | 'ibm850' | 'shift_jis' | 'gbk'

/** Octets 0x80 to 0xFF in code page 850, that of consoles of Western Europe, which no decoder of browsers has. */
const page850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0'

export function text850(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096)).replace(
      /[\u0080-\u00ff]/g,
      (one) => page850[one.charCodeAt(0) - 0x80]!,
    )
  return text
}

const kana = /[\u3041-\u30fa]/g
/** Three in a row: Latin letters with accents stand alone, and two by chance. */
const japanese = /[\u3041-\u30fe\u4e00-\u9fff]{3}/
const halfWidth = /[\uff61-\uff9f]/g
/** Octets of frequent Chinese characters (GB 2312, level 1) that stand side by side. */
const chinese = /[\u4e00-\u9fff]{3}/
/** Letters with accents between letters, as code page 850 and as windows-1252 have them; what both have is left out. */
const accents850 = /[a-z][\x81\x82\x84\x85\x87\x88\x8a\x8c\x94\xa0\xa2\xa3\xa4][a-z]/gi
const accents1252 = /[a-z][\xe0\xe2-\xff\xdf][a-z]/gi

const countOf = (text: string, what: RegExp): number => text.match(what)?.length ?? 0

/** `decoded`: the text by a decoder, undefined where the octets are none of it. */
export function oldEncodingOf(
  bytes: Uint8Array,
  decoded: (encoding: 'shift_jis' | 'gbk') => string | undefined,
): OldEncoding {
  const inJapanese = decoded('shift_jis')
  if (
    inJapanese !== undefined &&
    japanese.test(inJapanese) &&
    countOf(inJapanese, kana) > countOf(inJapanese, halfWidth)
  )
    return 'shift_jis'
  const inChinese = decoded('gbk')
  if (inChinese !== undefined && chinese.test(inChinese)) return 'gbk'
  let latin = ''
  for (let at = 0; at < bytes.length && at < mostLooked; at += 4096)
    latin += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return countOf(latin, accents850) > countOf(latin, accents1252) ? 'ibm850' : 'windows-1252'
}

/** So many octets of a piece tell its letters. */
const mostLooked = 1 << 18
