/** Site files in a worker: half a megabyte of YAML takes seconds to read, and longer to write a value into. */
import { t } from '#messages/text.ts'
import type { Facts } from '#shared/lab/facts.ts'
import { exportPlan, type PlanFormat } from '#shared/planner/export.ts'
import { fillFrom, serverFrom, type Filling } from '#shared/planner/from-facts.ts'
import { plan, type Plan } from '#shared/planner/plan.ts'
import { readSite, withValue, type ReadSite } from '#shared/planner/site-text.ts'
import type { Path } from '#shared/planner/site.ts'
import { upgradeTimeline, type Timeline } from '#shared/planner/timeline.ts'
import { shownPlan, type ShownPlan } from './shown-plan.ts'

/** What is known of a text; `judged` is there where nothing is wrong with it. */
export interface JudgedSite extends ReadSite {
  readonly judged: ShownPlan | undefined
}

/** The text before a change and after it are asked about in turns. */
const mostKept = 3

interface Kept extends ReadSite {
  readonly plan: Plan | undefined
}

export class SiteEngine {
  readonly #kept = new Map<string, Kept>()

  #read(text: string): Kept {
    const known = this.#kept.get(text)
    if (known) return known
    const read = readSite(text)
    const kept = { ...read, plan: read.site && plan(read.site) }
    this.#kept.set(text, kept)
    for (const old of this.#kept.keys()) if (this.#kept.size > mostKept) this.#kept.delete(old)
    return kept
  }

  judge(text: string): JudgedSite {
    const { problems, site, stated, plan: judged } = this.#read(text)
    return { problems, site, stated, judged: judged && shownPlan(judged) }
  }

  /** The text with a value at a path, or without one where it is undefined. */
  write(text: string, path: Path, value: unknown): string {
    return withValue(text, path, value)
  }

  /** The text with what the facts of a server add to it; undefined where the text has mistakes. */
  fill(
    text: string,
    facts: Facts,
  ): { readonly text: string; readonly added: number; readonly differing: Filling['differing'] } | undefined {
    const { site } = this.#read(text)
    if (!site) return undefined
    const { fill, differing } = fillFrom(site, serverFrom(facts))
    return {
      text: fill.reduce((now, { path, value }) => withValue(now, path, value), text),
      added: fill.length,
      differing,
    }
  }

  /** The verdicts as a document; undefined where there are none. */
  document(text: string, format: PlanFormat): string | undefined {
    const { site, plan: judged } = this.#read(text)
    return site && judged && exportPlan(judged, site.name ?? t('planner-page.site'), format)
  }

  timeline(text: string, target: string | undefined): Timeline | undefined {
    const { site } = this.#read(text)
    return site && upgradeTimeline(site, target)
  }
}
