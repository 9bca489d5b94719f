/**
 * Texts of files that come with the program (scenarios, lessons) in another language. A text is known by its English, so that a file of
 * one's own that says the same is spoken alike; src/messages/texts has the translations.
 */

/** What a text is known by: FNV-1a of 32 bits over its UTF-16 code units, without white space around it. */
export function textKey(text: string): string {
  let hash = 0x811c9dc5
  const bare = text.trim()
  for (let at = 0; at < bare.length; at++) hash = Math.imul(hash ^ bare.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}

/** Where texts stand in a file: `true` for a text or a list of texts, `*` for each member of a list or record. */
export interface Places {
  readonly [field: string]: true | Places
}

const membersOf = (value: unknown, change: (member: unknown, name: string) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((one) => change(one, ''))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, change(one, name)]))
}

/** The same with each of its texts as `tell` makes it; what is not of the shape stays as it is. */
export function withTexts<T>(file: T, places: Places, tell: (text: string) => string): T {
  const told = (value: unknown, at: true | Places | undefined): unknown => {
    if (at === undefined) return value
    if (at !== true) return membersOf(value, (one, name) => told(one, at['*'] ?? at[name]))
    return typeof value === 'string' ? tell(value) : Array.isArray(value) ? value.map((one) => told(one, true)) : value
  }
  return told(file, places) as T
}
