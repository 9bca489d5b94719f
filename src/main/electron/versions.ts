/** What this run is made of, for the About dialog and the first lines of the log. */
import { arch, release, version as systemVersion } from 'node:os'

export const versions = (): { readonly name: string; readonly version: string }[] => [
  { name: 'Electron', version: process.versions['electron'] ?? 'none' },
  { name: 'Chromium', version: process.versions['chrome'] ?? 'none' },
  { name: 'Node.js', version: process.versions.node },
  { name: 'V8', version: process.versions.v8 },
  { name: 'System', version: `${systemVersion()} (${process.platform} ${release()}, ${arch()})` },
]
