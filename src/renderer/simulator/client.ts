/** The way to the simulator, and how far its matrix is. */
import { create } from 'zustand'
import { connectWorker } from '../worker-client.ts'
import type { MatrixProgress, SimulatorEngine } from './engine.ts'

export const useMatrixProgress = create<{ readonly progress: MatrixProgress | undefined }>(() => ({
  progress: undefined,
}))

export const simulator = connectWorker<SimulatorEngine>('simulator', (told) =>
  useMatrixProgress.setState({ progress: told as MatrixProgress }),
)
