# psn for fish. psn completion fish > ~/.config/fish/completions/psn.fish
function __psn_completion
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command psn completion fish -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
    end
    for line in $lines[2..-1]
        string replace ' ' \t -- $line
    end
end
complete -c psn -f -k -a '(__psn_completion)'
