/** Before the tests in `test/windows`: fetches Windows Node and prepares a Wine prefix, each once, kept in node_modules. */
import { missingOf } from './requirements.ts'
import { fetchWindowsPackages } from './windows-packages.ts'
import { preparePrefix, windowsNeeds } from './wine.ts'

/** Where it cannot be, the tests say that they need `windows-node`, and this says why it is not there. */
export function setup(): void {
  if (missingOf(windowsNeeds).some((one) => one !== 'windows-node')) return
  try {
    fetchWindowsPackages()
    preparePrefix()
  } catch (error) {
    process.stderr.write(`Windows Node is not to be had: ${String(error)}\n`)
  }
}
