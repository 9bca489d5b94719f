/** The command line of PXE Lab. */
import { Command, CommanderError } from 'commander'
import { followParent } from '../stop.ts'
import { version } from '../version.ts'
import type { DoctorOptions } from './doctor.ts'
import type { MatrixOptions, SimulateOptions } from './simulate.ts'
import type { CheckOptions } from './check.ts'
import type { PlanOptions } from './plan.ts'
import type { ProbeOptions } from './probe.ts'
import type { RemedyOptions } from './remedy.ts'
import type { RespondOptions } from './respond.ts'
import type { RivalOptions } from './rival.ts'
import type { ServeOptions } from './serve.ts'
import type { CaptureCommandOptions } from './capture.ts'
import { exitCodes } from './exit-codes.ts'
import { guardTerminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** What was asked for makes no sense and has been told. */
async function usageChecked(work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UsageError) return exitCodes.usage
    throw error
  }
}

const stopOption = [
  '--stop-on-stdin-end',
  'end when standard input ends or says "stop": for services and scripts, where Windows knows no SIGTERM',
] as const

followParent()
const program = new Command()
  .name('pxe-lab')
  .description(
    'A lab for network boot: answers DHCP, proxyDHCP, port 4011, TFTP and HTTP boot, and shows every packet.',
  )
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'pxe-lab: ')) })

program
  .command('respond')
  .description('run a lab without a window until Ctrl+C, SIGTERM or the end of its console')
  .requiredOption('-c, --config <file>', 'lab file (YAML or JSON)')
  .option('--json', 'one JSON object a line, the first of type "ready"')
  .option('-q, --quiet', 'only tell when it is ready and when it stops')
  .option(...stopOption)
  .addHelpText(
    'after',
    '\nExit codes: 0 ended cleanly, 2 bad lab file, 3 a port is taken or not permitted, 4 another DHCP server answers.',
  )
  .action(async (options: RespondOptions) => {
    const { respond } = await import('./respond.ts')
    process.exitCode = await respond(options)
  })

program
  .command('decode')
  .description('print what a capture file holds, a line for each frame')
  .argument('<file>', 'pcap or pcapng file')
  .option('--json', 'one JSON object a line (resources/decode.schema.json)')
  .option('--filter <expression>', 'only frames that match, such as "dhcp.type == offer && address == 192.168.77.1"')
  .option('--tree', 'every field of every frame')
  .addHelpText(
    'after',
    '\nExit codes: 0 the whole file was read, 2 it cannot be read or is damaged, 64 the filter makes no sense.',
  )
  .action(async (file: string, options: { json?: boolean; filter?: string; tree?: boolean }) => {
    const { decode } = await import('./decode.ts')
    process.exitCode = await usageChecked(() => decode(file, options))
  })

program
  .command('explain')
  .description('tell what happened in each boot of a capture file, and why')
  .argument('<file>', 'pcap or pcapng file')
  .option('--json', 'one JSON object (resources/explain.schema.json)')
  .option('--ladder', 'draw who said what to whom')
  .option('--client <mac>', 'only this machine')
  .addHelpText('after', '\nExit codes: 0 no boot failed, 1 one did, 2 the file cannot be read or is damaged.')
  .action(async (file: string, options: { json?: boolean; ladder?: boolean; client?: string }) => {
    const { explain } = await import('./explain.ts')
    process.exitCode = await explain(file, options)
  })

program
  .command('report')
  .description('write the boots of a capture file as one HTML file that opens anywhere')
  .argument('<file>', 'pcap or pcapng file')
  .requiredOption('-o, --output <file>', 'where to write it')
  .option('--mask', 'mask hardware addresses, IPv4 addresses, machine identifiers and host names')
  .addHelpText('after', '\nExit codes: 0 written, 2 a file cannot be read or written, or the capture is damaged.')
  .action(async (file: string, options: { output: string; mask?: boolean }) => {
    const { report } = await import('./explain.ts')
    process.exitCode = await report(file, options)
  })

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

