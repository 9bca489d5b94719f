/**
 * Reads a reply as the strictest and the least careful clients do, with no code of the product: its own walk over the
 * options, what EDK2 and old ROMs make of them, and the sizes of the specifications.
 */
import dhcpPeer from 'dhcp/lib/protocol.js'

/** Options that some firmware reads as C strings. */
const cStrings: readonly number[] = [66, 67, 252]
const areas = { options: [240, Infinity], file: [108, 236], sname: [44, 108] } as const
type Area = keyof typeof areas

/** Sizes in octets: exactly, or a multiple where it is a list. */
const sizes: Readonly<Record<number, { readonly is?: number; readonly multipleOf?: number; readonly least?: number }>> =
  {
    1: { is: 4 },
    3: { multipleOf: 4 },
    6: { multipleOf: 4 },
    12: { least: 1 },
    15: { least: 1 },
    17: { least: 1 },
    42: { multipleOf: 4 },
    51: { is: 4 },
    52: { is: 1 },
    53: { is: 1 },
    54: { is: 4 },
    58: { is: 4 },
    59: { is: 4 },
    60: { least: 1 },
    61: { least: 2 },
    66: { least: 2 },
    67: { least: 2 },
    97: { is: 17 },
    118: { is: 4 },
  }

interface Run {
  readonly code: number
  /** Where its value begins in the datagram. */
  readonly at: number
  readonly length: number
  readonly area: Area
}

/** The options of one area; throws where they do not end as they must. */
function walk(datagram: Uint8Array, area: Area): Run[] {
  const [start, last] = areas[area]
  const end = Math.min(last, datagram.length)
  const runs: Run[] = []
  for (let at = start; at < end;) {
    const code = datagram[at]!
    if (code === 255) {
      if (datagram.subarray(at + 1, end).some((octet) => octet !== 0)) throw new Error(`octets after END in ${area}`)
      return runs
    }
    if (code === 0) throw new Error(`a PAD before END in ${area}, which some ROMs take for the end`)
    const length = datagram[at + 1] ?? Infinity
    if (at + 2 + length > end) throw new Error(`option ${code} passes the end of ${area}`)
    runs.push({ code, at: at + 2, length, area })
    at += 2 + length
  }
  throw new Error(`no END in ${area}`)
}

function everyRun(datagram: Uint8Array): Run[] {
  const runs = walk(datagram, 'options')
  const overload = runs.find((run) => run.code === 52)
  const bits = overload ? datagram[overload.at]! : 0
  return [...runs, ...(bits & 1 ? walk(datagram, 'file') : []), ...(bits & 2 ? walk(datagram, 'sname') : [])]
}

const valueOf = (datagram: Uint8Array, run: Run): Uint8Array => datagram.subarray(run.at, run.at + run.length)

/** Every option that a reader without scruples finds: it skips a PAD and takes what stands there. */
function spelt(datagram: Uint8Array): string {
  const found: string[] = []
  for (let at = 240; at < datagram.length && datagram[at] !== 255;) {
    if (datagram[at] === 0) {
      at++
      continue
    }
    const end = at + 2 + (datagram[at + 1] ?? 0)
    found.push(`${datagram[at]}:${Buffer.from(datagram.subarray(at + 2, end)).toString('hex')}`)
    at = end
  }
  return found.join(' ')
}

/**
 * EDK2 (PxeBcDhcp4.c, HttpBootDhcp4.c): the first option 67 gets a NUL behind it, in place, unless it ends with one. What
 * loads afterwards (shim, GRUB) reads the packet as it is then.
 */
function afterEdk2(datagram: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(datagram)
  const file = everyRun(copy).find((run) => run.code === 67)
  if (file && copy[file.at + file.length - 1] !== 0 && file.at + file.length < copy.length)
    copy[file.at + file.length] = 0
  return copy
}

function vendorProblems(value: Uint8Array): string[] {
  for (let at = 0; at < value.length;) {
    if (value[at] === 255) return at === value.length - 1 ? [] : ['octets after the end of option 43']
    const length = value[at + 1] ?? Infinity
    if (at + 2 + length > value.length) return [`sub-option ${value[at]} passes the end of option 43`]
    at += 2 + length
  }
  return ['option 43 has no end']
}

export interface StrictReply {
  /** By code, in the order in which they came; runs of one code joined (RFC 3396). */
  readonly options: ReadonlyMap<number, Uint8Array>
  readonly file: string
  readonly sname: string
  readonly problems: readonly string[]
}

const untilNul = (octets: Uint8Array): string =>
  Buffer.from(octets.subarray(0, octets.includes(0) ? octets.indexOf(0) : octets.length)).toString()

