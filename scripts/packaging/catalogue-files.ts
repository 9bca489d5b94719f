import { build, type Plugin } from 'vite'
import { thirdPartyNotices } from './notices.ts'

/** A catalogue with all that it needs, as one module, and the map of its sources where there is to be one. */
async function moduleOf(path: string, sourcemap: boolean): Promise<{ readonly code: string; readonly map: string }> {
  const made = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [thirdPartyNotices()],
    build: { write: false, minify: true, sourcemap, lib: { entry: path, formats: ['es'] } },
  })
  if (!Array.isArray(made)) throw new Error(`Building ${path} gave no module`)
  const { code, map } = made[0]!.output[0]
  return { code, map: map?.toString() ?? '' }
}

const catalogue = /[\\/]messages[\\/]compiled[\\/]([\w-]+\.js)$/

/**
 * One copy of each language beside the pages, `messages/<tag>.js`, for the window, its workers, and the programs of Node alike: bundled into
 * each of them the languages would fill half of what is installed.
 * @param folder of the copies, as seen from what is built
 * @param makes whether this build makes them
 */
export function catalogueFiles(folder: string, makes = false): Plugin {
  const found = new Map<string, string>()
  return {
    name: 'catalogue-files',
    apply: 'build',
    enforce: 'pre',
    resolveId: {
      filter: { id: /^\.\/(compiled\/)?[\w-]+\.js$/ },
      async handler(wanted, importer) {
        const path = importer && (await this.resolve(wanted, importer, { skipSelf: true }))?.id
        const name = path && catalogue.exec(path)?.[1]
        if (!name) return undefined
        found.set(name, path)
        // A bundler takes a relative name for one beside the importer: the folder is put in when everything has its place.
        return { id: `catalogue:${name}`, external: true }
      },
    },
    renderChunk: (code) => code.replaceAll(/(["'`])catalogue:([\w-]+\.js)\1/g, `$1${folder}/$2$1`),
    async generateBundle({ sourcemap }) {
      if (!makes) return
      for (const [name, path] of found) {
        const { code, map } = await moduleOf(path, Boolean(sourcemap))
        this.emitFile({ type: 'asset', fileName: `messages/${name}`, source: code })
        if (sourcemap) this.emitFile({ type: 'asset', fileName: `messages/${name}.map`, source: map })
      }
    },
  }
}
