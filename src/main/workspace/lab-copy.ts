/** The text of a lab file for another folder: what it names relative to itself stays the same folder. */
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import type { Lab } from '#shared/lab/lab.ts'
import { changeLabText, type LabChange } from './lab-file.ts'

/** `from` and `to` are absolute paths of lab files; a lab with problems is copied as it is. */
export function labTextFor(text: string, lab: Lab | null, from: string, to: string): string {
  if (!lab || dirname(from) === dirname(to)) return text
  const moved = (path: string): string => {
    const target = relative(dirname(to), resolve(dirname(from), path))
    // On another drive there is no relative way; on the same one `/` is understood everywhere.
    return isAbsolute(target) ? target : target.split(sep).join('/') || '.'
  }
  const changes: LabChange[] = []
  if (!isAbsolute(lab.boot.files)) changes.push({ path: ['boot', 'files'], value: moved(lab.boot.files) })
  if (lab.tftp.upload !== null && !isAbsolute(lab.tftp.upload))
    changes.push({ path: ['tftp', 'upload'], value: moved(lab.tftp.upload) })
  return changes.length > 0 ? changeLabText(text, changes) : text
}
