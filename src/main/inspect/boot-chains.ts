/** Who signed the boot programs of a folder, and which machines start them; see `shared/secure-boot/chain.ts`. */
import { inspectChain, type BootChain, type ReadFile } from '#shared/secure-boot/chain.ts'
import { formatBytes } from '#shared/contract/format.ts'
import { BootFolder, readWhole } from '../responder/boot-folder.ts'
import { cryptography } from './cryptography.ts'

/** Kernels have a dozen MiB; what is larger is no program. */
const largestProgram = 64 << 20

/** Reads whole files as the responder would find them. */
export function readerOf(folder: BootFolder): ReadFile {
  return async (name) => {
    const found = await folder.openFile(name)
    if (!found.ok) return found.reason
    try {
      if (found.size > largestProgram) return `it is larger than ${formatBytes(largestProgram)}`
      return new Uint8Array(await readWhole(found))
    } catch (error) {
      return `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`
    } finally {
      await found.handle.close()
    }
  }
}

/** The chains behind these names, without those that are no UEFI programs. Throws where the folder does not exist. */
export async function chainsIn(root: string, names: readonly string[]): Promise<BootChain[]> {
  const read = readerOf(await BootFolder.open(root))
  const chains: BootChain[] = []
  for (const name of new Set(names)) {
    const chain = await inspectChain(name, read, cryptography)
    if (chain.links[0]!.problem === '') chains.push(chain)
  }
  return chains
}
