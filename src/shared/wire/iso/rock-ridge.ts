/** System use fields of directory records (SUSP, IEEE P1281) and what Rock Ridge (IEEE P1282) says with them. */
import { concatBytes, decodeText } from '../bytes.ts'
import { ascii, u32, type ReadAt } from './node.ts'

export interface RockRidge {
  readonly name?: string
  /** POSIX file mode. */
  readonly mode?: number
  readonly target?: string
  /** Block of the folder that was moved up from here. */
  readonly child?: number
  /** It was moved here, and is shown where it came from. */
  readonly isMoved: boolean
  /** What its content is stored as, which is not what it is. */
  readonly storedAs?: string
}

/** A record goes on elsewhere; hostile ones without end. */
const mostContinuations = 16
const mostAreaBytes = 8 * 1024

const root = 0x08
const parent = 0x04
const current = 0x02
const continues = 0x01

/** Those that anything is made of, by their two letters. */
const signatures: ReadonlyMap<number, string> = new Map(
  ['PX', 'CL', 'SL', 'NM', 'ZF', 'SF', 'RE', 'CE', 'ST'].map((one) => [
    (one.charCodeAt(0) << 8) | one.charCodeAt(1),
    one,
  ]),
)

interface Field {
  readonly signature: string
  readonly bytes: Uint8Array
}

/** The fields of an area; `next` is where they go on. */
function fieldsOf(area: Uint8Array): { readonly fields: Field[]; readonly next: Uint8Array | undefined } {
  const fields: Field[] = []
  let next: Uint8Array | undefined
  for (let at = 0; at + 4 <= area.length;) {
    const length = area[at + 2]!
    const signature = signatures.get((area[at]! << 8) | area[at + 1]!)
    if (length < 4 || at + length > area.length || signature === 'ST') break
    if (signature === 'CE') {
      if (length >= 28) next = area.subarray(at, at + length)
    } else if (signature !== undefined) fields.push({ signature, bytes: area.subarray(at, at + length) })
    at += length
  }
  return { fields, next }
}

/** How many bytes of each area are somebody else's; undefined where the image does not use SUSP. */
export function systemUseSkip(area: Uint8Array): number | undefined {
  return ascii(area, 0, 2) === 'SP' && area[4] === 0xbe && area[5] === 0xef ? area[6]! : undefined
}

/** Components of a symbolic link as a path (P1282, SL). */
function targetOf(records: readonly Uint8Array[]): string {
  let text = ''
  let isOpen = false
  for (const record of records)
    for (let at = 5; at + 2 <= record.length;) {
      const flags = record[at]!
      const length = record[at + 1]!
      const name =
        (flags & parent) !== 0
          ? '..'
          : (flags & current) !== 0
            ? '.'
            : decodeText(record.subarray(at + 2, at + 2 + length))
      if ((flags & root) !== 0) text = '/'
      else text += `${text === '' || text.endsWith('/') || isOpen ? '' : '/'}${name}`
      isOpen = (flags & continues) !== 0
      at += 2 + length
    }
  return text
}

/** What the system use area of a record says, with all it refers to. */
export async function readRockRidge(area: Uint8Array, blockBytes: number, read: ReadAt): Promise<RockRidge> {
  const fields: Field[] = []
  let { fields: some, next } = fieldsOf(area)
  fields.push(...some)
  for (let count = 0; next && count < mostContinuations; count++) {
    const length = u32(next, 20)
    if (length > mostAreaBytes) break
    ;({ fields: some, next } = fieldsOf(await read(u32(next, 4) * blockBytes + u32(next, 12), length)))
    fields.push(...some)
  }
  const having = (signature: string): readonly Uint8Array[] =>
    fields.filter((one) => one.signature === signature).map(({ bytes }) => bytes)
  const [[px], [cl], links] = [having('PX'), having('CL'), having('SL')]
  const names = having('NM').filter((one) => one.length > 5 && (one[4]! & (parent | current)) === 0)
  const storedAs = having('ZF').length > 0 ? 'compressed (zisofs)' : having('SF').length > 0 ? 'sparse' : undefined
  return {
    ...(names.length > 0 ? { name: decodeText(concatBytes(names.map((one) => one.subarray(5)))) } : {}),
    ...(px && px.length >= 8 ? { mode: u32(px, 4) } : {}),
    ...(links.length > 0 ? { target: targetOf(links) } : {}),
    ...(cl && cl.length >= 8 ? { child: u32(cl, 4) } : {}),
    isMoved: having('RE').length > 0,
    ...(storedAs === undefined ? {} : { storedAs }),
  }
}
