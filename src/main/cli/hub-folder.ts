import { join } from 'node:path'
import { stateHome } from '../workspace/state-folder.ts'

/** Where a hub keeps tokens, certificate, index and captures. */
export const hubFolder = ({ folder }: { readonly folder?: string }): string => folder ?? join(stateHome(), 'hub')
