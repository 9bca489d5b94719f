/**
 * Third-party notices: every package of which something is in the built files, with its licence, found from the modules
 * that the bundler put there. Written beside the built files, and shipped with them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly repository?: string | { readonly url?: string }
  readonly homepage?: string
}

const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** The folder of the package that a module belongs to; undefined for our own and for the bundler's inventions. */
export function packageFolderOf(id: string): string | undefined {
  const path = id
    .replace(/^\0+/, '')
    .replace(/[?#].*$/, '')
    .replaceAll('\\', '/')
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)
  return found?.[1]
}

/** Code that the tools themselves add has no file: `\0rolldown/runtime.js`, `\0vite/preload-helper.js` and the like. */
const toolOf = (id: string): string | undefined => /^\0(?:commonjsHelpers|(rolldown|vite)\/)/.exec(id)?.[1]

const licenceFiles = /^(licen[cs]e|copying|notice)([.-].*)?$/i

// For packages that name their licence and bring no copy of it.
const mit = (holder: string): string => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

const bsd2 = (holder: string): string => `BSD 2-Clause License

Copyright (c) ${holder}

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following
conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING,
BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE
OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
`

const licenceTexts: Readonly<Record<string, (holder: string) => string>> = { MIT: mit, 'BSD-2-Clause': bsd2 }

const holderOf = ({ name, author }: Manifest): string =>
  (typeof author === 'string' ? author.replace(/\s*[<(].*$/, '') : author?.name) ?? `the authors of ${name}`

const licencesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => licenceFiles.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())

/** The licence as the package states it. @throws where there is neither a text nor a licence whose text is known. */
function licenceTextOf(folder: string, manifest: Manifest): string {
  const own = licencesIn(folder)
  // What a package has taken from others lies below it.
  const vendored = existsSync(join(folder, 'vendor'))
    ? readdirSync(join(folder, 'vendor')).flatMap((name) =>
        licencesIn(join(folder, 'vendor', name)).map((text) => `Contains ${name}:\n\n${text}`),
      )
    : []
  if (own.length > 0) return [...own, ...vendored].join('\n\n')
  const text = licenceTexts[manifest.license ?? '']
  if (text) return text(holderOf(manifest)).trim()
  throw new Error(
    `${manifest.name} ${manifest.version} brings no licence text, and its licence is ${manifest.license ?? 'not stated'}. ` +
      'Add the text to scripts/packaging/notices.ts, or do without the package.',
  )
}

/** A package as one entry of the notices. */
function entryOf(folder: string): { readonly key: string; readonly text: string } {
  const manifest = readManifest(folder)
  const address = typeof manifest.repository === 'string' ? manifest.repository : manifest.repository?.url
  const key = `${manifest.name} ${manifest.version}`
  const head = [key, `Licence: ${manifest.license ?? 'see below'}`, manifest.homepage ?? address].filter(Boolean)
  return { key, text: `${head.join('\n')}\n\n${licenceTextOf(folder, manifest)}` }
}

/** The notices of these package folders, each once, by name. */
export function noticesOf(folders: Iterable<string>): string {
  const entries = new Map([...folders].map(entryOf).map(({ key, text }) => [key, text]))
  const rule = '-'.repeat(80)
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    'PXE Lab contains parts of the packages below, unchanged apart from bundling. Each is listed with its licence.',
    'Electron and Chromium, in the desktop packages, have their notices in LICENSE.electron.txt and LICENSES.chromium.html.',
    ...sorted.map(([, text]) => text),
  ]
    .join(`\n\n${rule}\n\n`)
    .concat('\n')
}

/** What the builds of this process have met. Main, preload, window and its workers are one program. */
const met = new Set<string>()

/** Packages that are shipped as they are, beside the bundles. */
function addProductionPackages(): void {
  for (const name of Object.keys(readManifest(root).dependencies ?? {})) met.add(join(root, 'node_modules', name))
}

/** The build plugin: notes what is in each bundle and writes `out/THIRD-PARTY-NOTICES.txt` after it. */
export function thirdPartyNotices(): Plugin {
  return {
    name: 'third-party-notices',
    apply: 'build',
    generateBundle(_options, bundle) {
      const inChunks = Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []))
      // Style sheets are in no chunk, and what the bundler adds is in no graph.
      for (const id of [...this.getModuleIds(), ...inChunks]) {
        const tool = toolOf(id)
        const folder = tool === undefined ? packageFolderOf(id) : join(root, 'node_modules', tool)
        if (folder !== undefined) met.add(folder)
      }
      addProductionPackages()
    },
    writeBundle() {
      const file = join(root, 'out/THIRD-PARTY-NOTICES.txt')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, noticesOf(met))
    },
  }
}
