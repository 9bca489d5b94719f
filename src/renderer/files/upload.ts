/** Files on their way into the boot folder: one after the other, with progress, until somebody cancels. */
import { t } from '#messages/text.ts'
import { create } from 'zustand'
import type { BootFiles } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { confirm } from '../shell/sheets.ts'
import { complain } from '../store.ts'
import { eachOf, offerUndo } from '../undo.tsx'

const pieceBytes = 1024 * 1024

export interface Arriving {
  readonly name: string
  readonly sent: number
  readonly size: number
  /** Files behind it. */
  readonly waiting: number
}

export const useArriving = create<{ readonly arriving: Arriving | undefined }>(() => ({ arriving: undefined }))

let isCancelled = false
export const cancelArriving = (): void => {
  isCancelled = true
}

export interface ChosenFile {
  /** Path below the boot folder, with slashes. */
  readonly name: string
  readonly file: File
}

export async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  // As many as a call may have arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(text)
}

async function send({ name, file }: ChosenFile, replaces: boolean, waiting: number): Promise<BootFiles | undefined> {
  const { id } = await call('files.begin', { name, size: file.size, replaces })
  try {
    for (let at = 0; at < file.size; at += pieceBytes) {
      useArriving.setState({ arriving: { name, sent: at, size: file.size, waiting } })
      if (isCancelled) {
        await call('files.abort', { id })
        return undefined
      }
      await call('files.append', { id, base64: await base64Of(file.slice(at, at + pieceBytes)) })
    }
    return await call('files.finish', { id })
  } catch (error) {
    await call('files.abort', { id }).catch(() => {})
    throw error
  }
}

/** A short file that was made here, under a name that no file has. */
export async function sendBytes(name: string, bytes: Uint8Array): Promise<void> {
  const { id } = await call('files.begin', { name, size: bytes.length, replaces: false })
  try {
    await call('files.append', { id, base64: await base64Of(new Blob([Uint8Array.from(bytes)])) })
    await call('files.finish', { id })
  } catch (error) {
    await call('files.abort', { id }).catch(() => {})
    throw error
  }
}

const listed = (files: readonly ChosenFile[]): string =>
  t('files.names-and-more', { names: files.slice(0, 5).map(({ name }) => name), rest: Math.max(0, files.length - 5) })

/**
 * Copies files into the boot folder. What they replace can be put back; where it cannot be kept, that is asked once before
 * anything is sent. The names that are there now.
 */
export async function addFiles(
  chosen: readonly ChosenFile[],
  there: readonly string[],
  again: () => void,
): Promise<readonly string[]> {
  // TFTP finds a file in whatever case its name is asked for: the one that is there is replaced, under its name.
  const known = new Map(there.map((one) => [one.toLowerCase(), one]))
  const named = chosen.map(({ name, file }) => ({ name: known.get(name.toLowerCase()) ?? name, file }))
  const taken = named.filter(({ name }) => known.has(name.toLowerCase()))
  const added: string[] = []
  const kept = new Map<ChosenFile, string>()
  isCancelled = false
  try {
    for (const one of taken) {
      const { id } = await call('files.keep', { name: one.name })
      if (id !== null) kept.set(one, id)
    }
    const lost = taken.filter((one) => !kept.has(one))
    const isSure =
      lost.length === 0 ||
      (await confirm({
        title:
          lost.length === 1
            ? t('files.replace', { file: lost[0]!.name })
            : t('files.replace-files', { count: lost.length }),
        text: t('files.cannot-undone-no-room-keep', { files: listed(lost) }),
        action: t('files.replace-2'),
      }))
    const wanted = isSure ? named : named.filter((one) => !lost.includes(one))
    for (const [index, one] of wanted.entries()) {
      if (isCancelled) break
      if (await send(one, taken.includes(one), wanted.length - index - 1)) added.push(one.name)
    }
  } catch (error) {
    complain(error, t('files.boot-files'))
  } finally {
    useArriving.setState({ arriving: undefined })
  }
  const replaced = [...kept].filter(([{ name }]) => added.includes(name))
  if (replaced.length > 0)
    offerUndo(t('files.replaced', { files: listed(replaced.map(([one]) => one)) }), () =>
      eachOf(replaced, ([{ name }, id]) => call('files.restore', { name, id }), again),
    )
  return added
}

/** What was dropped, folders with all that is in them. */
export async function filesOfDrop(items: DataTransferItemList): Promise<ChosenFile[]> {
  const found: ChosenFile[] = []
  const entries: FileSystemEntry[] = []
  // Before the first wait: the browser empties the list when the event is over.
  for (const item of items) {
    const entry = item.webkitGetAsEntry()
    const file = entry ? null : item.getAsFile()
    if (entry) entries.push(entry)
    else if (file) found.push({ name: file.name, file })
  }
  const visit = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
      found.push({ name: entry.fullPath.replace(/^\//, ''), file })
      return
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    // It hands out a hundred at a time.
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const one of some) await visit(one)
    }
  }
  for (const entry of entries) await visit(entry)
  return found
}
