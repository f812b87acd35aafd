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
