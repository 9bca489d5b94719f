/** What `nft -j list ruleset` tells of incoming UDP (libnftables-json(5)). */
import { z } from 'zod'
import type { Facts } from '#shared/lab/facts.ts'

const chainSchema = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  hook: z.string().optional(),
  policy: z.string().optional(),
})
const ruleSchema = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  handle: z.int(),
  comment: z.string().optional(),
  expr: z.array(z.record(z.string(), z.unknown())),
})
const matchSchema = z.object({
  op: z.string(),
  left: z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) }),
  right: z.unknown(),
})
const anyMatchSchema = z.object({ op: z.string(), left: z.unknown(), right: z.unknown() })

/** Whether a rule with this match is surely not about UDP that asks from another machine. */
function isElsewhere(match: unknown): boolean {
  const read = anyMatchSchema.safeParse(match)
  if (!read.success) return false
  const { op, left, right } = read.data
  const text = JSON.stringify(left)
  if (op === '==' && /"iif(name)?"/.test(text) && right === 'lo') return true
  // Answers to what this machine sent.
  if (text.includes('"ct"') && !JSON.stringify(right).includes('new')) return true
  const protocols = /"(l4proto|nexthdr)"|"protocol","?|"field":"protocol"/.test(text) ? JSON.stringify(right) : ''
  return /"protocol":"(tcp|icmp|icmpv6|igmp)"/.test(text) || (protocols !== '' && op === '==' && !/udp|17/.test(protocols)) // prettier-ignore
}

/** Whether a rule may let in some of what asks: by interfaces, senders, sets or extensions that are not followed here. */
function mayAllow({ expr }: Rule): boolean {
  if (expr.some((one) => 'match' in one && isElsewhere(one['match']))) return false
  if (expr.some((one) => 'accept' in one)) return true
  const map = expr.find((one) => 'vmap' in one)?.['vmap']
  const text = map === undefined ? '' : JSON.stringify(map)
  return /"(accept|jump|goto)"/.test(text) && !/"ct"/.test(text)
}
const rulesetSchema = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) })

type Rule = z.infer<typeof ruleSchema>
type FirewallRule = NonNullable<Facts['firewall']>['value']['rules'][number]
type Range = [number, number]

interface Nft {
  /** Chains that see what comes in, as `family table name`. */
  readonly inputChains: readonly {
    readonly path: string
    readonly drops: boolean
    /** Whether a rule of it, or of a chain that it jumps to, drops this UDP port. */
    blocks(port: number): boolean
  }[]
  readonly rules: readonly FirewallRule[]
  /** Whether answers to what this host sent get in, whatever their port (connection tracking). */
  readonly letsAnswersIn: boolean
  /** Handle of the rule with this comment. */
  ours(comment: string, chain: string): string | undefined
}

const range = (value: unknown): Range[] => {
  if (typeof value === 'number') return [[value, value]]
  const read = z
    .union([
      z.object({ range: z.tuple([z.number(), z.number()]) }).transform((one) => [one.range]),
      z.object({ set: z.array(z.unknown()) }).transform((one) => one.set.flatMap(range)),
    ])
    .safeParse(value)
  return read.success ? read.data : []
}

const pathOf = (one: { family: string; table: string }, chain: string): string => `${one.family} ${one.table} ${chain}`

const someOf = ({ comment, handle }: Rule): FirewallRule => ({ name: comment ?? `handle ${handle}`, action: 'allow', protocol: 'any', ports: [], program: '', isBound: true }) // prettier-ignore

/** A verdict on UDP ports; undefined for rules about something else. One that lets some in is bound to them. */
function readRule(rule: Rule): FirewallRule | undefined {
  const { expr, comment, handle } = rule
  const action = expr.some((one) => 'accept' in one)
    ? 'allow'
    : expr.some((one) => 'drop' in one || 'reject' in one)
      ? 'block'
      : undefined
  if (action === undefined) return mayAllow(rule) ? someOf(rule) : undefined
  const matches = expr.filter((one) => 'match' in one).map((one) => matchSchema.safeParse(one['match']))
  const name = comment ?? `handle ${handle}`
  if (
    matches.length === 0 &&
    expr.every((one) => 'accept' in one || 'drop' in one || 'reject' in one || 'counter' in one)
  )
    return { name, action, protocol: 'any', ports: [], program: '' }
  const ports = matches.flatMap((one) =>
    one.success && one.data.op === '==' && one.data.left.payload.field === 'dport' && /^(udp|th)$/.test(one.data.left.payload.protocol)
      ? range(one.data.right)
      : [],
  ) // prettier-ignore
  // A block for some senders closes nothing for the others; an allowance for some is taken for one.
  if (action === 'block' && (ports.length === 0 || matches.length > 1)) return undefined
  if (ports.length === 0) return mayAllow(rule) ? someOf(rule) : undefined
  return { name, action, protocol: 'udp', ports, program: '' }
}

