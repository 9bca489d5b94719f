/** The network that was given: its files and what came of it, kept while the window is open. */
import { t } from '#messages/text.ts'
import { create } from 'zustand'
import type { SourceFile } from '#shared/interchange/model.ts'
import { readTextOf } from '../text-file.ts'
import { offerUndo } from '../undo.tsx'
import { connectWorker } from '../worker-client.ts'
import type { ShownTwin, TwinEngine, TwinProgress } from './twin-engine.ts'

interface NetworkState {
  readonly files: readonly SourceFile[]
  readonly twin: ShownTwin | undefined
  readonly isBusy: boolean
  readonly progress: TwinProgress | undefined
  readonly problem: string | undefined
  /** Whether the files that are given now are compared with those before. */
  readonly isComparing: boolean
}

export const useNetwork = create<NetworkState>(() => ({ files: [], twin: undefined, isBusy: false, progress: undefined, problem: undefined, isComparing: false })) // prettier-ignore

export const twinWorker = connectWorker<TwinEngine>('twin', (told) =>
  useNetwork.setState({ progress: told as TwinProgress }),
)

async function play(files: readonly SourceFile[]): Promise<void> {
  if (files.length === 0) {
    await twinWorker('cancel')
    return useNetwork.setState({ files, twin: undefined, isBusy: false, problem: undefined })
  }
  useNetwork.setState({ files, isBusy: true, progress: undefined, problem: undefined })
  try {
    const twin = await twinWorker('play', files)
    if (twin && useNetwork.getState().files === files) useNetwork.setState({ twin, isBusy: false })
  } catch (error) {
    useNetwork.setState({ isBusy: false, problem: error instanceof Error ? error.message : String(error) })
  }
}

/** Larger than the configuration of any site. */
const mostBytes = 64_000_000

/** Adds files, each in the place of one of the same name. */
export async function addNetworkFiles(list: Iterable<File>): Promise<void> {
  const added: SourceFile[] = []
  for (const file of list) {
    if (file.size > mostBytes) {
      useNetwork.setState({ problem: t('simulator.larger-than-64-mb-no', { file: file.name }) }) // prettier-ignore
      continue
    }
    added.push({ name: file.name, text: (await readTextOf(file)).text })
  }
  const names = new Set(added.map(({ name }) => name))
  if (added.length > 0) await play([...useNetwork.getState().files.filter(({ name }) => !names.has(name)), ...added])
}

/** Removes a file and plays what is left; to be undone while no other file of that name was added. */
export async function removeNetworkFile(name: string): Promise<void> {
  const { files } = useNetwork.getState()
  const at = files.findIndex((one) => one.name === name)
  const removed = files[at]
  if (!removed) return
  const remove = (): Promise<void> => play(useNetwork.getState().files.filter((one) => one.name !== name))
  offerUndo(
    t('simulator.file-removed', { file: name }),
    async () => {
      const now = useNetwork.getState().files
      if (now.some((one) => one.name === name))
        throw new Error(t('simulator.another-added-since-remove-first', { file: name }))
      await play(now.toSpliced(Math.min(at, now.length), 0, removed))
    },
    remove,
  )
  await remove()
}

export async function cancelTwin(): Promise<void> {
  await twinWorker('cancel')
  const { twin } = useNetwork.getState()
  useNetwork.setState({ isBusy: false, ...(twin ? {} : { files: [] }) })
}

/** Keeps the network as the one before, or forgets it. */
export async function compareFromHere(isComparing: boolean): Promise<void> {
  await twinWorker('keep', isComparing)
  useNetwork.setState({ isComparing })
  await play([...useNetwork.getState().files])
}