/** `longest` is what the client takes, in octets of UDP payload. */
export function strictly(datagram: Uint8Array, longest = 1472): StrictReply {
  const problems: string[] = []
  const nothing = { options: new Map<number, Uint8Array>(), file: '', sname: '' }
  if (datagram.length < 300)
    problems.push(`${datagram.length} octets: relays and ROMs drop less than 300 (RFC 1542 2.1)`)
  if (datagram.length > longest) problems.push(`${datagram.length} octets, of which the client takes ${longest}`)
  if (datagram[0] !== 2) problems.push(`op is ${datagram[0]}`)
  if (Buffer.from(datagram.subarray(236, 240)).toString('hex') !== '63825363') problems.push('no magic cookie')
  let runs: Run[]
  try {
    runs = everyRun(datagram)
  } catch (error) {
    return { ...nothing, problems: [...problems, (error as Error).message] }
  }
  const options = new Map<number, Uint8Array>()
  let before: Run | undefined
  for (const run of runs) {
    const value = valueOf(datagram, run)
    const known = options.get(run.code)
    if (known && before?.code !== run.code) problems.push(`option ${run.code} twice`)
    if (known && cStrings.includes(run.code)) problems.push(`option ${run.code} in two runs, of which EDK2 reads one`)
    options.set(run.code, known ? Buffer.concat([known, value]) : value)
    before = run
  }
  const isOverloaded = options.get(52)?.[0] ?? 0
  const file = isOverloaded & 1 ? '' : untilNul(datagram.subarray(108, 236))
  const sname = isOverloaded & 2 ? '' : untilNul(datagram.subarray(44, 108))
  if (file.length === 128) problems.push('the field file has no NUL')
  if (sname.length === 64) problems.push('the field sname has no NUL')
  for (const [code, value] of options) {
    const { is, multipleOf, least } = sizes[code] ?? {}
    if (is !== undefined && value.length !== is) problems.push(`option ${code} has ${value.length} octets, not ${is}`)
    if (multipleOf !== undefined && (value.length === 0 || value.length % multipleOf !== 0))
      problems.push(`option ${code} has ${value.length} octets, no multiple of ${multipleOf}`)
    if (least !== undefined && value.length < least) problems.push(`option ${code} has ${value.length} octets`)
    if (cStrings.includes(code) && value.indexOf(0) !== value.length - 1)
      problems.push(`option ${code} is no C string: its only NUL is not its last octet`)
  }
  if (options.has(53) && runs[0]?.code !== 53) problems.push('option 53 is not the first')
  const inField = runs.filter((run) => run.area === 'options')
  if (options.has(82) && inField.at(-1)?.code !== 82) problems.push('option 82 is not the last (RFC 3046 2.2)')
  if (untilNul(options.get(60) ?? new Uint8Array()).startsWith('PXEClient') && options.has(43))
    problems.push(...vendorProblems(options.get(43)!))
  if (spelt(afterEdk2(datagram)) !== spelt(datagram)) problems.push('EDK2 destroys the option behind option 67')
  problems.push(...peerProblems(datagram, options, file))
  return { options, file, sname, problems }
}

/** What the independent package `dhcp` reads differently. */
function peerProblems(datagram: Uint8Array, options: ReadonlyMap<number, Uint8Array>, file: string): string[] {
  // It knows Ethernet only.
  if (datagram[1] !== 1 || datagram[2] !== 6) return []
  let read
  // It complains aloud of options it has no name for.
  const { error: say } = console
  console.error = () => undefined
  try {
    read = dhcpPeer.parse(Buffer.from(datagram))
  } catch (error) {
    return [`the package dhcp cannot read it: ${(error as Error).message}`]
  } finally {
    console.error = say
  }
  const problems: string[] = []
  const address = (value: Uint8Array | undefined): string => [...(value ?? [])].join('.')
  const compare = (what: string, theirs: unknown, ours: unknown): void => {
    if (theirs !== ours)
      problems.push(`the package dhcp reads ${what} as ${JSON.stringify(theirs)}, not ${JSON.stringify(ours)}`)
  }
  if (!((options.get(52)?.[0] ?? 0) & 1)) compare('file', read.file, file)
  if (options.has(52)) return problems
  if (options.has(54)) compare('option 54', read.options[54], address(options.get(54)))
  if (options.has(1)) compare('option 1', read.options[1], address(options.get(1)))
  if (options.has(53)) compare('option 53', read.options[53], options.get(53)![0])
  if (options.has(67)) compare('option 67', read.options[67], untilNul(options.get(67)!))
  return problems
}
