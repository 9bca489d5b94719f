/** The command line of PXE Lab: its commands and options. `run.ts` runs it, the documentation prints it. */
import { version } from '../version.ts'
import type { ApprovalsOptions, DecisionOptions, Verdict } from './approvals.ts'
import type { AgentOptions } from './agent.ts'
import type { AskOptions } from './ask.ts'
import type { HubCommandOptions } from './hub.ts'
import type { HubBootsOptions } from './hub-boots.ts'
import type { DoctorOptions } from './doctor.ts'
import type { MatrixOptions, SimulateOptions } from './simulate.ts'
import type { CertificateOptions } from './certificate.ts'
import type { CheckOptions } from './check.ts'
import type { ImportOptions } from './import.ts'
import type { EngineOptions } from './engine.ts'
import type { ExportOptions } from './export.ts'
import type { PlanOptions } from './plan.ts'
import type { NextBootOptions } from './next-boot.ts'
import type { RenderOptions } from './render.ts'
import type { ProbeOptions } from './probe.ts'
import type { ReadLogOptions } from './read-log.ts'
import type { RemedyOptions } from './remedy.ts'
import type { RespondOptions } from './respond.ts'
import type { RivalOptions } from './rival.ts'
import type { ScaleOptions } from './scale.ts'
import type { WakeOptions } from './wake.ts'
import type { ImageOptions } from './image.ts'
import type { WindowsPeOptions } from './windows-pe.ts'
import type { SecureBootOptions } from './secure-boot.ts'
import type { ExportLessonsOptions, PrintLessonsOptions } from './lessons.ts'
import type { ServeOptions } from './serve.ts'
import type { CaptureCommandOptions } from './capture.ts'
import { LabCommand } from './command.ts'
import { exitCodes } from './exit-codes.ts'
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
  'stop when standard input closes or receives "stop"; for services and scripts on Windows, which has no SIGTERM',
] as const

export const program = new LabCommand()
  .name('pxe-lab')
  .description(
    'Boot machines over the network (DHCP, proxyDHCP, port 4011, TFTP, HTTP boot), and explain boots that fail.',
  )
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'pxe-lab: ')) })

program
  .command('respond')
  .description('boot machines from a lab file, without a window')
  .option('-c, --config <file>', 'lab file (YAML or JSON); without it lab.yaml, which is written if it does not exist')
  .option('-i, --interface <name>', 'network interface for a new lab.yaml, if several could serve')
  .option('--json', 'print one JSON object per line; the first has type "ready"')
  .option('-q, --quiet', 'print only when it is ready and when it stops')
  .option('--hub <url>', 'send the boots of this responder to a hub, like pxe-lab agent')
  .option('--credentials <file>', 'with --hub: file with site and token (default: PXE_LAB_SITE and PXE_LAB_TOKEN)')
  .option('--ca <file>', 'with --hub: trust certificates of these authorities (PEM)')
  .option('--fingerprint <sha256>', 'with --hub: trust only the certificate with this fingerprint')
  .option('--spool <folder>', 'with --hub: folder for data that waits to be sent')
  .option(...stopOption)
  .addHelpText(
    'after',
    '\nExit codes: 0 stopped cleanly (Ctrl+C, SIGTERM or a closed console), 2 invalid lab file, 3 port in use or not permitted, 4 another DHCP server answers.',
  )
  .action(async (options: RespondOptions) => {
    const { respond } = await import('./respond.ts')
    process.exitCode = await respond(options)
  })

program
  .command('decode')
  .description('print the frames of a capture file, one per line')
  .argument('<file>', 'pcap or pcapng file')
  .option('--json', 'print one JSON object per line (resources/decode.schema.json)')
  .option(
    '--filter <expression>',
    'print only frames that match, such as "dhcp.type == offer && address == 192.168.77.1"',
  )
  .option('--tree', 'print every field of every frame')
  .addHelpText('after', '\nExit codes: 0 success, 2 the file cannot be read or is damaged, 64 invalid filter.')
  .action(async (file: string, options: { json?: boolean; filter?: string; tree?: boolean }) => {
    const { decode } = await import('./decode.ts')
    process.exitCode = await usageChecked(() => decode(file, options))
  })

program
  .command('explain')
  .description('explain each boot in a capture file: what happened, and why')
  .argument('<file>', 'pcap or pcapng file')
  .option('--json', 'print one JSON object (resources/explain.schema.json)')
  .option('--ladder', 'draw the packets as a ladder diagram')
  .option('--client <mac>', 'explain only this machine')
  .addHelpText(
    'after',
    '\nExit codes: 0 no boot failed, 1 a boot failed, 2 the file cannot be read or is damaged, 3 the capture does not show how a boot ended.',
  )
  .action(async (file: string, options: { json?: boolean; ladder?: boolean; client?: string }) => {
    const { explain } = await import('./explain.ts')
    process.exitCode = await explain(file, options)
  })

