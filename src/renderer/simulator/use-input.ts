import { useMemo } from 'react'
import type { Scenario } from '#shared/simulation/scenario.ts'
import { call } from '../connection.ts'
import { listScenarios } from '../scenarios.ts'
import { useRead } from '../parts/use-read.ts'
import { useStore } from '../store.ts'
import { simulator } from './client.ts'
import { editedScenario, useEdited } from './edited.ts'
import type { ListedScenario } from './library-view.tsx'
import type { SimulatorPlace } from './place.ts'
import { sharedScenario, useShared } from './shared-step.ts'
import { twinWorker } from './twin-client.ts'

/** Where the scenario of an address comes from. */
export function useInput(
  place: SimulatorPlace,
  version: number,
): { readonly input: unknown; readonly isMissing: boolean; readonly entries: readonly ListedScenario[] } {
  const { value: list } = useRead(listScenarios, version)
  const name = place.scenario
  const diagnosed = useStore((state) => state.diagnosed)
  const edited = useEdited((state) => state.input)
  const shared = useShared((state) => state.input)
  const { value: special, error } = useRead<unknown>(
    () =>
      name === 'lab'
        ? call('scenarios.ofLab', {})
        : name?.startsWith('row:')
          ? simulator('rowScenario', name.slice(4))
          : name?.startsWith('twin:')
            ? twinWorker('scenario', Number(name.split(':')[1]), name.split(':')[2])
            : Promise.resolve(undefined),
    name,
  )
  const entries = useMemo(
    (): ListedScenario[] =>
      (list ?? []).map(({ id, origin, input }) => {
        const { title, group, summary, repairs } = input as unknown as Scenario
        return { id, origin, title, group, summary, input, isLesson: (repairs ?? []).some((one) => one.isAccepted) }
      }),
    [list],
  )
  const found = list?.find((one) => one.id === name)?.input
  const isSpecial = name === 'lab' || /^(row|twin):/.test(name ?? '')
  const kept = new Map([['server', diagnosed], [editedScenario, edited], [sharedScenario, shared]]) // prettier-ignore
  const input = name !== undefined && kept.has(name) ? kept.get(name) : isSpecial ? special : found
  return {
    input,
    isMissing: name !== undefined && input === undefined && (isSpecial ? error !== undefined : list !== undefined),
    entries,
  }
}
