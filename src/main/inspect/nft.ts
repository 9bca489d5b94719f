/**
 * What `nft -j list ruleset` tells of incoming UDP (libnftables-json(5)). A packet goes through the chains of netdev's ingress
 * hook, of prerouting and of input, those of a bridge before all of them; each that drops it is the end of it (nft(8), "ADDRESS FAMILIES").
 */
import { z } from 'zod'
import type { Facts } from '#shared/lab/facts.ts'

const chainSchema = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  type: z.string().optional(),
  hook: z.string().optional(),
  policy: z.string().optional(),
  dev: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
})
const ruleSchema = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  handle: z.int(),
  comment: z.string().optional(),
  expr: z.array(z.record(z.string(), z.unknown())),
})
const setSchema = z.object({ family: z.string(), table: z.string(), name: z.string(), elem: z.array(z.unknown()).default([]) }) // prettier-ignore
const rulesetSchema = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) })
const matchSchema = z.object({ op: z.string(), left: z.unknown(), right: z.unknown() })
const payloadSchema = z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) })
const metaSchema = z.object({ meta: z.object({ key: z.string() }) })
const jumpSchema = z.object({ target: z.string() })

type ChainOf = z.infer<typeof chainSchema>
type Rule = z.infer<typeof ruleSchema>
type Family = 'ip' | 'ip6'
type FirewallRule = NonNullable<Facts['firewall']>['value']['rules'][number]
export type Redirect = NonNullable<NonNullable<Facts['firewall']>['value']['redirects']>[number]
type Range = [number, number]
type Sets = ReadonlyMap<string, readonly unknown[]>

/** Of what comes in, what a rule is about. Undefined is all of it. */
interface Part {
  readonly ports: readonly Range[] | undefined
  readonly interfaces: readonly string[] | undefined
  /** Whether it is about some of that alone, by senders, sets or extensions that are not followed here. */
  readonly isSome: boolean
  /** Of rules that send packets elsewhere, what else is followed. */
  readonly followed?: { readonly except: readonly string[]; readonly isUnicast: boolean }
}

interface Nft {
  /** Chains that see what comes in, as `family table name`, those of the input hook first. */
  readonly inputChains: readonly {
    readonly path: string
    readonly drops: boolean
    /** Whether a rule of it, or of a chain that it jumps to, drops this UDP port. */
    blocks(port: number): boolean
  }[]
  readonly rules: readonly FirewallRule[]
  /** What sends UDP elsewhere before a socket of this host sees it. */
  readonly redirects: readonly Redirect[]
  /** Whether anything of it keeps something out. */
  readonly isOn: boolean
  /** Whether answers to what this host sent get in, whatever their port (connection tracking). */
  readonly letsAnswersIn: boolean
  /** Handle of the rule with this comment. */
  ours(comment: string, chain: string): string | undefined
}

const everyPort: Range = [0, 65_535]
const everything: Part = { ports: undefined, interfaces: undefined, isSome: false }

const pathOf = (one: { readonly family: string; readonly table: string }, chain: string): string => `${one.family} ${one.table} ${chain}` // prettier-ignore

/** The values of a match: one, a range, a set or a named set; undefined where they are not known. */
function valuesOf(right: unknown, rule: Rule, sets: Sets): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return sets.get(pathOf(rule, right.slice(1)))
  const set = z.object({ set: z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]) }).safeParse(right).data?.set // prettier-ignore
  return set ?? (Array.isArray(right) ? right : [right])
}

/** Ports of the values; undefined where one of them is none. */
function portsOf(values: readonly unknown[]): Range[] | undefined {
  const ranges = values.map((value): Range | undefined => {
    // What expires by itself, or is counted (libnftables-json(5), elem).
    const plain = z.object({ elem: z.object({ val: z.unknown() }) }).safeParse(value).data?.elem.val ?? value
    if (typeof plain === 'number') return [plain, plain]
    return z.object({ range: z.tuple([z.number(), z.number()]) }).safeParse(plain).data?.range
  })
  return ranges.every((one) => one !== undefined) ? ranges : undefined
}