program
  .command('report')
  .description('write a report on the boots in a capture file, as one self-contained HTML file')
  .argument('<file>', 'pcap or pcapng file')
  .requiredOption('-o, --output <file>', 'HTML file to write')
  .option('--mask', 'mask MAC addresses, IPv4 addresses, client UUIDs and host names')
  .addHelpText('after', '\nExit codes: 0 success, 2 a file cannot be read or written, or the capture is damaged.')
  .action(async (file: string, options: { output: string; mask?: boolean }) => {
    const { report } = await import('./explain.ts')
    process.exitCode = await report(file, options)
  })

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

program
  .command('simulate')
  .description('simulate boots: a built-in scenario, a scenario file or a lab file')
  .argument('[scenario]', 'scenario name or file')
  .option('--list', 'list scenarios and firmware types')
  .option('--client <firmware>', 'boot one machine with this firmware instead of the machines in the scenario')
  .option('--set <path=value>', 'change a setting of the scenario; can be repeated', collect)
  .option('--seed <number>', 'seed for random values: the same seed repeats the same run')
  .option('--json', 'print one JSON object: outcomes, screens, stages, logs, frames (resources/simulate.schema.json)')
  .option('--ladder', 'draw the packets as a ladder diagram')
  .option('--pcapng <file>', "write the frames on the clients' network segment")
  .option('--until <stage>', 'stop when a machine reaches this stage')
  .option('--compare <capture>', 'compare with the boot of a real machine, message by message')
  .option('--lab <file>', 'write a lab file that makes pxe-lab respond act as the first server')
  .option('--dbx <file>', 'revocation list (dbx) of the machines with Secure Boot, such as dbxupdate_x64.bin')
  .addHelpText(
    'after',
    '\nExit codes: 0 every machine boots (with --compare: no differences), 1 a machine does not boot, 2 a file cannot be read or is invalid, 64 invalid option.',
  )
  .action(async (name: string | undefined, options: SimulateOptions) => {
    const { simulate } = await import('./simulate.ts')
    process.exitCode = await usageChecked(() => simulate(name, options))
  })

program
  .command('import')
  .description('read the configuration of a DHCP server: what it offers each type of machine, and which line decides')
  .argument('[file...]', 'configuration files, and the files that they include')
  .option('--mac <address>', 'MAC address of the machine, for reservations')
  .option('--twin', 'simulate the network that the files describe: which machines boot, which do not, and why')
  .option('--lab <file>', 'write a lab file that boots the same machines, and list what a lab file cannot express')
  .option('--before <file...>', 'configuration files in use today, to compare with --after')
  .option('--after <file...>', 'planned configuration files: print which machines will boot differently')
  .option('--json', 'print one JSON object: the configuration as read, and the offers')
  .addHelpText(
    'after',
    '\nExit codes: 0 everything was understood, 1 some lines were not, 2 a file cannot be read or is not recognised.' +
      '\nWith --twin: 0 every machine boots if its boot files exist, 1 some do not, 3 unknown for some.' +
      '\nWith --lab: 0 everything is in the lab file, 1 some lines are not.' +
      '\nWith --before and --after: 0 every machine boots as before, 1 some do not.',
  )
  .action(async (files: string[], options: ImportOptions) => {
    const { importConfiguration } = await import('./import.ts')
    process.exitCode = await usageChecked(() => importConfiguration(files, options))
  })

program
  .command('engine')
  .description('show, apply or remove the boot logic of a lab in the DHCP server that its lab file gives as engine')
  .argument('<action>', 'show, apply or undo')
  .requiredOption('-c, --config <file>', 'lab file with the engine')
  .addHelpText(
    'after',
    '\nThe engine tests each change first. Its previous configuration is kept in the state folder.' +
      '\nExit codes: 0 success (show: the boot logic is applied), 1 not applied, rejected or no answer, 2 the lab file cannot be read or has no engine, 64 unknown action.',
  )
  .action(async (action: string, options: EngineOptions) => {
    const { engine } = await import('./engine.ts')
    process.exitCode = await usageChecked(() => engine(action, options))
  })

program
  .command('matrix')
  .description('simulate every way to run DHCP and PXE on one server or two, with the result for each type of client')
  .option('--json', 'print one JSON array')
  .option('--markdown', 'print a Markdown table')
  .option(
    '--where <column=value>',
    'print only rows with this value in the column dhcp, pxe, listen, option60, files, service or starts; can be repeated',
    collect,
  )
  .action(async (options: MatrixOptions) => {
    const { matrix } = await import('./simulate.ts')
    process.exitCode = await usageChecked(() => Promise.resolve(matrix(options)))
  })

