/** The space of set-ups that the diagnosis backwards knows, as it comes with the program. */
import { readFile } from 'node:fs/promises'
import type { SpaceFile } from '#shared/diagnosis/inverse/space.ts'
import { shippedPath } from './resources.ts'

export const readSpaceFile = async (): Promise<SpaceFile> =>
  JSON.parse((await readFile(shippedPath('ask.json'))).toString()) as SpaceFile
