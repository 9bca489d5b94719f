/**
 * A plan as PowerShell for the DHCP server of Windows Server 2012 and later (module DhcpServer): a script that writes down
 * what was there before it changes anything, and one that puts it back. Both files are ASCII, whatever the lab says.
 */
import { formatIpv4 } from '../../wire/bytes.ts'
import { commentText, Notes, type Exported, type ServicePlan } from './plan.ts'
import { wdsFiles } from './wds.ts'
import {
  dottedMask,
  isPrefixField,
  planOfWindows,
  type WindowsCriterion,
  type WindowsOption,
  type WindowsPlan,
} from './windows-plan.ts'

/**
 * Text as an expression that means nothing but itself: in single quotes nothing is expanded, a quote is doubled, and what is
 * not printable ASCII stands as its number, for PowerShell takes typographic quotes for quotes too (about_Quoting_Rules).
 */
export function powershellText(text: string): string {
  const parts: string[] = []
  let plain = ''
  const close = (): void => {
    if (plain !== '') parts.push(`'${plain.replaceAll("'", "''")}'`)
    plain = ''
  }
  for (const unit of text.split(''))
    if (/^[ -~]$/.test(unit)) plain += unit
    else {
      close()
      parts.push(`[char]${unit.charCodeAt(0)}`)
    }
  close()
  if (parts.length === 0) return "''"
  // The first makes the sum a text.
  if (parts.length === 1 && parts[0]!.startsWith("'")) return parts[0]!
  return `(${parts[0]!.startsWith("'") ? '' : "'' + "}${parts.join(' + ')})`
}

