/** Vitest kept warm in a folder, for many short runs: what is not changed is transformed and measured once. */
import { createVitest, type TestModule, type TestSpecification, type Vitest } from 'vitest/node'

/** Stands for the file of a test that never ends. */
const hanging = ''

/** What a module of the graph is to us: who imports it. */
interface GraphNode {
  readonly file: string | null
  readonly importers: Iterable<GraphNode>
}

/** The tests of some projects of vitest, run again and again while one file changes. */
export class WarmTests {
  readonly #root: string
  readonly #projects: readonly string[]
  /** Parts of names of test files that are not asked. */
  readonly #skipped: readonly string[]
  /** A run that takes longer hangs. */
  readonly #longestMs: number
  readonly #durations = new Map<string, number>()
  /** What ended in the run under way. */
  readonly #ended = new Map<string, TestModule>()
  #vitest: Vitest | undefined
  #specifications: readonly TestSpecification[] = []

  constructor(root: string, projects: readonly string[], skipped: readonly string[], longestMs: number) {
    this.#root = root
    this.#projects = projects
    this.#skipped = skipped
    this.#longestMs = longestMs
  }

  /** Runs every test, and from then on knows what each takes and imports. Answers what fails, and fails again. */
  async runAll(): Promise<string[]> {
    this.#vitest = await createVitest('test', {
      root: this.#root,
      project: [...this.#projects],
      watch: false,
      // One worker, one file after the other: the machine is shared, and the first failure ends a run.
      fileParallelism: false,
      isolate: false,
      bail: 1,
      cache: false,
      // What is slow because the machine is busy did not notice anything.
      testTimeout: 30_000,
      hookTimeout: 60_000,
      reporters: [{ onTestModuleEnd: (module) => void this.#ended.set(module.moduleId, module) }],
      sequence: { sequencer: InGivenOrder },
    })
    let left = (await this.#vitest.globTestSpecifications()).filter(
      ({ moduleId }) => !this.#skipped.some((part) => moduleId.includes(part)),
    )
    const again = new Set<string>()
    while (left.length > 0) {
      const failed = await this.#firstFailure(left, 2 ** 31 - 1)
      for (const [id, module] of this.#ended) if (id !== failed) this.#durations.set(id, durationMsOf(module))
      if (failed !== undefined) {
        if (again.has(failed))
          return [...this.#ended.get(failed)!.children.allTests('failed')].map(
            ({ fullName }) => `${failed}: ${fullName}`,
          )
        again.add(failed)
      }
      this.#specifications = [...this.#specifications, ...left.filter(({ moduleId }) => this.#isDone(moduleId, failed))]
      left = left.filter(({ moduleId }) => !this.#isDone(moduleId, failed))
    }
    return []
  }

  /**
   * Whether a test that imports the file, however indirectly, fails after `change` and not after `restore`: the quickest are
   * asked first.
   */
  async isNoticed(file: string, change: () => void, restore: () => void): Promise<boolean> {
    const vitest = this.#vitest!
    const reaching = this.#reaching(file)
    let left = this.#specifications
      .filter(({ moduleId }) => reaching.has(moduleId))
      .sort((a, b) => this.#durations.get(a.moduleId)! - this.#durations.get(b.moduleId)!)
    while (left.length > 0) {
      change()
      vitest.invalidateFile(file)
      const failed = await this.#firstFailure(left)
      left = left.filter(({ moduleId }) => !this.#isDone(moduleId, failed))
      restore()
      vitest.invalidateFile(file)
      if (failed === undefined) return false
      if (failed === hanging || !this.#ranOutOfTime(failed)) return true
      // A test that fails without the change too, for want of processor time, says nothing about it.
      const own = left.filter(({ moduleId }) => moduleId === failed)
      if ((await this.#firstFailure(own)) === undefined) return true
      left = left.filter(({ moduleId }) => moduleId !== failed)
    }
    return false
  }

  async close(): Promise<void> {
    await this.#vitest?.close()
  }

  #ranOutOfTime(id: string): boolean {
    const tests = [...this.#ended.get(id)!.children.allTests('failed')]
    return tests.some((one) => one.result().errors?.some(({ message }) => message.includes('timed out')))
  }

  #isDone(id: string, failed: string | undefined): boolean {
    return id !== failed && this.#ended.has(id)
  }

  /** Runs tests in this order to the first that fails, and answers its file, or that one hangs. */
  async #firstFailure(
    specifications: readonly TestSpecification[],
    longestMs = this.#longestMs,
  ): Promise<string | undefined> {
    const vitest = this.#vitest!
    this.#ended.clear()
    let isHanging = false
    const limit = setTimeout(() => {
      isHanging = true
      // Asked once it waits for the running test; asked twice it ends the worker.
      void vitest.cancelCurrentRun('keyboard-input')
      void vitest.cancelCurrentRun('keyboard-input')
    }, longestMs)
    await vitest.runTestSpecifications([...specifications])
    clearTimeout(limit)
    if (isHanging) return hanging
    return [...this.#ended.values()].find((one) => one.state() === 'failed')?.moduleId
  }

  /** Every module from which the file can be reached by imports. */
  #reaching(file: string): Set<string> {
    const found = new Set<string>()
    const visit = (node: GraphNode): void => {
      if (node.file === null || found.has(node.file)) return
      found.add(node.file)
      for (const importer of node.importers) visit(importer)
    }
    for (const { vite } of this.#vitest!.projects)
      for (const { moduleGraph } of Object.values(vite.environments))
        for (const node of moduleGraph.getModulesByFile(file) ?? []) visit(node)
    return found
  }
}

function durationMsOf(module: TestModule): number {
  const { duration, collectDuration } = module.diagnostic()
  return duration + collectDuration
}

/** Vitest would begin with the longest. */
class InGivenOrder {
  shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files)
  }

  sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files)
  }
}
