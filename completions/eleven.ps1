Register-ArgumentCompleter -Native -CommandName eleven -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $length = [Math]::Max(0, $cursorPosition - $commandAst.Extent.StartOffset)
    $line = $commandAst.ToString().PadRight($length).Substring(0, $length)
    try {
        $Env:_ELEVEN_COMPLETE = "complete_powershell"
        $Env:_TYPER_COMPLETE_ARGS = $line
        $offered = @(eleven 2>$null)
    } finally {
        Remove-Item Env:_ELEVEN_COMPLETE, Env:_TYPER_COMPLETE_ARGS -ErrorAction SilentlyContinue
    }
    $offered | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
