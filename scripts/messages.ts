// Compiles the message catalogues where they have changed; what is wrong in one ends it, with file and line. With `--mark` translated
// lines get the mark of the English text they were made from.
import { languages } from '../src/messages/languages.ts'
import { CatalogueError, markNew, readCatalogue } from './messages/catalogue.ts'
import { compileMessages } from './messages/compile.ts'

try {
  if (process.argv.includes('--mark')) {
    const english = readCatalogue('en')
    for (const { tag } of languages.slice(1)) markNew(english, tag)
  }
  compileMessages()
} catch (error) {
  if (!(error instanceof CatalogueError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