program
  .command('doctor')
  .description('find problems with the boot services of this machine, and show how to fix them')
  .option('--json', 'print one JSON object (resources/doctor.schema.json)')
  .option('--facts <file>', 'check the collected report of another machine')
  .option('--collect', 'print a report about this machine as JSON (resources/facts.schema.json), without checking it')
  .option(
    '--lab <file>',
    'lab file of this machine, for the ports from which it sends files (tftp.ports, tftp.singlePort)',
  )
  .addHelpText(
    'after',
    '\nTo collect a report on a server where PXE Lab is not installed, run resources/collect-facts.ps1 there.' +
      '\nExit codes: 0 no problems, 1 problems found, 2 not enough is known or the file cannot be read, 64 conflicting options.',
  )
  .action(async (options: DoctorOptions) => {
    const { doctor } = await import('./doctor.ts')
    process.exitCode = await usageChecked(() => doctor(options))
  })

program
  .command('ask')
  .description('find the cause of a failed boot, question by question, and a fix that was tried in the simulator')
  .option('--code <code>', 'code or line on the screen, such as E55 or "TFTP open timeout"')
  .option('--capture <file>', 'capture of the failed boot')
  .option('--client <mac>', 'MAC address of the machine in the capture')
  .option('--facts <file>', 'collected report of the DHCP or PXE server (pxe-lab doctor --collect)')
  .option('--answer <observation=answer>', 'answer a question (? if you do not know); can be repeated', collect)
  .option('--json', 'print one JSON object (resources/ask.schema.json)')
  .addHelpText(
    'after',
    '\nOn a terminal, it asks until one cause remains. Otherwise, and with --json, it prints the remaining causes and the best question.' +
      '\nExit codes: 0 one cause remains, 2 a file cannot be read, 3 several causes remain or none fits, 64 invalid code or answer.',
  )
  .action(async (options: AskOptions) => {
    const { ask } = await import('./ask.ts')
    process.exitCode = await usageChecked(() => ask(options))
  })

const remedyProgram = program
  .command('remedy')
  .description('list, apply and undo fixes on this machine')
  .option(
    '--state <folder>',
    'state folder of the lab, which holds the backups (default: that of lab.yaml in the current folder)',
  )
  .addHelpText('after', '\nExit codes: 0 success, 1 failed and nothing was changed, 64 unknown finding or fix.')
  .action(async (options: RemedyOptions) => {
    const { list } = await import('./remedy.ts')
    process.exitCode = await usageChecked(() => list(options))
  })
const remedyOptions = (): RemedyOptions => remedyProgram.opts<RemedyOptions>()
remedyProgram
  .command('apply')
  .description(
    'show the changes that fix a finding, ask for confirmation, back up the current values, and apply the changes',
  )
  .argument('<finding>', 'name of the finding (listed by pxe-lab remedy)')
  .option('--yes', 'apply without confirmation')
  .action(async (name: string, options: { yes?: boolean }) => {
    const { apply } = await import('./remedy.ts')
    process.exitCode = await usageChecked(() => apply(name, { ...remedyOptions(), ...options }))
  })
for (const verb of ['undo', 'finish'] as const)
  remedyProgram
    .command(verb)
    .description(verb === 'undo' ? 'restore the values from before a fix' : 'finish a fix that was interrupted')
    .argument(
      '[id]',
      verb === 'undo'
        ? 'ID of the fix (default: the latest)'
        : 'ID of the fix (default: the latest that was interrupted)',
    )
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
  .description('find the DHCP and PXE servers on a network, and which offer each type of client accepts')
  .requiredOption('-i, --interface <name>', 'interface to send requests on')
  .option('--arch <client>', 'type of client: all, bios, x64-uefi, arm64-uefi, http, x64-uefi-ipv6 or http-ipv6', 'all')
  .option('--rehearse', 'continue as firmware would: lease, port 4011, boot file, the files it loads, block sizes')
  .option('--json', 'print one JSON object (resources/probe.schema.json)')
  .addHelpText(
    'after',
    '\nThe probe leases no address; with --rehearse it leases one and releases it.\nExit codes: 0 no problems, 1 problems found, 2 the network could not be queried, 64 unknown type of client.',
  )
  .action(async (options: ProbeOptions) => {
    const { probe } = await import('./probe.ts')
    process.exitCode = await usageChecked(() => probe(options))
  })

