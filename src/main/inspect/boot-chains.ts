/** Who signed the boot programs of a folder, and which machines start them; see `shared/secure-boot/chain.ts`. */
import { say } from '#messages/message.ts'
import { inspectChain, type BootChain, type ReadFile, type Revocations } from '#shared/secure-boot/chain.ts'
import { isHashRevoked, revokedHashesOf } from '#shared/wire/secure-boot/revoked-hashes.ts'
import { mostDbxBytes } from '#shared/wire/secure-boot/revoked-names.ts'
import { readSignatureLists } from '#shared/wire/secure-boot/signature-lists.ts'
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
      if (found.size > largestProgram) return say('secure-boot.too-large', { most: largestProgram })
      return new Uint8Array(await readWhole(found))
    } catch (error) {
      return say('secure-boot.not-read', { code: (error as NodeJS.ErrnoException).code ?? String(error) })
    } finally {
      await found.handle.close()
    }
  }
}

/** What the dbx revokes that Microsoft publishes for all machines. */
export const publishedRevocations: Revocations = {
  name: say('secure-boot.dbx-published', { date: revokedHashesOf }),
  isHashRevoked,
  certificates: [],
}

/** What a dbx revokes that somebody has as a file; undefined where it is none. */
export function revocationsIn(name: string, bytes: Uint8Array): Revocations | undefined {
  const lists = bytes.length <= mostDbxBytes ? readSignatureLists(bytes) : undefined
  if (!lists) return undefined
  const hashes = new Set(lists.hashes)
  const { others } = lists
  return {
    name: say('secure-boot.dbx-file', { name, programs: hashes.size, certificates: lists.certificates.length, others }),
    isHashRevoked: (hash) => hashes.has(hash),
    certificates: lists.certificates,
  }
}

/**
 * The chains behind these names, without those that are no UEFI programs; those may be scripts for iPXE. Throws where the
 * folder does not exist.
 */
export async function chainsIn(
  root: string,
  names: readonly string[],
  revocations: Revocations = publishedRevocations,
): Promise<BootChain[]> {
  const read = readerOf(await BootFolder.open(root))
  const scripts = names.filter((name) => !/\.(efi|0|com|n12|k*pxe)$/i.test(name))
  const chains: BootChain[] = []
  for (const name of new Set(names)) {
    const chain = await inspectChain(name, read, cryptography, { revocations, scripts })
    if (chain.links[0]!.problem === '') chains.push(chain)
  }
  return chains
}
