/** The storm that is planned, kept while the window is open. */
import { create } from 'zustand'
import type { ScaleGoal, ScalePlan } from '#shared/diagnosis/scale.ts'
import { connectWorker } from '../worker-client.ts'
import type { ScaleEngine } from './scale-engine.ts'

interface ScaleState {
  readonly goal: ScaleGoal
  /** With the goal that it is for. */
  readonly answer: { readonly goal: ScaleGoal; readonly plan: ScalePlan } | undefined
  readonly isBusy: boolean
  readonly progress: string
  readonly problem: string | undefined
}

/** What `pxe-lab scale` takes where nothing is said. */
const usual: ScaleGoal = {
  machines: 500,
  minutes: 15,
  withinSeconds: 4,
  canSpread: true,
  bandwidthMbit: 1000,
  latencyMs: 0.05,
  loss: 0,
  mtu: 1500,
  programBytes: 1 << 20,
  imageBytes: undefined,
  firmware: 'edk2',
  blockSize: 1468,
  windowSize: 4,
  measured: [],
  seed: 1,
}

export const useScale = create<ScaleState>(() => ({ goal: usual, answer: undefined, isBusy: false, progress: '', problem: undefined })) // prettier-ignore

const worker = connectWorker<ScaleEngine>('scale', (told) => useScale.setState({ progress: told as string }))

export async function planStorm(goal: ScaleGoal): Promise<void> {
  useScale.setState({ goal, isBusy: true, progress: '', problem: undefined })
  try {
    const plan = await worker('plan', goal)
    if (useScale.getState().goal === goal) useScale.setState({ isBusy: false, ...(plan ? { answer: { goal, plan } } : {}) }) // prettier-ignore
  } catch (error) {
    useScale.setState({ isBusy: false, problem: error instanceof Error ? error.message : String(error) })
  }
}

export async function cancelStorm(): Promise<void> {
  await worker('cancel')
  useScale.setState({ isBusy: false })
}