program
  .command('check')
  .description(
    'check a lab file with its boot folder and templates, or compare the DHCP and PXE servers of networks with what you expect, once or on a schedule',
  )
  .option('--expect <file>', 'file of expectations (YAML or JSON, resources/expectations.schema.json)')
  .option(
    '--record <file>',
    'save what is found now as a file of expectations; an existing file is kept as FILE.before',
  )
  .option('-i, --interface <name...>', 'interfaces to record (default: all with an IPv4 address)')
  .option('--config <file>', 'lab file to check; with --record, also record its DHCP engine (Kea)')
  .option('--clients <kind...>', 'types of clients to record: bios, x64-uefi, arm64-uefi, http (default: all)')
  .option(
    '--form <form>',
    'output format: text, json, or for networks nagios (monitoring plugin) or prometheus (text format)',
  )
  .option('--json', 'same as --form json (resources/check.schema.json)')
  .option('--textfile <file>', 'also write metrics for the textfile collector of the Prometheus node exporter')
  .option('--schedule <manager>', 'write a timer definition instead of checking: systemd or windows (Task Scheduler)')
  .option('--every <minutes>', 'how often the timer checks (default: 15)')
  .option('--out <folder>', 'folder for the timer definition (default: the current folder)')
  .addHelpText(
    'after',
    '\nExit codes: 0 as expected, 1 something differs or is wrong, 2 a network could not be queried, or a file cannot be read or written, 64 invalid options.' +
      '\nWith --form nagios: 0 OK, 2 CRITICAL (something differs), 3 UNKNOWN.',
  )
  .action(async (options: CheckOptions) => {
    const { check } = await import('./check.ts')
    process.exitCode = await usageChecked(() => check(options))
  })

program
  .command('secure-boot')
  .description('show who signed boot programs, what they load, and which machines with Secure Boot reject them')
  .argument('[file...]', 'EFI programs, such as shimx64.efi (default: the boot programs of the lab file)')
  .option('-c, --config <file>', 'lab file (lab.yaml)')
  .option(
    '--dbx <file>',
    'revocation list of the machines: dbxupdate_x64.bin or an EFI signature list (default: as published)',
  )
  .option('--json', 'print one JSON object (resources/secure-boot.schema.json)')
  .addHelpText(
    'after',
    '\nExit codes: 0 every program starts on some machines, 1 a program starts on none, 2 a file cannot be read.',
  )
  .action(async (files: string[], options: SecureBootOptions) => {
    const { secureBoot } = await import('./secure-boot.ts')
    process.exitCode = await secureBoot(files, options)
  })

program
  .command('certificate')
  .description('show the certificate authority that machines must trust to boot over HTTPS, or write it to a file')
  .option('-c, --config <file>', 'lab file', 'lab.yaml')
  .option('--form <form>', 'with --out: pem, der, or edk2-cacerts (EFI signature list for OVMF)', 'pem')
  .option('--out <file>', 'write the certificate to this file')
  .addHelpText(
    'after',
    '\nIf the lab has no authority, the command creates one. The private key stays in the state folder.' +
      '\nExit codes: 0 success, 2 a file cannot be read or written, 64 invalid option.',
  )
  .action(async (options: CertificateOptions) => {
    const { certificate } = await import('./certificate.ts')
    process.exitCode = await usageChecked(() => certificate(options))
  })

program
  .command('export')
  .description(
    'convert a lab file, or the configuration of a DHCP server, for another DHCP server, and list what that server does differently',
  )
  .argument('<file>', 'lab file, or a configuration that pxe-lab import reads')
  .requiredOption('--to <server>', 'DHCP server: kea, dnsmasq, dhcpd (ISC), powershell or netsh (Windows)')
  .option('--engine-version <version>', 'version of Kea: 2.2, 2.6 or 3.0 (default: 2.6)')
  .option('--address <address>', 'IPv4 address of the file server, if it is not this machine')
  .option('--tftp-root <folder>', 'folder that dnsmasq itself serves over TFTP')
  .option('--out <folder>', 'write the files to this folder instead of standard output')
  .option('--check', 'test the file with the server installed on this machine')
  .addHelpText(
    'after',
    '\nExit codes: 0 success, 1 the server rejects the file, 2 the file cannot be read or the result cannot be written, 64 unknown server or version.',
  )
  .action(async (file: string, options: ExportOptions) => {
    const { exportLab } = await import('./export.ts')
    process.exitCode = await usageChecked(() => exportLab(file, options))
  })

program
  .command('plan')
  .description('check a Configuration Manager site for OS deployment and upgrades')
  .argument('<site>', 'site file (YAML or JSON, resources/site.schema.json)')
  .option('--json', 'print one JSON object (resources/plan.schema.json)')
  .option('--only <rule...>', 'check only these rules')
  .option(
    '--facts <file...>',
    'collected reports of its servers (pxe-lab doctor --collect), for what the site file does not state',
  )
  .option('--upgrade-to <version>', 'plan an upgrade to this version: its steps, and the risks of each step')
  .addHelpText(
    'after',
    '\nExit codes: 0 all rules are met, 1 a rule is violated, 2 something is unknown or the file cannot be read, 64 unknown rule.',
  )
  .action(async (file: string, options: PlanOptions) => {
    const { plan } = await import('./plan.ts')
    process.exitCode = await usageChecked(() => plan(file, options))
  })

