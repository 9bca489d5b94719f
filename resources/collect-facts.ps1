<#
.SYNOPSIS
Writes the facts of this server that `pxe-lab doctor --facts FILE` judges on another machine.
.DESCRIPTION
Reads only, needs nothing but Windows PowerShell 5.1, and keeps what each tool printed. As administrator it learns more.
Look through the file before you hand it on: it names addresses, services and firewall rules of this server.
.EXAMPLE
powershell -ExecutionPolicy Bypass -File collect-facts.ps1 -Output facts.json
#>
param([string] $Output = 'facts.json')

$sources = [ordered]@{}

function Add-Source {
    param(
        [string] $Name,
        [string] $Program,
        [Parameter(ValueFromRemainingArguments = $true)] [string[]] $Values
    )
    $source = [ordered]@{ command = (@($Program) + $Values) -join ' '; output = '' }
    try {
        $source.output = (& $Program @Values 2>&1 | Out-String -Width 8192)
        if ($LASTEXITCODE -ne 0) { $source.problem = "$Program ended with $LASTEXITCODE" }
    } catch {
        $source.problem = "$Program could not be run: $($_.Exception.Message)"
    }
    $sources[$Name] = $source
}

function Add-Lines {
    param([string] $Name, [scriptblock] $Script)
    $source = [ordered]@{ command = $Script.ToString().Trim(); output = '' }
    try {
        $source.output = (@(& $Script) -join "`n")
    } catch {
        $source.problem = $_.Exception.Message
    }
    $sources[$Name] = $source
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
Add-Source 'dhcp-options' 'netsh.exe' 'dhcp' 'server' 'dump'
Add-Source 'dhcp-authorised' 'netsh.exe' 'dhcp' 'show' 'server'
Add-Source 'wdsutil' 'wdsutil.exe' '/Get-Server' '/Show:Config'
Add-Source 'tcpip' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters'
Add-Source 'firewall-rules' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules'
Add-Source 'firewall-DomainProfile' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\DomainProfile' '/v' 'EnableFirewall'
Add-Source 'firewall-StandardProfile' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\StandardProfile' '/v' 'EnableFirewall'
Add-Source 'firewall-PublicProfile' 'reg.exe' 'query' 'HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\PublicProfile' '/v' 'EnableFirewall'

Add-Lines 'interfaces' {
    foreach ($one in Get-NetIPAddress -AddressFamily IPv4 -ErrorAction Stop) {
        $mtu = (Get-NetIPInterface -InterfaceIndex $one.InterfaceIndex -AddressFamily IPv4 -ErrorAction SilentlyContinue).NlMtu
        $mac = (Get-NetAdapter -InterfaceIndex $one.InterfaceIndex -ErrorAction SilentlyContinue).MacAddress
        "$($one.InterfaceAlias)|$($one.IPAddress)|$($one.PrefixLength)|$mtu|$mac"
    }
}

Add-Lines 'udp-since' {
    foreach ($one in Get-NetUDPEndpoint -ErrorAction Stop) {
        "$($one.LocalPort)|$($one.OwningProcess)|$($one.CreationTime.ToFileTimeUtc())"
    }
}

if (Get-Command Get-DhcpServerv4Policy -ErrorAction SilentlyContinue) {
    Add-Lines 'dhcp-policies' {
        foreach ($policy in Get-DhcpServerv4Policy -ErrorAction Stop) {
            foreach ($value in Get-DhcpServerv4OptionValue -PolicyName $policy.Name -ErrorAction SilentlyContinue) {
                "$($policy.Name)|$($value.OptionId)|$($value.Value -join ',')"
            }
        }
        foreach ($scope in Get-DhcpServerv4Scope -ErrorAction Stop) {
            foreach ($policy in Get-DhcpServerv4Policy -ScopeId $scope.ScopeId -ErrorAction SilentlyContinue) {
                foreach ($value in Get-DhcpServerv4OptionValue -ScopeId $scope.ScopeId -PolicyName $policy.Name -ErrorAction SilentlyContinue) {
                    "$($policy.Name)|$($value.OptionId)|$($value.Value -join ',')"
                }
            }
        }
    }
}

$facts = [ordered]@{
    version     = 1
    collectedAt = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    host        = $env:COMPUTERNAME
    system      = 'windows'
    sources     = $sources
}
$path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Output)
[IO.File]::WriteAllText($path, ($facts | ConvertTo-Json -Depth 5))
Write-Output "Written: $path"
