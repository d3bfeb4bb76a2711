# psn for PowerShell. In $PROFILE: psn completion powershell | Out-String | Invoke-Expression
# Written after PowerShell's documentation; no PowerShell has run it in the tests yet.
Register-ArgumentCompleter -Native -CommandName psn -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $program = Get-Command psn -CommandType Application -TotalCount 1 -ErrorAction SilentlyContinue
  if (-not $program) { return }
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text.Trim("'", '"') })
  $lines = @($null | & $program completion powershell -- @words ".$wordToComplete" 2>$null)
  $lines | Select-Object -Skip 1 | ForEach-Object {
    $word, $help = $_ -split ' ', 2
    if (-not $help) { $help = $word }
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $help)
  }
}