program
  .command('simulate')
  .description('boot machines on a virtual network: a scenario of the library, a scenario file or a lab file')
  .argument('[scenario]', 'name of a scenario, or a file')
  .option('--list', 'print the scenarios and the firmwares')
  .option('--client <firmware>', 'boot one machine with this firmware instead of those of the scenario')
  .option('--set <path=value>', 'change a setting, as often as wanted', collect)
  .option('--seed <number>', 'what all randomness comes from')
  .option('--json', 'one JSON object: outcomes, screens, stages, logs, frames (resources/simulate.schema.json)')
  .option('--ladder', 'draw who said what to whom')
  .option('--pcapng <file>', "write the frames of the clients' segment")
  .option('--until <stage>', 'stop when a machine gets that far')
  .option('--compare <capture>', 'hold it against the boot of a real machine, message by message')
  .option('--lab <file>', 'write the lab file with which a responder plays the first server')
  .addHelpText(
    'after',
    '\nExit codes: 0 every machine boots (with --compare: nothing differs), 1 one does not, 2 a file cannot be read or is wrong, 64 an option makes no sense.',
  )
  .action(async (name: string | undefined, options: SimulateOptions) => {
    const { simulate } = await import('./simulate.ts')
    process.exitCode = await usageChecked(() => simulate(name, options))
  })

program
  .command('matrix')
  .description('what each kind of machine does for every way in which DHCP and a PXE service share servers, computed')
  .option('--json', 'one JSON array')
  .option('--markdown', 'a table for a document')
  .option(
    '--where <column=value>',
    'only rows with this value: dhcp, pxe, listen, option60, files, service, starts',
    collect,
  )
  .action(async (options: MatrixOptions) => {
    const { matrix } = await import('./simulate.ts')
    process.exitCode = await usageChecked(() => Promise.resolve(matrix(options)))
  })

program
  .command('doctor')
  .description('what is wrong with the boot services of this machine, what clients do because of it, and the repair')
  .option('--json', 'one JSON object (resources/doctor.schema.json)')
  .option('--facts <file>', 'judge the facts of another machine')
  .option('--collect', 'write the facts of this machine as JSON (resources/facts.schema.json) and judge nothing')
  .addHelpText(
    'after',
    '\nOn a server where nothing may be installed, resources/collect-facts.ps1 writes a facts file.' +
      '\nExit codes: 0 healthy, 1 findings, 2 it cannot be told or the file cannot be read, 64 the options contradict each other.',
  )
  .action(async (options: DoctorOptions) => {
    const { doctor } = await import('./doctor.ts')
    process.exitCode = await usageChecked(() => doctor(options))
  })

const remedyProgram = program
  .command('remedy')
  .description('list what can be repaired on this machine, and what has been')
  .option(
    '--state <folder>',
    'state folder of the lab, where the journal is; that of lab.yaml in this folder without it',
  )
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 it could not be done and everything is as it was, 64 there is no such finding or journal.',
  )
  .action(async (options: RemedyOptions) => {
    const { list } = await import('./remedy.ts')
    process.exitCode = await usageChecked(() => list(options))
  })
const remedyOptions = (): RemedyOptions => remedyProgram.opts<RemedyOptions>()
remedyProgram
  .command('apply')
  .description('make the changes that repair a finding, after showing them; what is there now is saved')
  .argument('<finding>', 'name of a finding')
  .option('--yes', 'do not ask')
  .action(async (name: string, options: { yes?: boolean }) => {
    const { apply } = await import('./remedy.ts')
    process.exitCode = await usageChecked(() => apply(name, { ...remedyOptions(), ...options }))
  })
for (const verb of ['undo', 'finish'] as const)
  remedyProgram
    .command(verb)
    .description(verb === 'undo' ? 'bring back what was there before' : 'go on with what was interrupted')
    .argument('[id]', verb === 'undo' ? 'the newest without one' : 'the newest that was interrupted without one')
    .action(async (id: string | undefined) => {
      const { goOn } = await import('./remedy.ts')
      process.exitCode = await usageChecked(() => goOn(verb, id, remedyOptions()))
    })
remedyProgram
  .command('answer', { hidden: true })
  .argument('<name>')
  .requiredOption('--journal <folder>')
  .action(async (name: string, { journal }: { journal: string }) => {
    const { answer } = await import('./remedy.ts')
    process.exitCode = await answer(name, journal)
  })

program
  .command('probe')
  .description('ask a wire as PXE clients of each kind who answers, and tell which offer each takes and why')
  .requiredOption('-i, --interface <name>', 'interface to ask on')
  .option('--arch <client>', 'all, bios, x64-uefi, arm64-uefi or http', 'all')
  .option('--rehearse', 'go on as each firmware would: lease, port 4011, boot program, what it loads, block sizes')
  .option('--json', 'one JSON object (resources/probe.schema.json)')
  .addHelpText(
    'after',
    '\nNothing is leased, and with --rehearse the address is given back. Exit codes: 0 nothing is odd, 1 something is, 2 it cannot be asked, 64 no such client.',
  )
  .action(async (options: ProbeOptions) => {
    const { probe } = await import('./probe.ts')
    process.exitCode = await usageChecked(() => probe(options))
  })

