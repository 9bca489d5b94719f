// Compiles the message catalogues where they have changed; what is wrong in one ends it, with file and line.
import { CatalogueError } from './messages/catalogue.ts'
import { compileMessages } from './messages/compile.ts'

try {
  compileMessages()
} catch (error) {
  if (!(error instanceof CatalogueError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
