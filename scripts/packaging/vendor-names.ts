/** Of the makers of network cards their names are shown: their postal addresses stay out of what is built. */
interface Loaded {
  readonly code: string
}

const isVendors = (id: string): boolean => /[\\/]oui-data[\\/]index\.json$/.test(id)

/** The first line of each entry. Throws where the file is no map of texts. */
export function vendorNames(text: string): string {
  const names = Object.entries(JSON.parse(text) as Record<string, string>).map(([prefix, lines]) => [
    prefix,
    lines.split('\n')[0],
  ])
  return JSON.stringify(Object.fromEntries(names))
}

export const vendorNamesOnly = (): {
  readonly name: string
  readonly enforce: 'pre'
  transform(code: string, id: string): Loaded | null
} => ({
  name: 'vendor-names',
  enforce: 'pre',
  transform: (code, id) => (isVendors(id) ? { code: vendorNames(code) } : null),
})
