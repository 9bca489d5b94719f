/**
 * Reads the text format of metrics strictly, as its specification puts it ("Exposition formats" of Prometheus, text format 0.0.4; the
 * rules for families, histograms and counters are those of OpenMetrics 1.0). Throws an error with the line that breaks it.
 */
export interface Family {
  readonly type: string
  readonly samples: readonly { readonly name: string; readonly labels: ReadonlyMap<string, string>; readonly value: number }[] // prettier-ignore
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const labelsText = String.raw`(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*`
const sampleLine = new RegExp(
  String.raw`^(${metricName})(?:\{(${labelsText})\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|\+Inf|NaN)(?: -?\d+)?$`,
)
const suffixes: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'], counter: [''], gauge: [''], untyped: [''] } // prettier-ignore

export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, { type: string; hasHelp: boolean; samples: Family['samples'][number][] }>()
  const series = new Set<string>()
  let current = ''
  const refuse = (line: string, why: string): never => {
    throw new Error(`${why}: ${line}`)
  }
  const enter = (
    name: string,
    line: string,
  ): { type: string; hasHelp: boolean; samples: Family['samples'][number][] } => {
    const known = families.get(name)
    if (known && current !== name) refuse(line, 'a family stands in two places')
    current = name
    const family = known ?? { type: '', hasHelp: false, samples: [] }
    families.set(name, family)
    return family
  }
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    if (/\p{Cc}/u.test(line)) refuse(JSON.stringify(line), 'a control character')
    const [, word, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${metricName}) ?(.*)$`).exec(line) ?? []
    if (word !== undefined) {
      const family = enter(name, line)
      if (family.samples.length > 0 || (word === 'HELP' ? family.hasHelp : family.type !== '')) refuse(line, 'too late or twice') // prettier-ignore
      if (word === 'HELP') family.hasHelp = true
      else if (rest in suffixes) family.type = rest
      else refuse(line, 'no type')
      continue
    }
    if (line.startsWith('#')) refuse(line, 'a comment that nobody writes')
    const read = sampleLine.exec(line) ?? refuse(line, 'no sample')
    const sample = read[1]!
    const owner = [...families].find(([one, { type }]) => suffixes[type]?.some((end) => one + end === sample))?.[0] ?? refuse(line, 'no family') // prettier-ignore
    const labels = new Map([...(read[2] ?? '').matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"/g)].map((one) => [one[1]!, one[2]!])) // prettier-ignore
    const key = `${sample} ${[...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)).join(' ')}`
    if (series.has(key)) refuse(line, 'the same series twice')
    series.add(key)
    const value = read[3] === '+Inf' ? Infinity : Number(read[3])
    const family = enter(owner, line)
    if (family.type === 'counter' && !(value >= 0)) refuse(line, 'a counter below zero')
    family.samples.push({ name: sample, labels, value })
  }
  for (const [name, { type, samples }] of families) if (type === 'histogram') checkHistogram(name, samples)
  return families
}

function checkHistogram(name: string, samples: Family['samples']): void {
  const groups = Map.groupBy(samples, ({ labels }) => [...labels].filter(([one]) => one !== 'le').map((one) => one.join(' ')).toSorted((a, b) => (a < b ? -1 : 1)).join(' ')) // prettier-ignore
  for (const group of groups.values()) {
    const buckets = group.filter((one) => one.name === `${name}_bucket`)
    const values = buckets.map((one) => one.value)
    const bounds = buckets.map((one) => (one.labels.get('le') === '+Inf' ? Infinity : Number(one.labels.get('le'))))
    const isGrowing = (list: readonly number[]): boolean => list.every((one, at) => at === 0 || one >= list[at - 1]!)
    if (!isGrowing(values) || !isGrowing(bounds) || bounds.at(-1) !== Infinity) throw new Error(`${name}: buckets out of order`) // prettier-ignore
    if (values.at(-1) !== group.find((one) => one.name === `${name}_count`)?.value) throw new Error(`${name}: +Inf is not the count`) // prettier-ignore
  }
}
