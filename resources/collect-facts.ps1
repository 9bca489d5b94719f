<#
.SYNOPSIS
Writes the facts of this server that `pxe-lab doctor --facts FILE` judges on another machine.
.DESCRIPTION
Reads only, needs nothing but Windows PowerShell 5.1, and keeps what each tool printed. As administrator it learns more.
Ctrl-C ends it at any time; nothing is written before everything is read. A DHCP server with many scopes takes minutes.
Look through the file before you hand it on: it names addresses, services and firewall rules of this server.
.EXAMPLE
powershell -ExecutionPolicy Bypass -File collect-facts.ps1 -Output facts.json
#>
param([string] $Output = 'facts.json')

$ErrorActionPreference = 'Stop'
$sources = [ordered]@{}
$activity = 'Reading the facts of this server'

# Windows itself says where it is. A 32-bit PowerShell has other programs and keys under the usual names: the real ones
# are in Sysnative and in the 64-bit part of the registry.
$windows = [Environment]::GetFolderPath('Windows')
$is32On64 = [Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess
$folder = if ($is32On64) { "$windows\Sysnative" } else { "$windows\System32" }

# Console programs write in the code page of the system, in whatever window this runs.
$encoding = [Console]::OutputEncoding
try {
    $page = (Get-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Control\Nls\CodePage').OEMCP
    $encoding = [Text.Encoding]::GetEncoding([int] $page)
} catch {
    Write-Warning "The code page of the system is not known ($($_.Exception.Message)): letters may be wrong."
}

function Add-Source {
    param(
        [string] $Name,
        [string] $Program,
        [Parameter(ValueFromRemainingArguments = $true)] [string[]] $Values
    )
    Write-Progress -Activity $activity -Status "$Program $Values"
    # The settings of a DHCP server are as long as it has scopes and reservations.
    $seconds = if ($Name -eq 'dhcp-options') { 1800 } else { 60 }
    $all = if ($Program -eq 'reg.exe' -and $is32On64) { $Values + '/reg:64' } else { $Values }
    $source = [ordered]@{ command = (@($Program) + $all) -join ' '; output = '' }
    $sources[$Name] = $source
    $process = $null
    try {
        $start = New-Object -TypeName Diagnostics.ProcessStartInfo
        $start.FileName = "$folder\$Program"
        $start.Arguments = @($all | ForEach-Object { if ($_ -match '\s') { '"' + $_ + '"' } else { $_ } }) -join ' '
        $start.WorkingDirectory = $folder
        $start.UseShellExecute = $false
        $start.CreateNoWindow = $true
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $start.StandardOutputEncoding = $encoding
        $start.StandardErrorEncoding = $encoding
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $told = $process.StandardOutput.ReadToEndAsync()
        $complained = $process.StandardError.ReadToEndAsync()
        $both = [Threading.Tasks.Task[]] @($told, $complained)
        if ([Threading.Tasks.Task]::WaitAll($both, $seconds * 1000)) {
            $source.output = $told.Result + $complained.Result
            if (-not $process.WaitForExit(5000)) {
                $source.problem = "$Program does not end"
                $process.Kill()
            } elseif ($process.ExitCode -ne 0) {
                $source.problem = "$Program ended with $($process.ExitCode)"
            }
        } else {
            $source.problem = "$Program did not end within $seconds s"
            $process.Kill()
            # What it had printed; a program that it started may hold its channels open for ever.
            if ($told.Wait(2000)) { $source.output = $told.Result }
        }
    } catch {
        $source.problem = "$Program could not be run: $($_.Exception.Message)"
    } finally {
        if ($null -ne $process) { $process.Dispose() }
    }
}

# In a PowerShell of its own: one that hangs can be left.
function Add-Lines {
    param([string] $Name, [scriptblock] $Script)
    Write-Progress -Activity $activity -Status $Name
    $seconds = if ($Name -eq 'dhcp-rules') { 600 } else { 60 }
    $source = [ordered]@{ command = $Script.ToString().Trim(); output = '' }
    $sources[$Name] = $source
    $shell = $null
    try {
        $shell = [PowerShell]::Create().AddScript($Script.ToString())
        $lines = New-Object -TypeName 'Management.Automation.PSDataCollection[PSObject]'
        $nothing = New-Object -TypeName 'Management.Automation.PSDataCollection[PSObject]'
        $nothing.Complete()
        $running = $shell.BeginInvoke($nothing, $lines)
        if ($running.AsyncWaitHandle.WaitOne($seconds * 1000)) {
            $null = $shell.EndInvoke($running)
        } else {
            $source.problem = "it did not end within $seconds s"
            $null = $shell.BeginStop($null, $null)
        }
    } catch {
        $source.problem = $_.Exception.Message
    }
    # Not enumerated: that would wait for the end of one that hangs.
    if ($null -ne $lines) { $source.output = @($lines.ReadAll() | ForEach-Object { [string] $_ }) -join "`n" }
    if ($null -eq $source.problem -and $shell.Streams.Error.Count -gt 0) {
        $source.problem = [string] $shell.Streams.Error[0]
    }
}

Add-Source 'udp' 'netstat.exe' '-ano'
Add-Source 'processes' 'tasklist.exe' '/svc' '/fo' 'csv' '/nh'
Add-Source 'groups' 'whoami.exe' '/groups'
Add-Source 'service-DHCPServer' 'sc.exe' 'query' 'DHCPServer'
Add-Source 'service-WDSServer' 'sc.exe' 'query' 'WDSServer'
Add-Source 'service-SccmPxe' 'sc.exe' 'query' 'SccmPxe'
Add-Source 'service-DNS' 'sc.exe' 'query' 'DNS'
Add-Source 'service-SharedAccess' 'sc.exe' 'query' 'SharedAccess'
Add-Source 'start-DHCPServer' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\DHCPServer'
Add-Source 'start-WDSServer' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer'
Add-Source 'start-SccmPxe' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SccmPxe'
Add-Source 'start-DNS' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\DNS'
Add-Source 'start-SharedAccess' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess'
Add-Source 'registry-wdspxe' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE'
Add-Source 'registry-wdstftp' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSTFTP'
Add-Source 'registry-wds' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Parameters'
Add-Source 'registry-dp' 'reg.exe' 'query' 'HKLM\SOFTWARE\Microsoft\SMS\DP'
Add-Source 'registry-unattend' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WdsImgSrv\Unattend'
Add-Source 'registry-sms' 'reg.exe' 'query' 'HKLM\SOFTWARE\Microsoft\SMS\Security'
Add-Source 'registry-binlsvc' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers\BINLSVC'
Add-Source 'registry-dhcp' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\DHCPServer\Parameters'
Add-Source 'wdspxe-providers' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE\Providers'
Add-Source 'dhcp-options' 'netsh.exe' 'dhcp' 'server' 'dump'
Add-Source 'events-wds' 'wevtutil.exe' 'qe' 'Application' '/q:*[System[EventID=257 or EventID=258 or EventID=259 or EventID=264 or EventID=265 or EventID=266 or EventID=268 or EventID=512 or EventID=513 or EventID=770 or EventID=771 or EventID=772 or EventID=774 or EventID=777 or EventID=1803]]' '/c:60' '/rd:true' '/f:XML'
Add-Source 'events-dhcp' 'wevtutil.exe' 'qe' 'System' '/q:*[System[EventID=1007 or EventID=1008 or EventID=1041 or EventID=1043 or EventID=1044 or EventID=1045 or EventID=1046 or EventID=1047 or EventID=1048 or EventID=1049 or EventID=1050 or EventID=1051 or EventID=1052 or EventID=1059]]' '/c:60' '/rd:true' '/f:XML'
Add-Source 'dhcp-authorised' 'netsh.exe' 'dhcp' 'show' 'server'
Add-Source 'wdsutil' 'wdsutil.exe' '/Get-Server' '/Show:Config'
Add-Source 'tcpip' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters'
Add-Source 'firewall-rules' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules'
Add-Source 'firewall-policy' 'reg.exe' 'query' 'HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall' '/s'
Add-Source 'firewall-DomainProfile' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile'
Add-Source 'firewall-StandardProfile' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile'
Add-Source 'firewall-PublicProfile' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile'
Add-Source 'excluded-ports' 'netsh.exe' 'interface' 'ipv4' 'show' 'excludedportrange' 'protocol=udp'

# Of several addresses, ports or policies one that cannot be read takes none of the others with it: its error is the
# problem, and the lines of the others stand.
Add-Lines 'interfaces' {
    foreach ($one in NetTCPIP\Get-NetIPAddress -AddressFamily IPv4) {
        $mtu = (NetTCPIP\Get-NetIPInterface -InterfaceIndex $one.InterfaceIndex -AddressFamily IPv4 -ErrorAction SilentlyContinue).NlMtu
        $mac = (NetAdapter\Get-NetAdapter -InterfaceIndex $one.InterfaceIndex -ErrorAction SilentlyContinue).MacAddress
        "$($one.InterfaceAlias)|$($one.IPAddress)|$($one.PrefixLength)|$mtu|$mac"
    }
}

Add-Lines 'network-profiles' {
    foreach ($one in NetConnection\Get-NetConnectionProfile) { "$($one.InterfaceAlias)|$($one.NetworkCategory)" }
}

Add-Lines 'udp-since' {
    foreach ($one in NetTCPIP\Get-NetUDPEndpoint) {
        # Windows does not know of every one when it was opened.
        if ($null -ne $one.CreationTime) {
            "$($one.LocalPort)|$($one.OwningProcess)|$($one.CreationTime.ToFileTimeUtc())"
        }
    }
}

Add-Lines 'server' {
    if (Get-Command -Name Get-DhcpServerv4Failover -ErrorAction SilentlyContinue) {
        foreach ($one in DhcpServer\Get-DhcpServerv4Failover -ErrorAction SilentlyContinue) {
            "F|$($one.PartnerServer)|$($one.Mode)|$($one.State)|$($one.ScopeId -join ',')|$($one.Name)"
        }
    }
    if (Get-Command -Name Get-WindowsFeature -ErrorAction SilentlyContinue) {
        foreach ($one in ServerManager\Get-WindowsFeature -Name 'WDS*', 'DHCP', 'Web-Server') {
            if ($one.Installed) { "R|$($one.Name)" }
        }
    }
    $kits = Get-ItemProperty -Path 'HKLM:\SOFTWARE\WOW6432Node\Microsoft\Windows Kits\Installed Roots' -ErrorAction SilentlyContinue
    if ($kits.KitsRoot10) { 'R|ADK' }
    "Q|$(Test-Path -Path 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending')"
    foreach ($one in Get-ChildItem -Path 'Cert:\LocalMachine\SMS' -ErrorAction SilentlyContinue) {
        "X|$($one.NotAfter.ToFileTimeUtc())|$($one.Subject)"
    }
    $root = (Get-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSTFTP' -ErrorAction SilentlyContinue).RootFolder
    if ($root) {
        $folders = 'Boot', 'SMSBoot', 'SMSImages' | ForEach-Object { Join-Path -Path $root -ChildPath $_ }
        foreach ($one in Get-ChildItem -Path $folders -Recurse -File -Include '*.efi', '*.com', '*.n12', '*.sdi', '*.wim' -ErrorAction SilentlyContinue) {
            $issuers = @()
            if ($one.Extension -eq '.efi') {
                # Each entry of a program's table of certificates is a signature of its own; Get-AuthenticodeSignature tells of the first.
                try {
                    Add-Type -AssemblyName System.Security
                    $bytes = [IO.File]::ReadAllBytes($one.FullName)
                    $header = [BitConverter]::ToInt32($bytes, 60) + 24
                    $entry = if ([BitConverter]::ToUInt16($bytes, $header) -eq 523) { $header + 144 } else { $header + 128 }
                    $at = [BitConverter]::ToInt32($bytes, $entry)
                    $end = $at + [BitConverter]::ToInt32($bytes, $entry + 4)
                    while ($at -gt 0 -and $at + 8 -lt $end) {
                        $length = [BitConverter]::ToInt32($bytes, $at)
                        if ($length -lt 9) { break }
                        $signed = New-Object -TypeName Security.Cryptography.Pkcs.SignedCms
                        $signed.Decode([byte[]] $bytes[($at + 8)..($at + $length - 1)])
                        $issuers += $signed.SignerInfos[0].Certificate.Issuer
                        $at += $length + (8 - $length % 8) % 8
                    }
                } catch { $issuers = @() }
                if ($issuers.Length -eq 0) { $issuers += (Get-AuthenticodeSignature -LiteralPath $one.FullName).SignerCertificate.Issuer }
            }
            "B|$($one.Length)|$($one.VersionInfo.ProductVersion)|$($issuers -join ';')|$($one.FullName.Substring($root.TrimEnd('\').Length + 1))"
        }
    }
}

if (Get-Command -Name Get-DhcpServerv4Policy -ErrorAction SilentlyContinue) {
    Add-Lines 'dhcp-rules' {
        foreach ($class in DhcpServer\Get-DhcpServerv4Class) {
            "K|$($class.Type)|$($class.AsciiData)|$($class.Name)"
        }
        $policies = @(DhcpServer\Get-DhcpServerv4Policy)
        foreach ($scope in DhcpServer\Get-DhcpServerv4Scope) {
            $policies += @(DhcpServer\Get-DhcpServerv4Policy -ScopeId $scope.ScopeId -ErrorAction SilentlyContinue)
        }
        foreach ($policy in $policies) {
            $id = [string] $policy.ScopeId
            "P|$id|$($policy.ProcessingOrder)|$($policy.Enabled)|$($policy.Condition)|$($policy.Name)"
            foreach ($property in $policy.CimInstanceProperties) {
                if ($property.Value -is [array]) { "C|$id|$($property.Name)|$($property.Value -join ',')|$($policy.Name)" }
            }
            $asked = @{ PolicyName = $policy.Name }
            if ($id -and $id -ne '0.0.0.0') { $asked.ScopeId = $id }
            foreach ($value in DhcpServer\Get-DhcpServerv4OptionValue @asked -ErrorAction SilentlyContinue) {
                "O|$id|$($value.OptionId)|$($value.Value -join ',')|$($policy.Name)"
            }
        }
    }
}
Write-Progress -Activity $activity -Completed

$facts = [ordered]@{
    version     = 2
    collectedAt = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
    host        = [Environment]::MachineName
    system      = 'windows'
    sources     = $sources
}
try {
    # .NET has a current folder of its own: only PowerShell knows what a path without a drive, or with another, means here.
    $provider = $null
    $drive = $null
    $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Output, [ref] $provider, [ref] $drive)
    if ($provider.Name -ne 'FileSystem') { throw 'it is no path of a file. Change to a folder, or write it with its drive' }
    [IO.File]::WriteAllText($path, ($facts | ConvertTo-Json -Depth 5), (New-Object -TypeName Text.UTF8Encoding -ArgumentList $false))
} catch {
    [Console]::Error.WriteLine("-Output ${Output}: nothing was written: $($_.Exception.Message). Name a file in a folder you may write to.")
    exit 1
}
Write-Output "Written: $path"
