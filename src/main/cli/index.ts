/** The command line of PXE Lab. */
import { Command, CommanderError } from 'commander'
import { version } from '../version.ts'
import { exitCodes } from './exit-codes.ts'

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
  .description('run a lab without a window until SIGINT or SIGTERM')
  .requiredOption('-c, --config <file>', 'lab file (YAML or JSON)')
  .option('--json', 'one JSON object a line, the first of type "ready"')
  .option('-q, --quiet', 'only tell when it is ready and when it stops')
  .addHelpText(
    'after',
    '\nExit codes: 0 ended cleanly, 2 bad lab file, 3 a port is taken or not permitted, 4 another DHCP server answers.',
  )
  .action(async (options: { config: string; json?: boolean; quiet?: boolean }) => {
    const { respond } = await import('./respond.ts')
    process.exitCode = await respond(options)
  })

program
  .command('decode')
  .description('print what a capture file holds, a line for each frame')
  .argument('<file>', 'pcap or pcapng file')
  .option('--json', 'one JSON object a line')
  .addHelpText('after', '\nExit codes: 0 the whole file was read, 2 it cannot be read or is damaged.')
  .action(async (file: string, options: { json?: boolean }) => {
    const { decode } = await import('./decode.ts')
    process.exitCode = await decode(file, options)
  })

program
  .command('serve')
  .description('run the whole application for a browser on this machine')
  .option('-c, --config <file>', 'lab file', 'lab.yaml')
  .option('-p, --port <number>', 'TCP port, 0 for any', '0')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--open', 'open the page in a browser')
  .action(async (options: { config: string; port: string; host: string; open?: boolean }) => {
    const { serve } = await import('./serve.ts')
    process.exitCode = await serve(options)
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
// Worker threads and sockets of a failed start must not keep a finished command alive.
if (process.exitCode !== undefined) process.exit(process.exitCode)
