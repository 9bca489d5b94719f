/**
 * `resources/collect-facts.ps1`, which nobody has tried before an administrator runs it: it is PowerShell, and of all that
 * PowerShell can do it does only what is listed here. It may read and nothing else, but for the one file it is there for.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { Language, Parser, type Node } from 'web-tree-sitter'
import { windowsCommands } from '../../src/main/inspect/windows-facts.ts'

/** Its own functions, what shapes objects and text, what shows how far it is, and what reads. */
const commands: ReadonlySet<string> = new Set([
  'Add-Source', 'Add-Lines',
  'New-Object', 'Add-Type', 'ForEach-Object', 'Where-Object', 'ConvertTo-Json', 'Write-Output', 'Write-Progress', 'Write-Warning',
  'Get-Command', 'Get-ItemProperty', 'Get-ChildItem', 'Get-AuthenticodeSignature', 'Test-Path', 'Join-Path',
  'NetTCPIP\\Get-NetIPAddress', 'NetTCPIP\\Get-NetIPInterface', 'NetTCPIP\\Get-NetUDPEndpoint', 'NetAdapter\\Get-NetAdapter',
  'DhcpServer\\Get-DhcpServerv4Policy', 'DhcpServer\\Get-DhcpServerv4OptionValue', 'DhcpServer\\Get-DhcpServerv4Scope',
  'DhcpServer\\Get-DhcpServerv4Class', 'DhcpServer\\Get-DhcpServerv4Failover', 'ServerManager\\Get-WindowsFeature',
  'NetConnection\\Get-NetConnectionProfile', 'Get-NetConnectionProfile', 'Get-DhcpServerv4Class', 'Get-DhcpServerv4Failover', 'Get-WindowsFeature',
  'Get-NetUDPEndpoint', 'Get-DhcpServerv4Policy', 'Get-DhcpServerv4OptionValue', 'Get-DhcpServerv4Scope',
]) // prettier-ignore

/** Methods of .NET. Only `Start`, which starts the tools of the table, and `WriteAllText` reach beyond this process. */
const methods: ReadonlySet<string> = new Set([
  'GetFolderPath', 'GetEncoding', 'Start', 'Close', 'ReadToEndAsync', 'WaitAll', 'Wait', 'WaitForExit', 'WaitOne', 'Kill', 'Dispose',
  'Create', 'AddScript', 'BeginInvoke', 'EndInvoke', 'BeginStop', 'Complete', 'ReadAll', 'ToString', 'Trim', 'ToFileTimeUtc',
  'GetUnresolvedProviderPathFromPSPath', 'WriteAllText', 'WriteLine', 'Substring', 'TrimEnd',
  'ReadAllBytes', 'ToInt32', 'ToUInt16', 'Decode',
]) // prettier-ignore

const types: ReadonlySet<string> = new Set([
  'string', 'string[]', 'scriptblock', 'ordered', 'int', 'ref', 'Parameter', 'Environment', 'Console', 'DateTime', 'PowerShell', 'char', 'array', 'ipaddress',
  'Text.Encoding', 'Diagnostics.Process', 'Threading.Tasks.Task', 'Threading.Tasks.Task[]', 'Globalization.CultureInfo', 'IO.File', 'BitConverter', 'byte[]',
]) // prettier-ignore

/** What it makes objects of. */
const made: ReadonlySet<string> = new Set([
  'Diagnostics.ProcessStartInfo', 'Text.UTF8Encoding', 'Management.Automation.PSDataCollection[PSObject]', 'Security.Cryptography.Pkcs.SignedCms',
]) // prettier-ignore

/** Arguments with which a tool of Windows reads. */
const readings =
  /^(reg\.exe query |sc\.exe query |netstat\.exe |tasklist\.exe |whoami\.exe |netsh\.exe (dhcp (server dump|show server)|interface ipv4 show excludedportrange protocol=udp)$|wdsutil\.exe \/Get-Server |wevtutil\.exe qe )/

let parser: Parser
beforeAll(async () => {
  await Parser.init()
  const file = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')
  parser = new Parser().setLanguage(await Language.load(file))
})

function nodesOf(script: string): Node[] {
  const walk = (node: Node): Node[] => [node, ...node.children.flatMap(walk)]
  return walk(parser.parse(script)!.rootNode)
}

