/**
 * Tests that run a module of `src/main` in processes of their own, where no import leads from the test to the module: the
 * command line, and what wants rights, namespaces or tools of the system. The first pattern that matches counts.
 */
const table: readonly (readonly [RegExp, ...string[]])[] = [
  [/^cli\/ask|^workspace\/(ask-space|resources)/, 'cli/ask'],
  [/^cli\/approvals|^web\/(lab-command|command-access)|^responder\/request-store/, 'cli/approvals'],
  [/^cli\/compare-boot|^workspace\/scenario-library/, 'cli/simulate'],
  [/^cli\/(capture-input|decode|explain|check|respond|usage-error)/, 'cli/cli'],
  [/^cli\/capture/, 'net/capture'],
  [/^cli\/(doctor|facts-input|lab-input)/, 'cli/doctor', 'cli/cli'],
  [/^cli\/(run|exit-codes)/, 'cli/exit-codes', 'cli/cli', 'cli/plan', 'net/responder'],
  [/^cli\/index/, 'cli/exit-codes', 'cli/cli', 'cli/simulate', 'cli/plan', 'cli/doctor', 'cli/remedy'],
  [/^cli\/(log|terminal)/, 'cli/terminal', 'cli/cli'],
  [/^cli\/(plan|read-log|log-input)/, 'cli/plan'],
  [/^cli\/remedy/, 'cli/remedy'],
  [/^cli\/serve|^web\//, 'cli/cli', 'cli/stop', 'net/state-modes', 'net/serve-tls'],
  [/^cli\/simulate/, 'cli/simulate'],
  [/^cli\/probe|^probe\//, 'net/probe', 'net/rehearsal'],
  [/^cli\/rival|^rivals\//, 'cli/exit-codes', 'net/rival'],
  [/^stop|^child-process|^io\/forked/, 'cli/children', 'cli/stop'],
  [/^io\/upload/, 'net/clients', 'net/hostile'],
  [/^io\//, 'net/hostile', 'net/fault-table'],
  [/^workspace\/state-folder|^files\/(close|move|own|real|replace)/, 'net/state-modes', 'net/fault-table'],
  [/^observe\/|^backend\/captures/, 'net/capture'],
  [/^remedy\/elevation/, 'net/elevation'],
  [/^remedy\//, 'net/remedy', 'cli/remedy'],
  [/^responder-process\/|^backend\/|^supervise\//, 'net/responder-process'],
  [/^responder\/(tftp|native-sockets|boot-folder)/, 'net/clients', 'net/responder'],
  [/^responder\/responder\./, 'net/responder', 'net/roles', 'net/responder-faults'],
  [/^responder\//, 'net/responder', 'net/clients', 'net/responder-faults'],
  [/^system\/rights|^files\/give/, 'net/rights'],
  [/^inspect\//, 'cli/doctor', 'net/doctor'],
]

export interface FurtherTest {
  readonly project: string
  readonly test: string
}

/** None where the tests that import the module are all there is. */
export function furtherTestsOf(file: string): FurtherTest[] {
  if (!file.startsWith('src/main/')) return []
  const [, ...names] = table.find(([pattern]) => pattern.test(file.slice('src/main/'.length))) ?? []
  return names.map((name) => ({ project: name.split('/')[0]!, test: `test/${name}.test.ts` }))
}
