/**
 * What a window that came over the network may do with files: its lab, in the lab's folder. Other folders are named by who
 * has the machine: in the file itself, or when the lab is served.
 */
import { dirname, resolve } from 'node:path'
import { CallFailure } from '#shared/contract/channel.ts'
import type { Handlers } from '#shared/contract/calls.ts'
import type { Lab } from '#shared/lab/lab.ts'
import { isInside } from '../io/open-file.ts'
import { changeLabText, parseLab } from '../workspace/lab-file.ts'

const labName = /\.(ya?ml|json)$/i

const foldersOf = (lab: Lab): readonly (readonly [field: string, folder: string])[] => [
  ['boot.files', lab.boot.files],
  ...(lab.state === null ? [] : [['state', lab.state] as const]),
  ...(lab.tftp.upload === null ? [] : [['tftp.upload', lab.tftp.upload] as const]),
]

/** The same calls, bound to the folder of `labPath` and the `allowed` folders. */
export function boundHandlers(handlers: Handlers, labPath: string, allowed: readonly string[]): Handlers {
  const workspace = dirname(resolve(labPath))
  /** Named in the file by somebody who may write it. */
  const trusted = new Set<string>()
  const isAllowed = (path: string): boolean =>
    trusted.has(path) || [workspace, ...allowed.map((one) => resolve(one))].some((folder) => isInside(folder, path))

  const state = async (): Promise<{ path: string; text: string; base: string }> => {
    const { path, text, lab } = await handlers['lab.read']({})
    const base = dirname(path)
    if (lab) for (const [, folder] of foldersOf(lab)) trusted.add(resolve(base, folder))
    return { path, text, base }
  }
  const checkFolder = (field: string, folder: string, base: string): void => {
    if (isAllowed(resolve(base, folder))) return
    throw new CallFailure(
      `${field} ${folder} leads out of the folder of the lab, ${workspace}`,
      `Write it into the lab file with an editor, or serve the lab with --allow-folder ${resolve(base, folder)}.`,
    )
  }
  const checkText = (text: string, base: string): void => {
    const parsed = parseLab(text)
    // What is no lab names no folder; it is checked when it becomes one.
    if (parsed.ok) for (const [field, folder] of foldersOf(parsed.lab)) checkFolder(field, folder, base)
  }

  return {
    ...handlers,
    'lab.open': async ({ path }) => {
      await state()
      const wanted = resolve(workspace, path)
      if (!labName.test(wanted) || !isAllowed(dirname(wanted)))
        throw new CallFailure(
          `${path} is no lab file in the folder of the lab, ${workspace}`,
          'Serve that lab with --config, or its folder with --allow-folder.',
        )
      return handlers['lab.open']({ path: wanted })
    },
    'lab.write': async (args) => {
      const { base } = await state()
      checkText(args.text, base)
      return handlers['lab.write'](args)
    },
    'lab.change': async (args) => {
      const { text, base } = await state()
      checkText(
        changeLabText(
          text,
          args.changes.map(({ path, value }) => ({ path, value })),
        ),
        base,
      )
      return handlers['lab.change'](args)
    },
    'setup.propose': async (args) => {
      const { base } = await state()
      if (args.files !== undefined) checkFolder('boot.files', args.files, base)
      return handlers['setup.propose'](args)
    },
  }
}
