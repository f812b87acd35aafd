"""The scripts. Each asks the program what fits; exit code 100 means names of files."""

_BASH = r"""
_eleven_completion() {
    local IFS=' ' answer word
    COMPREPLY=()
    answer=$(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        env COMP_WORDS="${COMP_WORDS[*]}" _ELEVEN_COMPLETE=complete_bash "$1" 2>/dev/null)
    if [ $? -eq 100 ]; then
        compopt -o default 2>/dev/null ||
            while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
        return 0
    fi
    while IFS= read -r word; do
        [ -z "$word" ] || COMPREPLY+=("$word")
    done <<<"$answer"
    return 0
}

complete -F _eleven_completion eleven
"""

_ZSH = r"""
#compdef eleven

_eleven() {
  local answer code inline
  local -a offered
  answer="$(_ELEVEN_COMPLETE=list_zsh "${(Q)words[1]}" "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)"
  code=$?
  if [[ $PREFIX == --*=* ]]; then
    compset -P '*='
    inline=${IPREFIX}
  fi
  if (( code == 100 )); then
    _files
    return
  fi
  offered=("${(@f)answer}")
  offered=("${(@)offered#$inline}")
  compadd -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -- "${(@)offered:#}"
}

if [[ $funcstack[1] == _eleven ]]; then
  _eleven "$@"
else
  compdef _eleven eleven
fi
"""

_FISH = r"""
function __eleven_completion
    set -l offered (env _ELEVEN_COMPLETE=complete_fish _TYPER_COMPLETE_ARGS=(commandline -cp | string collect) eleven 2>/dev/null)
    if test $status -eq 100
        set -l word (commandline -ct)
        set -l inline (string match -r -- '^--[a-z-]+=' $word)
        for file in (__fish_complete_path (string replace -r -- '^--[a-z-]+=' '' $word))
            printf '%s\n' "$inline$file"
        end
    else
        printf '%s\n' $offered
    end
end

complete --command eleven --no-files --arguments '(__eleven_completion)'
"""  # noqa: E501

_POWERSHELL = r"""
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
"""

SCRIPTS = {"bash": _BASH[1:], "zsh": _ZSH[1:], "fish": _FISH[1:], "powershell": _POWERSHELL[1:]}
