/** What a rule is, and how it is judged: met, violated, unknown or not applicable, for each thing that it is about. */
import { say, type Phrase } from '#messages/message.ts'
import type { Site } from './site.ts'

/** The worst first. */
export const severities = ['error', 'warning', 'note'] as const
export type Severity = (typeof severities)[number]
export const severityNames: Readonly<Record<Severity, Phrase>> = {
  error: say('planner.severity-error'),
  warning: say('planner.severity-warning'),
  note: say('planner.severity-note'),
}
export type State = 'violated' | 'unknown' | 'met' | 'not-applicable'

/** What a rule says of one thing: a server, a boot image, the hierarchy. */
export interface Item {
  readonly subject: string
  readonly state: Exclude<State, 'not-applicable'>
  /** The values that decided it; for what is unknown the facts that would. */
  readonly says: Phrase
  /** Places in the site file that would decide it. */
  readonly needs: readonly string[]
}

export interface Rule {
  readonly id: string
  readonly severity: Severity
  /** What should be so. */
  readonly title: Phrase
  readonly remedy: Phrase
  readonly source: string
  /** What it is part of: a site that does not want multicast has no use for a rule about it. */
  readonly capability?: keyof NonNullable<Site['wants']>
  readonly judge: (tell: Teller, site: Site) => void
}

export interface Judged extends Omit<Rule, 'judge'> {
  /** The worst of its items. */
  readonly state: State
  readonly items: readonly Item[]
}

/** What a rule is about that has no name of its own in the file. */
export const wholes = { 'the site': say('planner.the-site'), 'the hierarchy': say('planner.the-hierarchy') } as const

/** How the subject of an item is called. */
export const subjectText = (subject: string): Phrase =>
  subject in wholes ? wholes[subject as keyof typeof wholes] : subject

/** Where a rule tells what it found. Of a thing it may tell several things; the worst counts. */
export class Teller {
  readonly items: Item[] = []

  met(subject: string, says: Phrase): void {
    this.items.push({ subject, state: 'met', says, needs: [] })
  }

  violated(subject: string, says: Phrase): void {
    this.items.push({ subject, state: 'violated', says, needs: [] })
  }

  unknown(subject: string, ...needs: readonly string[]): void {
    this.items.push({ subject, state: 'unknown', says: say('planner.stated', { needs: needs.join(', ') }), needs })
  }

  /** A statement that is true, false, or not known for want of the places. */
  decide(
    subject: string,
    value: boolean | undefined,
    { yes, no, needs }: { readonly yes: Phrase; readonly no: Phrase; readonly needs: string },
  ): void {
    if (value === undefined) this.unknown(subject, needs)
    else if (value) this.met(subject, yes)
    else this.violated(subject, no)
  }

  /**
   * Whether a condition holds under which the rule has something to say. What is not known is told as unknown, once,
   * and nothing further is judged of it.
   */
  applies(subject: string, value: boolean | undefined, needs: string): boolean {
    if (value === undefined) this.unknown(subject, needs)
    return value === true
  }
}

export const worstFirst = ['violated', 'unknown', 'met'] as const

export function judge(rule: Rule, site: Site): Judged {
  const { judge: judgeRule, ...told } = rule
  const teller = new Teller()
  const wanted = rule.capability === undefined ? true : site.wants?.[rule.capability]
  if (wanted === undefined) teller.unknown('the site', `wants.${rule.capability}`)
  else if (wanted) judgeRule(teller, site)
  const states = teller.items.map((one) => one.state)
  return {
    ...told,
    state: worstFirst.find((one) => states.includes(one)) ?? 'not-applicable',
    items: teller.items,
  }
}

/** Rules that apply, what is violated first, and of those the errors. */
export const byState = <R extends Pick<Judged, 'state' | 'severity'>>(rules: readonly R[]): R[] =>
  worstFirst.flatMap((state) =>
    rules
      .filter((one) => one.state === state)
      .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity)),
  )

/** An entry of the list of rules. */
export const entry = (
  id: string,
  severity: Severity,
  source: string,
  title: Phrase,
  remedy: Phrase,
  judgeRule: Rule['judge'],
): Rule => ({ id, severity, source, title, remedy, judge: judgeRule })

/** For each thing of a list: a statement about it. */
export const each =
  <T extends { readonly name: string }>(
    list: (site: Site) => readonly T[] | undefined,
    place: string,
    about: (tell: Teller, one: T, path: string, site: Site) => void,
  ): Rule['judge'] =>
  (tell, site) => {
    for (const [index, one] of (list(site) ?? []).entries()) about(tell, one, `${place}[${index}]`, site)
  }

/** What the rules are about, by how their ids begin. */
const topicsByStart = [
  ['OSD-COHOST', say('planner.wds-dhcp-one-server')],
  ['OSD', say('planner.infrastructure')],
  ['SEC', say('planner.permissions')],
  ['DISK', say('planner.disks')],
  ['INT', say('planner.deployment-while-versions-mixed')],
  ['VER', say('planner.sites-different-versions')],
  ['IPU', say('planner.in-place-upgrade')],
  ['TS', say('planner.task-sequence-upgrade')],
  ['FU', say('planner.feature-updates')],
  ['GATE', say('planner.came-version')],
  ['WAY', say('planner.leaving-wds-and-mdt')],
] as const
export const topics = topicsByStart.map(([, topic]) => topic)
export const topicOf = (id: string): (typeof topics)[number] =>
  topicsByStart.find(([start]) => id.startsWith(start))?.[1] ?? topicsByStart[1][1]