/** Where it is no PowerShell, and where it does what it may not. */
function problems(script: string): string[] {
  return nodesOf(script).flatMap((node): string[] => {
    const at = `line ${node.startPosition.row + 1}, column ${node.startPosition.column + 1}: `
    const told = (what: string): string[] => [`${at}${what}`]
    if (node.isError || node.isMissing) return told(`no PowerShell: ${node.text.slice(0, 40)}`)
    if (node.type === 'command_name' && !commands.has(node.text)) return told(`command ${node.text}`)
    // & and . run whatever the value behind them names.
    if (node.type === 'command_invokation_operator') return told(`operator ${node.text}`)
    if (node.type === 'redirection') return told(`redirection ${node.text}`)
    if (node.type === 'type_spec' && !types.has(node.text.replaceAll(/\s/g, ''))) return told(`type ${node.text}`)
    // It may load an assembly of the system, and compile nothing.
    if (
      node.type === 'command' &&
      node.text.startsWith('Add-Type ') &&
      node.text !== 'Add-Type -AssemblyName System.Security'
    )
      return told(`command ${node.text}`)
    if (node.type === 'command' && node.text.startsWith('New-Object ')) {
      const name = /^New-Object -TypeName '?([^\s']+)/.exec(node.text)?.[1] ?? ''
      return made.has(name) ? [] : told(`object ${name}`)
    }
    if (node.type === 'invokation_expression') {
      const name = node.children.find((one) => one.type === 'member_name')?.text ?? node.text
      if (!methods.has(name)) return told(`method ${name}`)
    }
    return []
  })
}

const script = readFileSync(new URL('../../resources/collect-facts.ps1', import.meta.url), 'utf8')

describe('collect-facts.ps1', () => {
  test('is PowerShell, and does nothing that is not listed', () => expect(problems(script)).toEqual([]))

  test('every entry of the list is needed', () => {
    const inside = Object.values(windowsCommands).filter(([program]) => program === 'powershell.exe').map((one) => one.at(-1)).join('\n') // prettier-ignore
    const used = nodesOf(`${script}\n${inside}`)
    const names = new Set(used.filter((one) => one.type === 'command_name').map((one) => one.text))
    expect([...commands].filter((one) => !names.has(one))).toEqual([])
    const called = new Set(used.filter((one) => one.type === 'member_name').map((one) => one.text))
    expect([...methods].filter((one) => !called.has(one))).toEqual([])
    const named = new Set(used.filter((one) => one.type === 'type_spec').map((one) => one.text))
    expect([...types].filter((one) => !named.has(one))).toEqual([])
  })

  test('writes one file, and that at its end', () => {
    expect(script.match(/WriteAllText/g)).toHaveLength(1)
    expect(script.indexOf('WriteAllText')).toBeGreaterThan(script.lastIndexOf('Add-Lines'))
    expect(script.match(/Process\]::Start/g)).toHaveLength(1)
  })

  test('is read the same in every code page', () => expect(script).toMatch(/^[\n\x20-\x7e]*$/))

  test('the tools only read, those of the doctor and those of the script', () => {
    const tools = Object.values(windowsCommands).map((one) => one.join(' '))
    const plain = tools.filter((one) => !one.startsWith('powershell.exe '))
    expect(plain.length).toBeGreaterThan(20)
    expect(plain.filter((one) => !readings.test(one))).toEqual([])
    const scripts = Object.values(windowsCommands).filter(([program]) => program === 'powershell.exe').map((one) => one.at(-1)!) // prettier-ignore
    expect(scripts).toHaveLength(4)
    expect(scripts.flatMap(problems)).toEqual([])
  })

  test.each([
    ['Remove-Item facts.json', 'command Remove-Item'],
    ['Set-ItemProperty HKLM:\\x a 1', 'command Set-ItemProperty'],
    ['if ($true) { Get-Process | Stop-Process }', 'command Get-Process'],
    ['& $program', 'operator &'],
    ['. ./other.ps1', 'operator .'],
    ['Write-Output 1 > file', 'redirection > file'],
    ['[IO.File]::Delete("x")', 'method Delete'],
    ['[Microsoft.Win32.Registry]::SetValue("a", "b", 1)', 'type Microsoft.Win32.Registry'],
    ['Invoke-Expression "x"', 'command Invoke-Expression'],
    ['Add-Type -TypeDefinition $code', 'command Add-Type -TypeDefinition'],
    ['New-Object -TypeName Net.WebClient', 'object Net.WebClient'],
    ['New-Object -ComObject Shell.Application', 'object '],
    ['"text $(Clear-Content x)"', 'command Clear-Content'],
    ['foreach ($one in 1', 'no PowerShell'],
  ])('the rule finds %s', (text, told) => {
    expect(problems(text).join('\n')).toContain(told)
  })
})
