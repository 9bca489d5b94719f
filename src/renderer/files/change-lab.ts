/** Changes of the lab file that can be taken back. */
import { CallFailure } from '#shared/contract/channel.ts'
import type { Args } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import type { BootProgramRule } from '#shared/machines/boot-policy.ts'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'
import { offerUndo } from '../undo.tsx'

export type Rule = BootProgramRule

/** The rules of a lab file, whether or not its role lets them count; those that are checked have no undefined values. */
export const rulesOf = (lab: Lab): readonly Rule[] => lab.boot.programs as readonly Rule[]

type LabChanges = Args<'lab.change'>['changes']

/** Changes the lab file; `what` says afterwards what was done. False where it could not be. */
export async function changeLab(
  what: string,
  changes: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[],
): Promise<boolean> {
  const before = useStore.getState().lab?.text
  const state = await attempt('Lab file', () =>
    call('lab.change', { changes: changes.map(({ path, value }) => ({ path: [...path], value })) as LabChanges }),
  )
  if (!state) return false
  if (before !== undefined && state.text !== before)
    offerUndo(what, async () => {
      // What somebody else wrote meanwhile is not lost.
      if (useStore.getState().lab?.text !== state.text)
        throw new CallFailure('the lab file has changed since', 'Change it by hand on the page Settings.')
      await call('lab.write', { text: before })
    })
  return true
}

export const changeRules = (what: string, rules: readonly Rule[]): Promise<boolean> =>
  changeLab(what, [{ path: ['boot', 'programs'], value: rules }])
