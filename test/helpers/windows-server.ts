/** The facts of a Windows server, from what the tools of its double print. */
import { factsSchema, type Facts } from '#shared/lab/facts.ts'
import { windowsCommands, windowsFacts } from '../../src/main/inspect/windows-facts.ts'
import { stateOf, WindowsDouble, type WindowsServer } from './windows-double.ts'

export type { WindowsServer } from './windows-double.ts'

export const windowsSources = (server: WindowsServer): Facts['sources'] => sourcesOf(new WindowsDouble(stateOf(server)))

function sourcesOf(double: WindowsDouble): Facts['sources'] {
  const sources: Facts['sources'] = Object.fromEntries(
    Object.entries(windowsCommands).map(([name, [program, ...values]]) => {
      const { output, code } = double.run(program, values)
      const problem = code === 0 ? {} : { problem: `${program} ended with ${code}` }
      return [name, { command: [program, ...values].join(' '), output, ...problem }]
    }),
  )
  const own = (command: string, lines: readonly string[]): Facts['sources'][string] => ({
    command,
    output: lines.join('\n'),
  })
  sources['interfaces'] = own(
    'interfaces',
    double.state.addresses.map((address, index) => `Ethernet ${index}|${address}|24|1500`),
  )
  return sources
}

export const windowsServer = (server: WindowsServer): Facts => factsOfDouble(new WindowsDouble(stateOf(server)))

/** Facts of a server that tools may have changed. */
export function factsOfDouble(double: WindowsDouble): Facts {
  const sources = sourcesOf(double)
  return factsSchema.parse({
    version: 2,
    collectedAt: '2026-01-02T03:04:05Z',
    host: 'SRV1',
    system: 'windows',
    sources,
    ...windowsFacts(sources),
  })
}