const list = (texts: readonly string[]): string => `@(${texts.join(', ')})`
const asciiComment = (text: string): string => commentText(text).replaceAll(/[^ -~]/gu, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`) // prettier-ignore

/** Names of the files, which name each other. */
const journal = 'pxe-lab-dhcp-before.xml'
const undoName = 'pxe-lab-dhcp-undo.ps1'

/** What the script may undo; nothing else is run from the file that it keeps. */
const undoCommands = [
  'Remove-DhcpServerv4Class',
  'Remove-DhcpServerv4OptionDefinition',
  'Remove-DhcpServerv4OptionValue',
  'Remove-DhcpServerv4Policy',
  'Remove-DhcpServerv4Reservation',
  'Remove-DhcpServerv4Scope',
  'Set-DhcpServerv4OptionValue',
] as const

const prelude = `#Requires -Version 3.0
#Requires -RunAsAdministrator
#Requires -Modules DhcpServer
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ConfirmPreference = 'None'
$journal = Join-Path $PSScriptRoot '${journal}'
if (Test-Path -LiteralPath $journal) { throw "$journal is there: this lab is set up already. Run ${undoName} first." }
$steps = New-Object System.Collections.ArrayList

# Kept before each change, so that a script that stops half-way can be undone too.
function Add-Undo([string]$Command, [hashtable]$With) {
  $steps.Insert(0, @{ Command = $Command; With = $With })
  Export-Clixml -LiteralPath $journal -InputObject $steps -Depth 6
}

# A class of these data, under whatever name it has here.
function Use-Class([string]$Type, [string]$Name, [string]$Data) {
  $found = @(Get-DhcpServerv4Class -Type $Type | Where-Object { $_.AsciiData -ceq $Data })
  if ($found.Count -gt 0) { return $found[0].Name }
  Add-Undo 'Remove-DhcpServerv4Class' @{ Type = $Type; Name = $Name }
  Add-DhcpServerv4Class -Type $Type -Name $Name -Data $Data -Description 'PXE Lab'
  return $Name
}

function Use-Option([uint32]$OptionId, [string]$Name, [string]$Type, [bool]$MultiValued) {
  $found = Get-DhcpServerv4OptionDefinition -OptionId $OptionId -ErrorAction SilentlyContinue
  if ($found) {
    if ($found.Type -ne $Type) { throw "Option $OptionId is defined as $($found.Type) here, and the lab needs $Type. Change its definition, or leave the option out of the lab." }
    return
  }
  Add-Undo 'Remove-DhcpServerv4OptionDefinition' @{ OptionId = $OptionId }
  Add-DhcpServerv4OptionDefinition -OptionId $OptionId -Name $Name -Type $Type -MultiValued:$MultiValued
}

# A scope that is there keeps its range, lease and state: only options, policies and reservations are added.
function Use-Scope([string]$ScopeId, [string]$Name, [string]$SubnetMask, [string]$StartRange, [string]$EndRange, [uint32]$LeaseSeconds) {
  $found = Get-DhcpServerv4Scope -ScopeId $ScopeId -ErrorAction SilentlyContinue
  if ($found) {
    if ([string]$found.SubnetMask -ne $SubnetMask) { throw "Scope $ScopeId has the mask $($found.SubnetMask) here, and $SubnetMask in the lab." }
    Write-Warning "Scope $ScopeId is there: its range, exclusions, lease and state stay as they are."
    if (Get-DhcpServerv4Policy -ScopeId $ScopeId -ErrorAction SilentlyContinue) { Write-Warning "Scope $ScopeId has policies: where they name the same options, they stand over those of the lab." }
    return $false
  }
  Add-Undo 'Remove-DhcpServerv4Scope' @{ ScopeId = $ScopeId; Force = $true }
  Add-DhcpServerv4Scope -Name $Name -StartRange $StartRange -EndRange $EndRange -SubnetMask $SubnetMask -LeaseDuration ([TimeSpan]::FromSeconds($LeaseSeconds)) -State InActive
  return $true
}

function Use-Reservation([string]$ScopeId, [string]$IPAddress, [string]$ClientId, [string]$Name) {
  $found = Get-DhcpServerv4Reservation -IPAddress $IPAddress -ErrorAction SilentlyContinue
  if ($found) {
    if (($found.ClientId -replace '-') -ne ($ClientId -replace '-')) { throw "$IPAddress is reserved for $($found.ClientId) here, and for $ClientId in the lab." }
    return
  }
  Add-Undo 'Remove-DhcpServerv4Reservation' @{ IPAddress = $IPAddress }
  Add-DhcpServerv4Reservation -ScopeId $ScopeId -IPAddress $IPAddress -ClientId $ClientId -Name $Name -Type Both
}

function Add-Policy([string]$ScopeId, [string]$Name, [hashtable]$Criteria) {
  Add-Undo 'Remove-DhcpServerv4Policy' @{ ScopeId = $ScopeId; Name = $Name }
  Add-DhcpServerv4Policy -ScopeId $ScopeId -Name $Name -Condition And -Description 'PXE Lab' @Criteria
}

# $At is a scope, a policy of a scope, or a reserved address.
function Set-Option([hashtable]$At, [uint32]$OptionId, [string[]]$Value) {
  $before = Get-DhcpServerv4OptionValue @At -OptionId $OptionId -ErrorAction SilentlyContinue
  if ($before) { Add-Undo 'Set-DhcpServerv4OptionValue' ($At + @{ OptionId = $OptionId; Value = [string[]]$before.Value; Force = $true }) }
  else { Add-Undo 'Remove-DhcpServerv4OptionValue' ($At + @{ OptionId = $OptionId }) }
  Set-DhcpServerv4OptionValue @At -OptionId $OptionId -Value $Value -Force
}

foreach ($one in Get-DhcpServerv4OptionValue -ErrorAction SilentlyContinue) {
  if (60, 66, 67 -contains $one.OptionId) { Write-Warning "Option $($one.OptionId) of the server is $($one.Value): clients that the lab tells nothing else are told that." }
}
if (Get-DhcpServerv4Policy -ErrorAction SilentlyContinue) { Write-Warning 'The server has policies of its own: their options reach clients of these scopes too.' }
`

const undoScript = `# PXE Lab: puts back what pxe-lab-dhcp.ps1 changed.
#Requires -Version 3.0
#Requires -RunAsAdministrator
#Requires -Modules DhcpServer
$ErrorActionPreference = 'Stop'
$ConfirmPreference = 'None'
$journal = Join-Path $PSScriptRoot '${journal}'
if (-not (Test-Path -LiteralPath $journal)) { throw "$journal is not there: nothing was changed, or it was put back already." }
$known = ${list(undoCommands.map((one) => `'${one}'`))}
$left = 0
foreach ($step in Import-Clixml -LiteralPath $journal) {
  if ($known -notcontains $step.Command) { throw "$($step.Command) is no step that pxe-lab-dhcp.ps1 writes." }
  $with = @{}
  foreach ($name in $step.With.Keys) { $with[$name] = $step.With[$name] }
  $command = $step.Command
  try { & $command @with }
  catch { $left++; Write-Warning "$($command): $_" }
}
if ($left -eq 0) { Remove-Item -LiteralPath $journal }
else { Write-Warning "$left steps could not be taken back, and $journal is kept." }
`

export function writePowershell(plan: ServicePlan): Exported {
  const windows = planOfWindows(plan, { hasPolicies: true })
  const notes = new Notes({ notes: windows.notes, lineOf: plan.lineOf })
  return {
    files: [
      { name: 'pxe-lab-dhcp.ps1', text: applyScript(windows) },
      { name: undoName, text: undoScript },
      ...wdsFiles(plan, notes),
    ],
    notes: notes.list,
  }
}

function applyScript({ definitions, classes, scopes }: WindowsPlan): string {
  const lines: string[] = []
  const variables = new Map<string, string>()
  const add = (line: string): void => void lines.push(`  ${line}`)
  for (const { code, name, type, isMultiValued } of definitions)
    add(`Use-Option ${code} ${powershellText(name)} '${type}' $${isMultiValued}`)
  for (const { kind, name, data } of classes) {
    const variable = `$class${variables.size + 1}`
    variables.set(`${kind} ${data}`, variable)
    add(`${variable} = Use-Class '${kind}' ${powershellText(name)} ${powershellText(data)}`)
  }
  const value = (field: WindowsCriterion['field'], data: string): string => {
    if (field === 'VendorClass') return `(${variables.get(`Vendor ${data}`)!} + '*')`
    if (field === 'UserClass') return variables.get(`User ${data}`)!
    return `'${data}${isPrefixField(field) && data.length < 12 ? '*' : ''}'`
  }
  const criterion = ({ field, equal, unequal }: WindowsCriterion): string => {
    const of = (comparator: 'EQ' | 'NE', values: readonly string[]): string[] => (values.length === 0 ? [] : [`'${comparator}'`, ...values.map((one) => value(field, one))]) // prettier-ignore
    return `${field} = ${list([...of('EQ', equal), ...of('NE', unequal)])}`
  }
  const set = (at: string, options: readonly WindowsOption[]): void => {
    for (const { code, values } of options) add(`Set-Option @{ ${at} } ${code} ${list(values.map(powershellText))}`)
  }
  for (const [index, scope] of scopes.entries()) {
    const id = `'${formatIpv4(scope.network.address)}'`
    const isNew = `$new${index + 1}`
    lines.push('', `  # ${asciiComment(scope.key)}`)
    add(`${isNew} = Use-Scope ${id} 'PXE Lab ${formatIpv4(scope.network.address)}' '${dottedMask(scope.network.prefixLength)}' '${formatIpv4(scope.range.start)}' '${formatIpv4(scope.range.end)}' ${scope.leaseSeconds}`) // prettier-ignore
    if (scope.exclusions.length > 0) {
      add(`if (${isNew}) {`)
      for (const { start, end } of scope.exclusions) add(`  Add-DhcpServerv4ExclusionRange -ScopeId ${id} -StartRange '${formatIpv4(start)}' -EndRange '${formatIpv4(end)}'`) // prettier-ignore
      add('}')
    }
    set(`ScopeId = ${id}`, scope.options)
    for (const { name, comment, criteria, options, ranges } of scope.policies) {
      add(`# ${asciiComment(comment)}`)
      add(`Add-Policy ${id} '${name}' @{ ${criteria.map(criterion).join('; ')} }`)
      for (const { start, end } of ranges) add(`Add-DhcpServerv4PolicyIPRange -ScopeId ${id} -Name '${name}' -StartRange '${formatIpv4(start)}' -EndRange '${formatIpv4(end)}'`) // prettier-ignore
      set(`ScopeId = ${id}; PolicyName = '${name}'`, options)
    }
    for (const { key, address, clientId, name, options } of scope.reservations) {
      add(`# ${asciiComment(key)}`)
      add(`Use-Reservation ${id} '${formatIpv4(address)}' '${clientId}' ${powershellText(name)}`)
      set(`ReservedIP = '${formatIpv4(address)}'`, options)
    }
    add(`if (${isNew}) { Set-DhcpServerv4Scope -ScopeId ${id} -State Active }`)
  }
  return [
    '# PXE Lab: sets up the DHCP server of this Windows Server (2012 or later) as in the lab.',
    `# Run it as an administrator in a folder that keeps ${journal}; ${undoName} puts back what was there.`,
    prelude,
    'try {',
    ...lines,
    '}',
    'catch {',
    `  Write-Warning 'The script stopped. ${undoName} puts back what it changed so far.'`,
    '  throw',
    '}',
    `Write-Output 'Done. Run ${undoName} to put back what was there.'`,
    '',
  ].join('\n')
}
