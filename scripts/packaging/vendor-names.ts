/**
 * Of the makers of network cards the built program has the names, by the first three octets of an address: their postal
 * addresses and the smaller blocks, which it never asks for, stay out. Each name is there once and the whole is
 * compressed with Brotli: gzip, which npm packs with, makes 570 KB of the same table, and 240 KB of this one.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { createRequire } from 'node:module'

type Names = Readonly<Record<string, string>>

/** The first line of each entry of a block of three octets. Throws where the file is no map of texts. */
export function vendorNames(text: string): Names {
  const entries = Object.entries(JSON.parse(text) as Record<string, string>).filter(([prefix]) => prefix.length === 6)
  return Object.fromEntries(entries.map(([prefix, lines]) => [prefix, lines.split('\n')[0]!]))
}

/** How many names there are, one line for each, then one with the prefixes of each: the first, and the distance of each from that before it. */
export function packVendorNames(names: Names): string {
  const prefixes = new Map<string, number[]>()
  for (const [prefix, name] of Object.entries(names)) {
    const list = prefixes.get(name)
    if (list) list.push(parseInt(prefix, 16))
    else prefixes.set(name, [parseInt(prefix, 16)])
  }
  const sorted = [...prefixes].sort(([a], [b]) => (a < b ? -1 : 1))
  const distances = sorted.map(([, list]) =>
    list
      .sort((a, b) => a - b)
      .map((one, index) => (one - (list[index - 1] ?? 0)).toString(36))
      .join(' '),
  )
  const text = [sorted.length, ...sorted.map(([name]) => name), ...distances].join('\n')
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length }
  return brotliCompressSync(text, { params }).toString('base64')
}

/** The way back. It is printed into the built program, so that it may use nothing but its arguments. */
export function unpackVendorNames(packed: string, decompress: typeof brotliDecompressSync): Names {
  const lines = decompress(Buffer.from(packed, 'base64')).toString().split('\n')
  const count = Number(lines[0])
  const names: Record<string, string> = {}
  for (let index = 1; index <= count; index++) {
    let prefix = 0
    for (const distance of lines[count + index]!.split(' ')) {
      prefix += parseInt(distance, 36)
      names[prefix.toString(16).toUpperCase().padStart(6, '0')] = lines[index]!
    }
  }
  return names
}

const isVendors = (id: string): boolean => /[\\/]oui-data[\\/]names\.js$/.test(id)

export const vendorNamesOnly = (): {
  readonly name: string
  readonly enforce: 'pre'
  resolveId(id: string): string | null
  load(id: string): { readonly code: string; readonly moduleType: 'js' } | null
} => ({
  name: 'vendor-names',
  enforce: 'pre',
  // A name of its own in the folder of the package, by which its licence is found.
  resolveId: (id) =>
    id === 'oui-data' ? join(dirname(createRequire(import.meta.url).resolve('oui-data')), 'names.js') : null,
  load(id) {
    if (!isVendors(id)) return null
    const packed = packVendorNames(vendorNames(readFileSync(join(dirname(id), 'index.json'), 'utf8')))
    const code = `import { brotliDecompressSync } from 'node:zlib'
export default (${unpackVendorNames.toString()})('${packed}', brotliDecompressSync)`
    return { code, moduleType: 'js' }
  },
})