program
  .command('check')
  .description('whether a wire is as a file says: who gives addresses, who boots which client with what')
  .requiredOption('--expect <file>', 'expectations (YAML or JSON, resources/expectations.schema.json)')
  .option('--json', 'one JSON object')
  .addHelpText('after', '\nExit codes: 0 everything holds, 1 something does not, 2 it cannot be told.')
  .action(async (options: CheckOptions) => {
    const { check } = await import('./check.ts')
    process.exitCode = await check(options)
  })

program
  .command('plan')
  .description(
    'whether a Configuration Manager site is ready to deploy operating systems, from a file that describes it',
  )
  .argument('<site>', 'site file (YAML or JSON, resources/site.schema.json)')
  .option('--json', 'one JSON object')
  .option('--only <rule...>', 'these rules alone')
  .option('--facts <file...>', 'facts of its servers (pxe-lab doctor --collect), for what the site file leaves open')
  .option('--upgrade-to <version>', 'the steps of an upgrade to this version, and what is unsafe at each')
  .addHelpText(
    'after',
    '\nExit codes: 0 all is met, 1 a rule is violated, 2 something is unknown or the file cannot be read, 64 no such rule.',
  )
  .action(async (file: string, options: PlanOptions) => {
    const { plan } = await import('./plan.ts')
    process.exitCode = await usageChecked(() => plan(file, options))
  })

program
  .command('read-log')
  .description('what is known of what CreateTSMedia.log, SMSPXE.log, smsts.log and the logs of Windows Setup say')
  .argument('<log...>', 'log files')
  .option('--json', 'one JSON object for each')
  .addHelpText('after', '\nExit codes: 0 no known failure, 1 one or more, 2 a file cannot be read.')
  .action(async (files: readonly string[], options: { json?: boolean }) => {
    const { readLogs } = await import('./read-log.ts')
    process.exitCode = await readLogs(files, options)
  })

program
  .command('rival')
  .description(
    'a second DHCP server that holds port 67, to show the conflict on real sockets; answers the named machines only',
  )
  .requiredOption('-i, --interface <name>', 'interface whose network it gives addresses of')
  .requiredOption('--client <mac>', 'a machine of the demonstration, as often as wanted', collect)
  .addHelpText('after', '\nExit codes: 0 ended by Ctrl+C, 1 no such interface, 3 port 67 is taken or not permitted.')
  .option(...stopOption)
  .action(async (options: RivalOptions) => {
    const { rival } = await import('./rival.ts')
    process.exitCode = await rival(options)
  })

program
  .command('capture')
  .description('print the packets of boots on an interface as they come, with dumpcap, tcpdump, tshark or pktmon')
  .requiredOption('-i, --interface <name>', 'interface to capture on')
  .option('-w, --write <file>', 'pcapng file to write as well')
  .addHelpText('after', '\nExit codes: 0 ended by Ctrl+C, 1 it could not capture, 2 the file cannot be written.')
  .option(...stopOption)
  .action(async (options: CaptureCommandOptions) => {
    const { capture } = await import('./capture.ts')
    process.exitCode = await capture(options)
  })

program
  .command('serve')
  .description('run the whole application for a browser on this machine')
  .option('-c, --config <file>', 'lab file', 'lab.yaml')
  .option('-p, --port <number>', 'TCP port, 0 for any', '0')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--open', 'open the page in a browser')
  .option('--allow-folder <path...>', 'folders beside that of the lab file which a lab written in the browser may name')
  .option(...stopOption)
  .action(async (options: ServeOptions) => {
    const { serve } = await import('./serve.ts')
    process.exitCode = await serve(options)
  })

guardTerminal()

// Whoever reads ends early, as `head` does: nothing is left to be told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  else {
    process.stderr.write(`pxe-lab: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = exitCodes.failed
  }
}
// Worker threads and sockets of a failed start must not keep a finished command alive; what was printed has to arrive.
for (const stream of [process.stdout, process.stderr])
  if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()))
if (process.exitCode !== undefined) process.exit(process.exitCode)