const meeting = (
  one: readonly Range[] | undefined,
  other: readonly Range[] | undefined,
): readonly Range[] | undefined =>
  one === undefined || other === undefined
    ? (one ?? other)
    : one.flatMap(
        ([first, last]) =>
        other.map(([from, to]): Range => [Math.max(first, from), Math.min(last, to)]).filter(([start, end]) => start <= end), // prettier-ignore
      )

const without = (ports: readonly Range[], taken: readonly Range[]): Range[] =>
  taken.reduce<Range[]>(
    (left, [from, to]) =>
      left.flatMap(([first, last]): Range[] =>
        to < first || from > last
          ? [[first, last]]
          : [...(first < from ? [[first, from - 1] as Range] : []), ...(last > to ? [[to + 1, last] as Range] : [])],
      ),
    [...ports],
  )

/** What a match leaves of a part: undefined where nothing of it is UDP of this family that asks from another machine. */
function matched(match: unknown, part: Part, rule: Rule, family: Family, sets: Sets): Part | undefined {
  const some: Part = { ...part, isSome: true }
  const read = matchSchema.safeParse(match).data
  if (!read) return some
  const { op, left, right } = read
  const isEqual = op === '==' || op === 'in'
  const values = valuesOf(right, rule, sets)
  const words = values?.filter((one): one is string => typeof one === 'string' && one !== '') ?? []
  const areWords = values !== undefined && values.length > 0 && words.length === values.length
  /** The rule is about these alone: about all of what asks, or about none of it. */
  const among = (own: readonly unknown[], others: boolean): Part | undefined => {
    if (!isEqual || values === undefined || !(areWords || values.every((one) => typeof one === 'number'))) return some
    return values.some((one) => own.includes(one)) ? part : others ? undefined : some
  }
  // Answers to what this machine sent.
  if (JSON.stringify(left)?.includes('"ct"')) {
    const states = words.flatMap((one) => one.split(','))
    const isState = JSON.stringify(left).includes('"state"') && states.length > 0
    // Marks and states of address translation are of connections that are there.
    if (!isState) return undefined
    const hasNew = states.some((one) => one === 'new' || one === 'untracked')
    return hasNew === isEqual ? part : undefined
  }
  const meta = metaSchema.safeParse(left).data?.meta.key
  if (meta === 'iif' || meta === 'iifname') {
    if (isEqual && words.includes('lo') && words.length === 1) return undefined
    if (!isEqual && part.followed && areWords && !words.some((one) => /[*@]/.test(one)))
      return { ...part, followed: { ...part.followed, except: [...part.followed.except, ...words] } }
    // `iifname != lo` is everybody who asks from elsewhere.
    if (!isEqual) return words.length === 1 && words[0] === 'lo' ? part : some
    if (!areWords || words.some((one) => /[*@]/.test(one))) return some
    const interfaces = part.interfaces?.filter((one) => words.includes(one)) ?? words.filter((one) => one !== 'lo')
    return interfaces.length === 0 ? undefined : { ...part, interfaces }
  }
  // What goes to an address of this host, and to no group or broadcast (nft(8), "FIB EXPRESSIONS").
  if (
    part.followed &&
    isEqual &&
    words.includes('local') &&
    /"fib":\{.*"type"/.test(JSON.stringify(left)) &&
    JSON.stringify(left).includes('"daddr"')
  )
    // prettier-ignore
    return { ...part, followed: { ...part.followed, isUnicast: true } }
  if (meta === 'l4proto') return among(['udp', 17], true)
  if (meta === 'nfproto') return among([family === 'ip' ? 'ipv4' : 'ipv6'], true)
  if (meta === 'protocol') return among([family, family === 'ip' ? 0x0800 : 0x86dd], true)
  const payload = payloadSchema.safeParse(left).data?.payload
  if (!payload) return some
  const { protocol, field } = payload
  if (protocol === 'ether' && field === 'type') return among([family, family === 'ip' ? 0x0800 : 0x86dd], true)
  if (/^(tcp|icmp|icmpv6|igmp|arp|sctp|dccp|esp|ah)$/.test(protocol)) return undefined
  if ((protocol === 'ip' || protocol === 'ip6') && protocol !== family) return undefined
  if ((protocol === 'ip' && field === 'protocol') || (protocol === 'ip6' && field === 'nexthdr'))
    return among(['udp', 17], true)
  if ((protocol === 'udp' || protocol === 'th') && field === 'dport') {
    const listed = values && portsOf(values)
    if (!listed || (!isEqual && op !== '!=')) return some
    const ports = meeting(part.ports, isEqual ? listed : without([everyPort], listed))
    return ports?.length === 0 ? undefined : { ...part, ports }
  }
  // Whence clients of DHCP send (RFC 2131 section 4.1, RFC 8415 section 7.2).
  if (protocol === 'udp' && field === 'sport' && isEqual && values?.includes(family === 'ip' ? 68 : 546)) return part
  return some
}

/** iptables keeps its own form of these, of which nft tells the name alone. */
const compatTarget = z.object({ type: z.literal('target'), name: z.enum(['DNAT', 'REDIRECT', 'TPROXY']) })

/** Statements that change nothing about which packets a rule takes. */
const neutral: readonly string[] = ['match', 'counter', 'log', 'accept', 'drop', 'reject', 'jump', 'goto', 'return', 'continue', 'meta', 'mangle', 'notrack', 'dnat', 'redirect', 'tproxy'] // prettier-ignore

/** What of a part a rule is about; undefined for none. */
function partOf(rule: Rule, part: Part, family: Family, sets: Sets): Part | undefined {
  let left: Part | undefined = part
  for (const one of rule.expr) {
    if ('match' in one) left = matched(one['match'], left, rule, family, sets)
    if (!left) return undefined
  }
  const isFollowed = rule.expr.every((one) =>
    Object.keys(one).every(
      (key) => neutral.includes(key) || (key === 'xt' && compatTarget.safeParse(one[key]).success),
    ),
  )
  // An extension beside the ports of what is let in is mostly about new connections or a rate.
  const isLetIn = left.ports !== undefined && rule.expr.some((one) => 'accept' in one)
  return isFollowed || isLetIn ? left : { ...left, isSome: true }
}

const targetSchema = z.object({ addr: z.union([z.string(), z.unknown().transform(() => '')]).optional(), port: z.union([z.number(), z.unknown().transform(() => undefined)]).optional() }) // prettier-ignore

/** Where a rule sends packets to, empty where it does not tell; undefined where it sends them nowhere (nft(8), "NAT STATEMENTS"). */
function targetOf(rule: Rule): string | undefined {
  for (const one of rule.expr) {
    if (compatTarget.safeParse(one['xt']).success) return ''
    for (const kind of ['dnat', 'redirect', 'tproxy']) {
      if (!(kind in one)) continue
      const { addr = '', port } = targetSchema.safeParse(one[kind]).data ?? {}
      return `${addr}${port === undefined ? '' : `:${port}`}`
    }
  }
  return undefined
}

interface Verdict {
  readonly rule: Rule
  readonly action: 'allow' | 'block' | 'redirect'
  readonly part: Part
}

/** What the rules of a base chain do, in their order, those of the chains that it jumps to among them. */
function verdictsOf(
  base: string,
  whole: Part,
  family: Family,
  byChain: ReadonlyMap<string, readonly Rule[]>,
  sets: Sets,
): Verdict[] {
  // prettier-ignore
  const verdicts: Verdict[] = []
  /** A chain may be jumped to from many places, and jumps must not multiply. */
  let most = 20_000
  const walk = (path: string, entered: Part, above: readonly string[]): void => {
    let part = entered
    for (const rule of byChain.get(path) ?? []) {
      if (--most < 0) return
      const own = partOf(rule, part, family, sets)
      if (!own) continue
      const has = (name: string): boolean => rule.expr.some((one) => name in one)
      if (has('accept')) verdicts.push({ rule, action: 'allow', part: own })
      else if (targetOf(rule) !== undefined) verdicts.push({ rule, action: 'redirect', part: own })
      else if (has('drop') || has('reject')) verdicts.push({ rule, action: 'block', part: own })
      else if (has('return')) {
        if (own === part) return
        // Which of what follows is about whom is not followed further.
        part = { ...part, isSome: true }
      } else if (
        rule.expr.some((one) => /"(accept|jump|goto)"/.test('vmap' in one ? JSON.stringify(one['vmap']) : ''))
      ) {
        if (!rule.expr.some((one) => 'vmap' in one && JSON.stringify(one['vmap']).includes('"ct"')))
          verdicts.push({ rule, action: 'allow', part: { ...own, isSome: true } })
      } else
        for (const one of rule.expr) {
          const target = jumpSchema.safeParse(one['jump'] ?? one['goto']).data?.target
          if (target === undefined) continue
          const next = pathOf(rule, target)
          if (!above.includes(next)) walk(next, own, [...above, next])
        }
    }
  }
  walk(base, whole, [base])
  return verdicts
}

const isAll = ({ ports, interfaces, isSome }: Part): boolean => ports === undefined && interfaces === undefined && !isSome // prettier-ignore

interface Read {
  readonly path: string
  readonly drops: boolean
  readonly rules: readonly FirewallRule[]
  readonly letsAnswersIn: boolean
  /** Whether it sees everything, so that what it does not let in gets in nowhere. */
  readonly seesAll: boolean
}

function readChain(chain: ChainOf, family: Family, byChain: ReadonlyMap<string, readonly Rule[]>, sets: Sets): Read {
  const path = pathOf(chain, chain.name)
  const isOfDevice = chain.hook === 'ingress'
  const seesAll = !isOfDevice && chain.family !== 'bridge'
  const nameOf = ({ comment, handle }: Rule): string => comment ?? (chain.hook === 'input' && seesAll ? `handle ${handle}` : `handle ${handle} of ${path}`) // prettier-ignore
  // What comes in by a device may belong to another interface, such as a bridge or a VLAN over it.
  const bound = seesAll ? {} : { isBound: true }
  const rules: FirewallRule[] = []
  /** What a rule before has let in already, and maybe let in, of every interface. */
  let allowed: readonly Range[] = []
  let doubtful: readonly Range[] = []
  const block = (
    name: string,
    ports: readonly Range[] | undefined,
    interfaces: readonly string[] | undefined,
  ): void => {
    const left = without(ports ?? [everyPort], allowed)
    const unsure = meeting(left, doubtful) ?? []
    const where = interfaces ? { interfaces: [...interfaces] } : {}
    for (const [part, more] of [[without(left, unsure), bound], [unsure, { isBound: true }]] as const) {
      if (part.length === 0) continue
      const isEvery = part.length === 1 && part[0]![0] === 0 && part[0]![1] === 65_535
      // What is taken for some of it closes nothing that is sure, wherever it comes in.
      rules.push({ name, action: 'block', protocol: isEvery ? 'any' : 'udp', ports: isEvery ? [] : [...part], program: '', ...(part === unsure ? {} : where), ...more })
    } // prettier-ignore
  }
  let drops = chain.policy === 'drop'
  const whole: Part = chain.dev ? { ...everything, interfaces: chain.dev } : everything
  const verdicts = verdictsOf(path, whole, family, byChain, sets)
  for (const { rule, action, part } of verdicts) {
    if (action === 'redirect') continue
    const isWhole = chain.dev ? part.ports === undefined && !part.isSome && part.interfaces?.length === chain.dev.length : isAll(part) // prettier-ignore
    if (action === 'allow') {
      if (!part.isSome && (part.interfaces === undefined || isOfDevice))
        allowed = [...allowed, ...(part.ports ?? [everyPort])] // prettier-ignore
      else doubtful = [...doubtful, ...(part.ports ?? [everyPort])]
      if (seesAll)
        rules.push({
          name: nameOf(rule),
          action,
          protocol: part.ports ? 'udp' : 'any',
          ports: [...(part.ports ?? [])],
          program: '',
          ...(part.interfaces ? { interfaces: [...part.interfaces] } : {}),
          ...(part.isSome ? { isBound: true } : {}),
        })
      if (isWhole) break
      continue
    }
    if (isWhole) {
      // What follows is never reached.
      drops = true
      break
    }
    // A block for some senders closes nothing for the others.
    if (!part.isSome) block(nameOf(rule), part.ports, part.interfaces)
  }
  if (drops && !seesAll) block(`policy of ${path}`, undefined, chain.dev)
  return {
    path,
    drops: drops && seesAll,
    rules,
    seesAll,
    // As a match or in a verdict map: `ct state established accept`, `ct state vmap { established : accept }`.
    letsAnswersIn: reachedFrom(path, byChain).some(({ expr }) => {
      const text = JSON.stringify(expr)
      return text.includes('"ct"') && text.includes('"established"') && text.includes('"accept"')
    }),
  }
}

/** What the rules of a chain send elsewhere; a packet meets one of them alone. */
function redirectsOf(
  chain: ChainOf,
  family: Family,
  byChain: ReadonlyMap<string, readonly Rule[]>,
  sets: Sets,
): Redirect[] {
  const path = pathOf(chain, chain.name)
  const found: Redirect[] = []
  let passed: readonly Range[] = []
  let doubtful: readonly Range[] = []
  const whole: Part = { ...everything, followed: { except: [], isUnicast: false } }
  for (const { rule, action, part } of verdictsOf(path, whole, family, byChain, sets)) {
    const { except, isUnicast } = part.followed!
    const isSure = !part.isSome && part.interfaces === undefined && except.length === 0 && !isUnicast
    const ports = without(part.ports ?? [everyPort], passed)
    if (action === 'redirect')
      for (const [own, isBound] of [
        [meeting(ports, doubtful) ?? [], true],
        [without(ports, doubtful), part.isSome],
      ] as const)
        // prettier-ignore
        if (own.length > 0)
          found.push({
            name: rule.comment ?? `handle ${rule.handle} of ${pathOf(rule, rule.chain)}`,
            ports: [...own],
            to: targetOf(rule)!,
            ...(part.interfaces ? { interfaces: [...part.interfaces] } : {}),
            ...(except.length > 0 ? { except: [...except] } : {}),
            ...(isUnicast ? { isUnicast } : {}),
            ...(isBound ? { isBound } : {}),
          })
    if (isSure) passed = [...passed, ...ports]
    else if (action !== 'redirect') doubtful = [...doubtful, ...ports]
  }
  return found
}

/** Chains that see what comes in of one family. */
function isIncoming({ family: own, hook, type }: ChainOf, family: Family): boolean {
  if (own === 'netdev') return hook === 'ingress'
  // Where addresses are translated nothing is kept out (nft(8), "CHAINS").
  if (type === 'nat' || hook === undefined) return false
  if (own === 'bridge') return ['prerouting', 'input'].includes(hook)
  if (own !== family && own !== 'inet') return false
  return hook === 'input' || hook === 'prerouting' || (own === 'inet' && hook === 'ingress')
}

/**
 * Devices of ingress chains by their paths, as `nft list chains` writes them: nft 1.0.6 of Debian 12 leaves them out of its JSON.
 */
export function ingressDevices(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  let [table, chain] = ['', '']
  for (const line of text.split(/\r?\n/)) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table
    chain = /^\s*chain (\S+) \{/.exec(line)?.[1] ?? chain
    const [, listed] = /\bhook ingress devices? (?:= )?(\{[^}]*\}|\S+)/.exec(line) ?? []
    if (listed !== undefined)
      found.set(
        `${table} ${chain}`,
        listed.split(/[{},"\s]+/).filter((one) => one !== ''),
      )
  }
  return found
}

/** What holds for one family, with what `ingressDevices` found. Undefined where the text is no ruleset. */
export function parseNft(
  text: string,
  family: Family = 'ip',
  devices: ReadonlyMap<string, readonly string[]> = new Map(),
): Nft | undefined {
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
  const sets = new Map(items.flatMap((one) => setSchema.safeParse(one['set']).data ?? []).map((one) => [pathOf(one, one.name), one.elem])) // prettier-ignore
  const byChain = new Map<string, Rule[]>()
  for (const rule of all) {
    const path = pathOf(rule, rule.chain)
    const list = byChain.get(path)
    if (list) list.push(rule)
    else byChain.set(path, [rule])
  }
  const base = chains
    .filter((one) => isIncoming(one, family))
    .map((one) => {
      const dev = one.dev ?? devices.get(pathOf(one, one.name))
      return dev ? { ...one, dev: [...dev] } : one
    })
  const isInput = (one: ChainOf): boolean => one.hook === 'input' && one.family !== 'bridge'
  const inputs = [...base.filter(isInput), ...base.filter((one) => !isInput(one))].map((one) => readChain(one, family, byChain, sets)) // prettier-ignore
  const closing = inputs.filter((one) => one.drops)
  const blocks = inputs.flatMap((one) => one.rules.filter(({ action }) => action === 'block'))
  // A packet that one chain accepts still goes through the others of its hook (nft(8), Verdict statements).
  const rules = [
    ...new Set(
      inputs.flatMap(({ path, rules }) => {
        const others = closing.filter((one) => one.path !== path)
        return others.length === 0 ? rules : rules.flatMap((one) => (one.action === 'block' ? one : allowedBy(one, others))) // prettier-ignore
      }),
    ),
  ]
  // Of chains that let everything else in, what they are about is not all that gets in.
  if (closing.length === 0 && blocks.length > 0) rules.push({ name: 'policy accept', action: 'allow', protocol: 'any', ports: [], program: '' }) // prettier-ignore
  const tracking = inputs.filter((one) => one.seesAll)
  const translating = chains.filter(
    ({ family: own, hook }) => hook === 'prerouting' && (own === family || own === 'inet'),
  )
  return {
    redirects: translating.flatMap((one) => redirectsOf(one, family, byChain, sets)),
    inputChains: inputs.map(({ path, drops, rules: own }) => ({
      path,
      drops,
      blocks: (port) =>
        own.some((one) => one.action === 'block' && (one.ports.length === 0 || one.ports.some(([first, last]) => port >= first && port <= last))), // prettier-ignore
    })),
    isOn: closing.length > 0 || blocks.length > 0,
    letsAnswersIn: closing.length > 0 ? closing.every((one) => one.letsAnswersIn) : tracking.some((one) => one.letsAnswersIn), // prettier-ignore
    rules,
    ours: (comment, chain) => {
      const found = all.find((one) => one.comment === comment && pathOf(one, one.chain) === chain)
      return found && String(found.handle)
    },
  }
}

/** The rules of a chain and of those that it jumps to. */
function reachedFrom(base: string, byChain: ReadonlyMap<string, readonly Rule[]>): Rule[] {
  const reached = new Set([base])
  const rules: Rule[] = []
  for (const path of reached)
    for (const rule of byChain.get(path) ?? []) {
      rules.push(rule)
      for (const one of rule.expr) {
        const target = jumpSchema.safeParse(one['jump'] ?? one['goto']).data?.target
        if (target !== undefined) reached.add(pathOf(rule, target))
      }
    }
  return rules
}

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
          const interfaces = one.interfaces && other.interfaces ? one.interfaces.filter((name) => other.interfaces!.includes(name)) : (one.interfaces ?? other.interfaces) // prettier-ignore
          if (ports.length === 0 || interfaces?.length === 0) return []
          const isAny = one.ports.length === 0 && other.ports.length === 0
          return [{ ...one, ports: isAny ? [] : ports, ...(isAny ? {} : { protocol: 'udp' as const }), ...(interfaces ? { interfaces } : {}), ...(one.isBound || other.isBound ? { isBound: true } : {}) }] // prettier-ignore
        }),
    )
  return [...left]
}