program
  .command('scale')
  .description(
    'plan to boot many machines at once: how many servers, which block and window size, TFTP or HTTP; each option is simulated',
  )
  .requiredOption('--machines <number>', 'number of machines, 1 to 100000')
  .option('--minutes <minutes>', 'time from switching on the first machine until the last one is done', '15')
  .option('--within <seconds>', 'time in which all machines are switched on', '4')
  .option('--no-spread', 'do not consider switching the machines on more slowly, only more servers')
  .option('--bandwidth <Mbit/s>', 'link speed of one server', '1000')
  .option('--latency <ms>', 'delay between server and machines, one way', '0.05')
  .option('--loss <percent>', 'percentage of frames that are lost', '0')
  .option('--mtu <bytes>', 'largest IP packet of the network, 576 to 9216', '1500')
  .option('--program <size>', 'size of the boot program, such as 32K or 1.5M', '1M')
  .option('--image <size>', 'size of the image that is loaded next, such as 400M; its time is calculated')
  .option('--firmware <type>', 'edk2 (UEFI x64) or bios', 'edk2')
  .option('--block <bytes>', 'largest TFTP block size that the server grants today', '1468')
  .option('--window <blocks>', 'largest TFTP window size that the server grants today', '4')
  .option('--measured <file>', 'output of pxe-lab probe --rehearse --json, for measured transfer rates of the image')
  .option('--seed <number>', 'seed for random values: the same seed repeats the same run', '1')
  .option('--json', 'print one JSON object (resources/scale.schema.json)')
  .addHelpText(
    'after',
    '\nExit codes: 0 an option meets the goal, 1 none does, 2 cancelled or a file cannot be read, 64 invalid option.',
  )
  .action(async (options: ScaleOptions) => {
    const { scale } = await import('./scale.ts')
    process.exitCode = await usageChecked(() => scale(options))
  })

program
  .command('windows-pe')
  .description('show what a Windows image (.wim) contains and whether it boots, and write its boot configuration (BCD)')
  .argument('<image>', 'the .wim file')
  .option('--store <file>', 'write the boot configuration to this file, such as boot/Boot/BCD')
  .option('--path <path>', 'path of the image in the boot folder (default: \\Boot\\ and its file name)')
  .option('--sdi <path>', 'path of boot.sdi in the boot folder', '\\Boot\\boot.sdi')
  .option('--firmware <type>', 'uefi or bios; each needs a boot configuration of its own', 'uefi')
  .option('--title <text>', 'name in the boot menu (default: the name of the image)')
  .option('--block <bytes>', 'RamDiskTFTPBlockSize (default: the measured size, or 1456)')
  .option('--window <blocks>', 'RamDiskTFTPWindowSize (default: the measured size, or 4)')
  .option('--measure <interface>', 'measure on this network which block and window sizes work, and use the best')
  .option(
    '--measured <file>',
    'use the sizes that pxe-lab probe --rehearse --json measured, or that a capture (.pcap) shows',
  )
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nExit codes: 0 the image boots, 1 it does not boot, 2 a file cannot be read or written, 64 invalid option.',
  )
  .action(async (image: string, options: WindowsPeOptions) => {
    const { windowsPe } = await import('./windows-pe.ts')
    process.exitCode = await usageChecked(() => windowsPe(image, options))
  })

program
  .command('image')
  .description(
    'show what a disc image (.iso) contains, what machines load from it over the network, and how much memory they need',
  )
  .argument('<image>', 'disc image of a Linux distribution or of Windows')
  .option(
    '--server <address>',
    'address where the contents of the image are served, such as http://192.168.77.1/debian.iso',
    '{image}',
  )
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nExit codes: 0 machines can boot from it, 1 no way to boot from it is known, 2 the file cannot be read or is not a disc image, 64 invalid option.',
  )
  .action(async (image: string, options: ImageOptions) => {
    const { showImage } = await import('./image.ts')
    process.exitCode = await showImage(image, options)
  })

program
  .command('read-log')
  .description(
    'explain the logs of WDS, Configuration Manager, Windows Setup and DHCP servers on Linux, by machine and by step',
  )
  .argument(
    '<log...>',
    'log files (compressed or not) or folders of log files; - for standard input; the files of a rolled log (.lo_) are read as one log',
  )
  .option('--machine <id>', 'only machines whose MAC address or GUID contains this')
  .option('--from <time>', 'only entries from this time on, in the time of the log')
  .option('--to <time>', 'only entries up to this time; a date includes the whole day')
  .option('--capture <file>', 'capture of the same period, to show both on one timeline')
  .option('--json', 'print one JSON object per log (resources/read-log.schema.json)')
  .addHelpText(
    'after',
    '\nExit codes: 0 no failures, 1 failures, 2 a file cannot be read, 3 failures of unknown cause.',
  )
  .action(async (files: readonly string[], options: ReadLogOptions) => {
    const { readLogs } = await import('./read-log.ts')
    process.exitCode = await readLogs(files, options)
  })