/** What holds for one family. Undefined where the text is no ruleset. */
export function parseNft(text: string, family: 'ip' | 'ip6' = 'ip'): Nft | undefined {
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = rulesetSchema.safeParse(input)
  if (!parsed.success) return undefined
  const items = parsed.data.nftables
  const chains = items.flatMap((one) => chainSchema.safeParse(one['chain']).data ?? [])
  const all = items.flatMap((one) => ruleSchema.safeParse(one['rule']).data ?? [])
  const base = chains.filter((one) => one.hook === 'input' && (one.family === family || one.family === 'inet'))
  const isLast = (rule: Rule): boolean => {
    const read = readRule(rule)
    return read?.action === 'block' && read.protocol === 'any'
  }
  const inputs = base.map((one) => {
    const path = pathOf(one, one.name)
    const rules = reachedFrom(path, all)
    const drops = one.policy === 'drop' || rules.some((rule) => pathOf(rule, rule.chain) === path && isLast(rule))
    // What closes a chain is no rule against a port.
    return { path, drops, raw: rules, rules: rules.filter((rule) => !isLast(rule)).flatMap((rule) => readRule(rule) ?? []) } // prettier-ignore
  })
  const closing = inputs.filter((one) => one.drops)
  return {
    inputChains: inputs.map(({ path, drops, rules }) => ({
      path,
      drops,
      blocks: (port) => rules.some((one) => one.action === 'block' && one.ports.some(([first, last]) => port >= first && port <= last)), // prettier-ignore
    })),
    // As a match or in a verdict map: `ct state established accept`, `ct state vmap { established : accept }`.
    letsAnswersIn: (closing.length > 0 ? closing : inputs)[closing.length > 0 ? 'every' : 'some'](({ raw }) =>
      raw.some(({ expr }) => {
        const text = JSON.stringify(expr)
        return text.includes('"ct"') && text.includes('"established"') && text.includes('"accept"')
      }),
    ),
    // A packet that one chain accepts still goes through the others of its hook (nft(8), Verdict statements).
    rules: [
      ...new Set(
        inputs.flatMap(({ path, rules }) => {
          const others = closing.filter((one) => one.path !== path)
          return others.length === 0 ? rules : rules.flatMap((one) => (one.action === 'block' ? one : allowedBy(one, others))) // prettier-ignore
        }),
      ),
    ],
    ours: (comment, chain) => {
      const found = all.find((one) => one.comment === comment && pathOf(one, one.chain) === chain)
      return found && String(found.handle)
    },
  }
}

/** The rules of a chain and of those that it jumps to. */
function reachedFrom(base: string, all: readonly Rule[]): Rule[] {
  const reached = new Set([base])
  for (const path of reached)
    for (const rule of all)
      if (pathOf(rule, rule.chain) === path)
        for (const one of rule.expr) {
          const target = z.object({ target: z.string() }).safeParse(one['jump'] ?? one['goto']).data?.target
          if (target !== undefined) reached.add(pathOf(rule, target))
        }
  return all.filter((one) => reached.has(pathOf(one, one.chain)))
}

const everyPort: Range = [0, 65_535]

/** What is left of an allowance where other chains close as well: the ports that each of them lets in, or may let in. */
function allowedBy(
  rule: FirewallRule,
  closing: readonly { readonly rules: readonly FirewallRule[] }[],
): FirewallRule[] {
  let left: readonly FirewallRule[] = [rule]
  for (const { rules } of closing)
    left = left.flatMap((one) =>
      rules
        .filter((other) => other.action === 'allow')
        .flatMap((other): FirewallRule[] => {
          const ports = (one.ports.length === 0 ? [everyPort] : one.ports).flatMap(([first, last]) =>
            (other.ports.length === 0 ? [everyPort] : other.ports).map(([from, to]): Range => [Math.max(first, from), Math.min(last, to)]), // prettier-ignore
          ).filter(([first, last]) => first <= last) // prettier-ignore
          if (ports.length === 0) return []
          const isAny = one.ports.length === 0 && other.ports.length === 0
          return [{ ...one, ports: isAny ? [] : ports, ...(isAny ? {} : { protocol: 'udp' as const }), ...(one.isBound || other.isBound ? { isBound: true } : {}) }] // prettier-ignore
        }),
    )
  return [...left]
}
