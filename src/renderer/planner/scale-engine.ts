/** A boot storm planned in a worker, a piece of simulation at a time, so that it can be cancelled. */
import { planScale, type ScaleGoal, type ScalePlan } from '#shared/diagnosis/scale.ts'
import { progressText } from '#shared/knowledge/scale-text.ts'

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
const tellEveryMs = 200

export class ScaleEngine {
  #turn = 0
  readonly #tell: (progress: string) => void

  constructor(tell: (progress: string) => void) {
    this.#tell = tell
  }

  /** A newer call, or `cancel`, puts an end to it, and it yields undefined. */
  async plan(goal: ScaleGoal): Promise<ScalePlan | undefined> {
    const mine = ++this.#turn
    const planning = planScale(goal)
    let told = -Infinity
    for (;;) {
      const step = planning.next()
      if (step.done === true) return step.value
      if (performance.now() - told > tellEveryMs) {
        told = performance.now()
        this.#tell(progressText(step.value))
      }
      await turn()
      if (mine !== this.#turn) return undefined
    }
  }

  cancel(): void {
    this.#turn++
  }
}
