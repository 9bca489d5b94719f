/** Names that people gave, put beside the addresses in a sentence. */

const addresses = /(?<![\w.:])(?:(?:[\da-f]{2}:){5}[\da-f]{2}|(?:\d{1,3}\.){3}\d{1,3})(?![\w.:]*[\w:])/gi

/**
 * The text with each address that has a name told as `name (address)` where it first stands, and by the name alone behind that.
 * `names`: by hardware address in lower case, or IPv4 address.
 */
export function nameAddresses(text: string, names: ReadonlyMap<string, string>): string {
  if (names.size === 0) return text
  const told = new Set<string>()
  return text.replace(addresses, (address) => {
    const name = names.get(address.toLowerCase())
    if (name === undefined || name === '') return address
    if (told.has(name)) return name
    told.add(name)
    return `${name} (${address})`
  })
}
