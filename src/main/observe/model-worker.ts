/** The thread of the model: explains boots and writes their frames to the disk, so that neither delays an answer to a window. */
import { parentPort } from 'node:worker_threads'
import { BootModel } from './boot-model.ts'
import { FrameHistory } from './frame-history.ts'
import type { FromModel, ToModel } from './model-messages.ts'

const tellEveryMs = 200

const model = new BootModel()
let history: FrameHistory | undefined
let trouble: string | undefined

const tell = (message: FromModel): void => parentPort!.postMessage(message)

function onDisk(work: (history: FrameHistory) => void): void {
  if (!history) return
  let code: string | undefined
  try {
    work(history)
  } catch (error) {
    code = (error as NodeJS.ErrnoException).code ?? String(error)
  }
  if (code !== trouble) tell({ type: 'unwritten', code })
  trouble = code
}

function tellVerdicts(): void {
  const verdicts = model.verdicts(Date.now())
  if (verdicts.length > 0) tell({ type: 'verdicts', verdicts })
  const boots = model.takeSettled()
  if (boots.length > 0) tell({ type: 'settled', boots })
}

parentPort!.on('message', (message: ToModel) => {
  switch (message.type) {
    case 'folder':
      history = message.folder === undefined ? undefined : new FrameHistory(message.folder)
      return
    case 'frames':
      if (!message.isKept) onDisk((one) => one.append(message.pcapng))
      model.take(message.pcapng)
      return tell({ type: 'taken' })
    case 'clear':
      model.clear()
      if (!message.isDeleted) return
      onDisk((one) => one.clear())
      return tell({ type: 'cleared' })
    case 'end':
      tellVerdicts()
      model.settleAll()
      tellVerdicts()
      tell({ type: 'ended' })
  }
})

setInterval(tellVerdicts, tellEveryMs)
