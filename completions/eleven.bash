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
