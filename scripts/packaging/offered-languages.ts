import type { Plugin } from 'vite'
import { unfinished } from '../../src/messages/languages.ts'

/**
 * Leaves catalogues of unfinished languages out of what is built, for nobody is offered one. With PXE_LAB_UNFINISHED set they stay, for
 * whoever translates.
 */
export const offeredLanguages = (): Plugin => ({
  name: 'offered-languages',
  // As it is written.
  enforce: 'pre',
  transform(code, id) {
    if (process.env['PXE_LAB_UNFINISHED'] || !/[\\/]messages[\\/]compiled[\\/]catalogues\.ts$/.test(id))
      return undefined
    const left = unfinished.map(({ tag }) => `  '${tag}': () => import(`)
    return code
      .split('\n')
      .filter((line) => !left.some((start) => line.startsWith(start)))
      .join('\n')
  },
})
