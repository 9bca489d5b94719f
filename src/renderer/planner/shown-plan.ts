/** The verdicts in the form in which they are shown: of many things one rule is about, the first; the whole of a large site would take the window long to be handed. */
import { textOf } from '#messages/text.ts'
import type { Plan, Readiness } from '#shared/planner/plan.ts'
import { subjectText, type Judged } from '#shared/planner/rule.ts'

/** Of things in one state that are many, the first are enough. */
const mostItems = 30

export interface ShownRule extends Omit<Judged, 'items'> {
  /** What is in the state of the rule, at most 30. */
  readonly items: Judged['items']
  /** How many more are. */
  readonly more: number
  /** Where words are looked for, in lower case: its number, its title, and everything that it is about. */
  readonly words: string
}

export interface ShownReadiness extends Omit<Readiness, 'checks'> {
  readonly checks: readonly ShownRule[]
}

export interface ShownPlan extends Pick<Plan, 'servers' | 'sites' | 'wayOut'> {
  readonly rules: readonly ShownRule[]
  readonly readiness: readonly ShownReadiness[]
}

function shownRule(rule: Judged): ShownRule {
  const own = rule.items.filter((one) => one.state === rule.state)
  const subjects = new Set(rule.items.map((one) => textOf(subjectText(one.subject))))
  return {
    ...rule,
    items: own.slice(0, mostItems),
    more: Math.max(0, own.length - mostItems),
    words: `${rule.id} ${textOf(rule.title)} ${[...subjects].join(' ')}`.toLowerCase(),
  }
}

export function shownPlan({ rules, readiness, servers, sites, wayOut }: Plan): ShownPlan {
  // A rule of the readiness is one of these: handed over as the same object, it is handed over once.
  const shown = new Map(rules.map((one) => [one, shownRule(one)]))
  return {
    rules: rules.map((one) => shown.get(one)!),
    readiness: readiness.map((one) => ({ ...one, checks: one.checks.map((check) => shown.get(check)!) })),
    servers,
    sites,
    wayOut,
  }
}
