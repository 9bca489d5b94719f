/** `pxe-lab engine`: what a lab's DHCP server has of it, and its boot logic in and out of there. */
import { t } from '#messages/text.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { KeaProblem } from '#shared/kea/control.ts'
import { filesFrom, openKeas, type AppliedKea, type KeaControl } from '../engine/kea-control.ts'
import { highAvailabilityText } from '../engine/kea-engine.ts'
import { addressesOf } from '../responder/interfaces.ts'
import { placeOfState } from '../workspace/state-folder.ts'
import { exitCodes } from './exit-codes.ts'
import { labOf } from './lab-input.ts'
import { UsageError } from './usage-error.ts'

const engineActions = ['show', 'apply', 'undo'] as const
type EngineAction = (typeof engineActions)[number]

export interface EngineOptions {
  readonly config: string
}

const complain = (text: string): void => void process.stderr.write(`pxe-lab: ${text}\n`)
const tell = (text: string): void => void process.stdout.write(`${text}\n`)

/** 0 all are as they should be, 1 one is not, 2 the lab file cannot be read or names no engine. */
export async function engine(action: string, { config }: EngineOptions): Promise<number> {
  if (!(engineActions as readonly string[]).includes(action)) {
    complain(t('cli.nothing-do-engine-choose-one', { action, engineActions: engineActions.join(', ') }))
    throw new UsageError(action)
  }
  const given = await labOf(config, '--config')
  if (!given) return exitCodes.badLabFile
  const { lab, file } = given
  if (lab.engine === null) {
    complain(t('cli.names-no-engine-write-engine-2', { config }))
    return exitCodes.badLabFile
  }
  const state = await placeOfState(file, lab)
  if (state.refused) {
    complain(`${state.refused.message}. ${state.refused.remedy}`)
    return exitCodes.badLabFile
  }
  const keas = openKeas({ engine: lab.engine, resolve: (path) => file.resolve(path), stateFolder: state.folder })
  let isWell = true
  for (const kea of keas) {
    try {
      if (!(await actions[action as EngineAction](kea, lab))) isWell = false
    } catch (error) {
      if (!(error instanceof KeaProblem)) throw error
      complain(`${kea.name}: ${error.message}. ${error.remedy}`)
      isWell = false
    } finally {
      kea.close()
    }
  }
  return isWell ? exitCodes.ok : exitCodes.failed
}

const engineLab = (lab: Lab) => filesFrom(lab, addressesOf(lab))

/** Whether all is as it should be. */
const actions: Readonly<Record<EngineAction, (kea: KeaControl, lab: Lab) => Promise<boolean>>> = {
  async show(kea, lab) {
    const plan = await kea.plan(engineLab(lab))
    const { highAvailability, subnets, listsLeases } = await kea.state()
    tell(`${kea.name}: Kea ${plan.version}`)
    if (highAvailability.length > 0)
      tell(`  ${t('cli.high-availability', { state: highAvailabilityText(highAvailability) })}`)
    for (const one of subnets)
      tell(`  ${t('cli.subnet-addresses-use', { subnet: one.subnet, assigned: one.assigned, total: one.total })}`)
    if (!listsLeases) tell(`  ${t('cli.leases-cannot-listed-load-hook')}`)
    for (const warning of plan.warnings) tell(`  ${t('cli.differs', { what: warning })}`)
    tell(plan.isInPlace ? `  ${t('cli.boot-logic-applied', { classes: plan.classes.join(', ') || t('cli.no-class') })}` : `  ${t('cli.boot-logic-lab-not-place', { classes: plan.classes.join(', ') })}`) // prettier-ignore
    return plan.isInPlace
  },
  async apply(kea, lab) {
    const done = await kea.apply(engineLab(lab))
    report(
      kea,
      done,
      t('cli.kea-has-classes', { name: kea.name, count: done.classes.length }),
      t('cli.boot-logic-lab-already', { name: kea.name }),
    )
    if (done.isChanged) await kea.settle()
    return done.unsaved === undefined
  },
  async undo(kea) {
    const done = await kea.undo()
    report(kea, done, t('cli.no-class-pxe-lab-any', { name: kea.name }), t('cli.no-class-pxe-lab', { name: kea.name }))
    if (done.isChanged) await kea.settle()
    return done.unsaved === undefined
  },
}

function report({ name }: KeaControl, done: AppliedKea, changed: string, unchanged: string): void {
  for (const other of done.overtakenBy) tell(t('cli.somebody-else-changed-meanwhile-stays', { name, other }))
  tell(done.isChanged ? changed : unchanged)
  if (done.kept !== undefined) tell(`  ${t('cli.had-before', { kept: done.kept })}`)
  for (const warning of done.warnings) tell(`  ${t('cli.differs', { what: warning })}`)
  if (done.unsaved) complain(t('cli.until-then-lost-when-kea', { name, message: done.unsaved.message, remedy: done.unsaved.remedy })) // prettier-ignore
}