program
  .command('rival')
  .description('start a rogue DHCP server (demo) that answers only the given clients')
  .requiredOption('-i, --interface <name>', 'interface to serve; addresses come from its network')
  .requiredOption('--client <mac>', 'MAC address of a client; can be repeated', collect)
  .addHelpText(
    'after',
    '\nExit codes: 0 stopped by Ctrl+C, 1 no such interface, 3 port 67 in use or not permitted, 64 invalid MAC address.',
  )
  .option(...stopOption)
  .action(async (options: RivalOptions) => {
    const { rival } = await import('./rival.ts')
    process.exitCode = await rival(options)
  })

program
  .command('capture')
  .description('capture boots on an interface with dumpcap, tcpdump, tshark or pktmon, and print each packet')
  .requiredOption('-i, --interface <name>', 'interface to capture on')
  .option('-w, --write <file>', 'also write a pcapng file')
  .addHelpText('after', '\nExit codes: 0 stopped by Ctrl+C, 1 capture not possible, 2 the file cannot be written.')
  .option(...stopOption)
  .action(async (options: CaptureCommandOptions) => {
    const { capture } = await import('./capture.ts')
    process.exitCode = await capture(options)
  })

program
  .command('serve')
  .description('serve the whole application as a local web page')
  .option('-c, --config <file>', 'lab file', 'lab.yaml')
  .option('-p, --port <number>', 'TCP port, or 0 for a free one', '0')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--tls', 'use HTTPS with a certificate that PXE Lab makes and keeps in the state folder')
  .option('--tls-cert <file>', 'use HTTPS with this certificate (PEM, followed by its intermediate certificates)')
  .option('--tls-key <file>', 'private key of --tls-cert (PEM)')
  .option('--open', 'open the page in a browser')
  .option('--class [address]', 'also open a class for students, at this address and port (default: 0.0.0.0:8067)')
  .option('--api', 'also serve the REST API (resources/openapi.json); programs log in with a token')
  .option('--allow-folder <path...>', 'let a lab file that is edited in the browser use these folders too')
  .option(...stopOption)
  .action(async (options: ServeOptions) => {
    const { serve } = await import('./serve.ts')
    process.exitCode = await serve(options)
  })

const lessonsProgram = program
  .command('lessons')
  .description('list the lessons of the simulator')
  .action(async () => {
    const { listLessons } = await import('./lessons.ts')
    process.exitCode = await listLessons()
  })
lessonsProgram
  .command('export')
  .description('write lessons as a SCORM 1.2 package for a learning platform')
  .argument('[lesson]', 'name of a lesson, or a lesson file (default: the whole course)')
  .option('-o, --out <file>', 'zip file to write')
  .option('--blind', 'use blind mode: titles do not give the answer away')
  .action(async (lesson: string | undefined, options: ExportLessonsOptions) => {
    const { exportLessons } = await import('./lessons.ts')
    process.exitCode = await exportLessons(lesson, options)
  })

lessonsProgram
  .command('print')
  .description('write lessons as a page to print: exercises with room for answers, followed by the answers')
  .argument('[lesson]', 'name of a lesson (default: the whole course)')
  .option('-o, --out <file>', 'HTML file to write')
  .option('--seed <number>', 'variant: each has other names, addresses and faults', '1')
  .option('--blind', 'use blind mode: titles do not give the answer away')
  .action(async (lesson: string | undefined, options: PrintLessonsOptions) => {
    const { printLessons } = await import('./lessons.ts')
    process.exitCode = await usageChecked(() => printLessons(lesson, options))
  })

program
  .command('wake')
  .description('wake machines (Wake on LAN): broadcast a magic packet to UDP port 9 on each network of a lab')
  .argument('[machine...]', 'MAC address, or the name of a machine in the lab file')
  .option(
    '--group <name>',
    'wake this group of the lab file in its order; pxe-lab serve must be running with that file',
  )
  .option('-c, --config <file>', 'lab file with interfaces and machine names (default: lab.yaml)')
  .option('-i, --interface <name>', 'send on this interface instead of those of the lab; can be repeated', collect)
  .option('--password <octets>', 'SecureOn password of the network card, such as 01:02:03:0a:0b:0c or 192.168.0.1')
  .addHelpText(
    'after',
    '\nA machine does not confirm that it wakes: you see it when it boots. Routers do not forward magic packets.' +
      '\nExit codes: 0 sent on every network, 1 not sent on some network, 2 the lab file cannot be used, 64 invalid machine or option.',
  )
  .action(async (machines: readonly string[], options: WakeOptions) => {
    const { wake } = await import('./wake.ts')
    process.exitCode = await usageChecked(() => wake(machines, options))
  })

