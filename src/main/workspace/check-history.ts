/** The doctor's past checks, in the state folder. */
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { withCheck } from '#shared/diagnosis/history.ts'
import { replaceFile } from '../files/replace-file.ts'
import { pastCheckSchema, type Facts, type PastCheck } from '#shared/lab/facts.ts'

/** Empty where there is none, or none that can be read. */
export async function readHistory(file: string): Promise<PastCheck[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]')
  try {
    return z.array(pastCheckSchema).parse(JSON.parse(text))
  } catch {
    return []
  }
}

export async function addToHistory(file: string, facts: Facts): Promise<void> {
  const history = withCheck(await readHistory(file), facts, diagnose(facts))
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await replaceFile(file, JSON.stringify(history), { mode: 0o600, refusesLinks: true })
}
