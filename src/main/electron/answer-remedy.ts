/** This program once more, with administrator rights, for one change: no window, no second instance, one request. */
import { app } from 'electron'
import { answerRequest, shellProgramVariable } from '../remedy/elevation.ts'

const valueOf = (name: string): string | undefined =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3)

/** Answers the request that the command line names, a file in the folder of the journal, and ends. False where it names none. */
export function answersRemedy(): boolean {
  const name = valueOf('answer-remedy')
  const journal = valueOf('journal')
  if (name === undefined || journal === undefined) return false
  answerRequest(name, journal).then(
    () => app.exit(0),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`)
      app.exit(1)
    },
  )
  return true
}

/** Lets the back end, which inherits this environment, start this program for such a request. */
export function tellOwnProgram(): void {
  // An AppImage runs from a mount that other users, root among them, cannot read.
  const program = app.isPackaged ? [process.env['APPIMAGE'] ?? process.execPath] : [process.execPath, app.getAppPath()]
  process.env[shellProgramVariable] = JSON.stringify(program)
}