program
  .command('next-boot')
  .description('list or choose what machines load at their next boot only, in a lab that pxe-lab serve runs')
  .argument('[machine]', 'MAC address, or the name of a machine in the lab file')
  .argument('[file]', 'file in the boot folder, or a URL')
  .option('--local-disk', 'start from the local disk instead of a file')
  .option('--undo', 'remove the choice for the machine')
  .option('-c, --config <file>', 'lab file that pxe-lab serve runs with', 'lab.yaml')
  .option('--json', 'print one JSON array')
  .addHelpText(
    'after',
    '\nThe choice is used up when the machine begins to load the file, not when it only asks for an address.' +
      '\nExit codes: 0 success, 1 no lab is running, or the choice cannot be set, 64 invalid machine or option.',
  )
  .action(async (machine: string | undefined, file: string | undefined, options: NextBootOptions) => {
    const { nextBoot } = await import('./next-boot.ts')
    process.exitCode = await usageChecked(() => nextBoot(machine, file, options))
  })

program
  .command('render')
  .description('show a file in the boot folder as a machine would get it, with the placeholders filled in')
  .argument('<file>', 'file in the boot folder')
  .option('--mac <address>', 'MAC address, or the name of a machine in the lab file')
  .option('--uuid <uuid>', 'UUID of the machine; can replace --mac if the lab file has it under machines')
  .option('--serial <number>', 'serial number of the machine; can replace --mac in the same way')
  .option('--asset <tag>', 'asset tag of the machine; can replace --mac in the same way')
  .option('--hostname <name>', 'host name that the machine sends')
  .option('--ip <address>', 'IP address of the machine (default: the one reserved for it)')
  .option('--architecture <key>', 'architecture of the machine, such as bios or x64-uefi')
  .option('-c, --config <file>', 'lab file', 'lab.yaml')
  .option('--json', 'print one JSON object, with the parts that were filled in')
  .addHelpText(
    'after',
    '\nSecrets are not shown.' +
      '\nExit codes: 0 success, 1 a placeholder has no value or the file cannot be read, 2 the lab file cannot be used, 64 invalid option.',
  )
  .action(async (file: string, options: RenderOptions) => {
    const { render } = await import('./render.ts')
    process.exitCode = await usageChecked(() => render(file, options))
  })

const approvalsProgram = program
  .command('approvals')
  .description(
    'list the machines that wait for approval in a running lab (pxe-lab serve with role: wds), and approve or refuse them',
  )
  .option('-c, --config <file>', 'lab file of the running pxe-lab serve', 'lab.yaml')
  .option('--state <folder>', 'state folder of the lab, instead of --config')
  .option('--json', 'print a JSON array; with a decision, one JSON object per request')
  .addHelpText(
    'after',
    '\nName a request by its ID or MAC address, or write all for every pending request.' +
      '\nExit codes: 0 success, 1 the lab is not running or there is no such request, 64 invalid option or no such lab file.',
  )
  .action(async (options: ApprovalsOptions) => {
    const { listApprovals } = await import('./approvals.ts')
    process.exitCode = await usageChecked(() => listApprovals(options))
  })
const decideOn = async (
  verdict: Verdict,
  requests: readonly string[],
  options: Partial<DecisionOptions>,
): Promise<void> => {
  const { decide } = await import('./approvals.ts')
  const all = { ...approvalsProgram.opts<ApprovalsOptions>(), ...options }
  process.exitCode = await usageChecked(() => decide(verdict, requests, all))
}
for (const [verdict, says] of [
  ['approve', 'approve requests: the machines boot'],
  ['refuse', 'refuse requests: the machines do not boot'],
] as const)
  approvalsProgram
    .command(verdict)
    .description(says)
    .argument('<request...>')
    .option('--name <name>', 'give the machine this name')
    .option('--remember', 'also use the decision for later boots')
    .action((requests: string[], options: Partial<DecisionOptions>) => decideOn(verdict, requests, options))
approvalsProgram
  .command('name')
  .description('give a machine a name, without deciding on it')
  .argument('<request>')
  .argument('<name>')
  .action((request: string, name: string) => decideOn('name', [request], { name }))
approvalsProgram
  .command('remember')
  .description('also use decisions that were made for one boot for later boots')
  .argument('<request...>')
  .action((requests: string[]) => decideOn('remember', requests, {}))
approvalsProgram
  .command('forget')
  .description('remove requests from the list; the machine asks again at its next boot')
  .argument('<request...>')
  .action((requests: string[]) => decideOn('forget', requests, {}))

