import { build, type Plugin } from 'vite'

/** A catalogue with all that it needs, as one module. */
async function moduleOf(path: string): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: true,
      lib: { entry: path, formats: ['es'] },
    },
  })
  if (!Array.isArray(made)) throw new Error(`Building ${path} gave no module`)
  return made[0]!.output[0].code
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
    async generateBundle() {
      if (!makes) return
      for (const [name, path] of found)
        this.emitFile({ type: 'asset', fileName: `messages/${name}`, source: await moduleOf(path) })
    },
  }
}
