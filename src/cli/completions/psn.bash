# psn for bash, 3.2 or later. In ~/.bashrc: eval "$(psn completion bash)"
_psn_completion() {
  local rest=${COMP_LINE:0:COMP_POINT} word='' blank index kind='' offer help
  local -a words=()
  # Bash divides words at = @ and : as well; what no blank divides is one.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    blank=${rest%%[![:space:]]*}
    rest=${rest#"$blank"}
    word=${COMP_WORDS[index]}
    if ((index == COMP_CWORD)); then word=$rest; fi
    if ((index == 0)) || [[ -n $blank ]]; then
      words+=("$word")
    else
      words[${#words[@]} - 1]+=$word
    fi
    rest=${rest#"$word"}
  done
  # Only what follows the last such sign is replaced, and an @ with it.
  if [[ -n $word && $word != *[!=@:]* ]]; then word=''; fi
  local whole=${words[${#words[@]} - 1]}
  local cut=${whole%"$word"}
  cut=${cut%@}
  COMPREPLY=()
  while read -r offer help; do
    if [[ -z $kind ]]; then kind=$offer; else COMPREPLY+=("${offer#"$cut"}"); fi
  done < <(command psn completion bash -- "${words[@]:1}" 2>/dev/null </dev/null)
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
  esac
  compopt -o nosort 2>/dev/null
  return 0
}
complete -F _psn_completion psn