program
  .command('agent')
  .description(
    'capture boots on interfaces, or take those of a responder, and send them to a hub; it answers no machine',
  )
  .option('--hub <url>', 'address of the hub, https://NAME:PORT')
  .option('-i, --interface <name>', 'interface to capture on; can be repeated', collect)
  .option(
    '--beside <lab-file>',
    'instead of --interface: take the packets and decisions of the pxe-lab serve that runs with this lab file',
  )
  .option('--credentials <file>', 'file with site and token (default: PXE_LAB_SITE and PXE_LAB_TOKEN)')
  .option('--ca <file>', 'trust certificates of these authorities (PEM) instead of those of the system')
  .option('--fingerprint <sha256>', 'trust only the certificate with this fingerprint')
  .option('--spool <folder>', 'folder for data that waits to be sent (default: in the state folder of the system)')
  .option('--spool-limit <MiB>', 'maximum size of the spool folder; when it is full, the oldest data is deleted', '256')
  .option('--status', 'show the state of the agent that uses this spool folder')
  .option('--json', 'with --status: print one JSON object')
  .option(...stopOption)
  .addHelpText(
    'after',
    '\nExit codes: 0 stopped cleanly, 1 capture not possible, 64 invalid option.' +
      '\nWith --status: 0 the agent sends, 1 the hub does not accept what it sends, 2 the agent is not running, 3 boots were lost.',
  )
  .action(async (options: AgentOptions) => {
    const { agent } = await import('./agent.ts')
    process.exitCode = await agent(options)
  })

const hubProgram = program
  .command('hub')
  .description('receive the boots of many sites from their agents, and show them in a window')
  .option('--folder <folder>', 'folder for tokens, index and captures (default: in the state folder of the system)')
  .option('--host <address>', 'address to listen on', '0.0.0.0')
  .option('-p, --port <number>', 'TCP port', '8910')
  .option('--tls-cert <file>', "certificate (PEM) instead of the hub's own")
  .option('--tls-key <file>', 'private key of --tls-cert (PEM)')
  .option(
    '--s3 <url>',
    'store captures in this bucket, https://SERVER/BUCKET; the key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ) // prettier-ignore
  .option('--keep-days <number>', 'delete boots and captures after this many days')
  .option('--window-host <address>', 'address of the window; it uses TLS unless the address is 127.0.0.1', '127.0.0.1')
  .option('--window-port <number>', 'TCP port of the window', '8911')
  .option('--no-window', 'receive boots without a window')
  .option(...stopOption)
  .addHelpText(
    'after',
    '\nWithout options, the hub listens for agents on every address, port 8910, and opens its window to this machine only.' +
      '\nIt keeps everything in its folder and deletes nothing. Each site needs a token to send boots.' +
      '\nThe index is in SQLite. To use PostgreSQL, set PXE_LAB_HUB_DATABASE to its address.' +
      '\nExit codes: 0 stopped cleanly, 3 a port is in use, or the disk or the database cannot be used, 64 invalid option.',
  )
  .action(async (options: HubCommandOptions) => {
    const { hub } = await import('./hub.ts')
    process.exitCode = await hub(options)
  })
hubProgram
  .command('boots')
  .description('list or count the boots of all sites; the hub may be running')
  .option(
    '--by <what>',
    'count boots by site, machine, model, vendor, firmware, architecture, outcome, code, bootFile or server',
  ) // prettier-ignore
  .option(
    '--where <name=value>',
    'only boots that match, such as site=branch-1, class=failed or machine=52:54:00; can be repeated',
    collect,
  ) // prettier-ignore
  .option('--since <time>', 'only boots since a date, or in the last hours or days, such as 24h or 7d')
  .option('--csv', 'print CSV with all columns')
  .option('--json', 'print one JSON object per line')
  .addHelpText('after', '\nExit codes: 0 success, 2 the folder has no index, 64 invalid option.')
  .action(async (options: HubBootsOptions) => {
    const { hubBoots } = await import('./hub-boots.ts')
    process.exitCode = await hubBoots({ ...hubProgram.opts<HubCommandOptions>(), ...options })
  })
const tokenProgram = hubProgram.command('token').description('create, list and revoke the tokens of sites')
tokenProgram
  .command('add')
  .description('create a token for a site, and print the credentials file for its agent')
  .argument('<site>')
  .action(async (site: string) => {
    const { addToken } = await import('./hub.ts')
    process.exitCode = await addToken(site, hubProgram.opts<HubCommandOptions>())
  })
tokenProgram
  .command('list')
  .description('list tokens')
  .action(async () => {
    const { listTokens } = await import('./hub.ts')
    process.exitCode = await listTokens(hubProgram.opts<HubCommandOptions>())
  })
tokenProgram
  .command('revoke')
  .description('revoke a token, or all tokens of a site')
  .argument('<id-or-site>')
  .action(async (idOrSite: string) => {
    const { revokeToken } = await import('./hub.ts')
    process.exitCode = await revokeToken(idOrSite, hubProgram.opts<HubCommandOptions>())
  })
